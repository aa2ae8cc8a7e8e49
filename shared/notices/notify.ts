import { setTimeout as sleep } from 'node:timers/promises';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { languageFor } from '../delivery/language.ts';
import { pageUrl } from '../delivery/links.ts';
import type { Keyring, Log, Mailer } from '../ports.ts';
import type { Client } from '../session/client.ts';
import type { NoticeEvent } from './event.ts';
import { type Mark, protectionOf } from './marks.ts';
import { NOT_ME_SECONDS, notMeToken } from './not-me-token.ts';

export type { NoticeEvent } from './event.ts';

export interface NoticeDeps {
  readonly config: Pick<Config, 'APP_NAME' | 'PUBLIC_URL'>;
  readonly keys: Pick<Keyring, 'secrets'>;
  readonly mailer: Mailer;
  readonly log: Log;
}

/** A request waits this long for its notices and no longer; SES may still take what is under way. */
const PATIENCE_MS = 4_000;

/**
 * Tells the owner of an account what happened to it: one mail to each address that was theirs before.
 *
 * Never throws and never undoes anything: what happened has happened, and a mail that fails is a line in the log,
 * `notice.failed`. The audit event is the caller's, who knows the details.
 *
 * @param input.user as before the change, so that an address somebody just added learns nothing.
 * @param input.except an address that needs no word: the one the change was made with.
 * @see ASVS 5.0 V6.3.7
 */
export async function notify(
  input: {
    readonly user: User;
    readonly tenant: Tenant;
    readonly event: NoticeEvent;
    /** Epoch milliseconds. */
    readonly now: number;
    readonly client?: Client;
    readonly except?: string;
    /** In place of the usual "this was not me", which ends every session and asks for a new password: a way back. */
    readonly notMeLink?: string;
    /** What was added or switched: the usual link takes it back as well, while it is still there. */
    readonly told?: readonly Mark[] | undefined;
  },
  deps: NoticeDeps,
): Promise<void> {
  const { event, user, tenant } = input;
  const failed = (error: string) =>
    deps.log.error('notice.failed', { event, error, userId: user.userId, tenantId: tenant.tenantId });
  const patience = new AbortController();
  const sending = sendAll(input, deps, failed).catch((error: unknown) =>
    failed(error instanceof Error ? error.name : 'unknown'),
  );
  const waiting = sleep(PATIENCE_MS, 'late', { signal: patience.signal }).catch(() => undefined);
  if ((await Promise.race([sending, waiting])) === 'late') failed('late');
  patience.abort();
}

async function sendAll(
  { user, tenant, event, now, client, except, notMeLink, told }: Parameters<typeof notify>[0],
  { config, keys, mailer }: NoticeDeps,
  failed: (error: string) => void,
): Promise<void> {
  // Loaded with the first notice: most requests send none.
  const { noticeEmail } = await import('../delivery/mails.ts');
  const { addresses, isProven } = ownAddresses(user);
  const mail = noticeEmail({
    event,
    at: now,
    appName: config.APP_NAME,
    publicHost: new URL(config.PUBLIC_URL).host,
    tenant,
    language: languageFor({ user }),
    ip: client?.ip,
    notMeLink: notMeLink ?? (isProven ? await linkFor({ user, tenant, now, told }, { config, keys }) : undefined),
    user: { id: user.userId },
  });
  await Promise.all(
    addresses
      .filter((to) => to !== except)
      .map(async (to) => {
        const outcome = await mailer.send({ to, purpose: 'notice', ...mail });
        if (outcome !== 'sent') failed(outcome);
      }),
  );
}

/** To our own pages: a notice is nobody's answer, so no front end asked for it. */
async function linkFor(
  { user, tenant, now, told = [] }: Pick<Parameters<typeof notify>[0], 'user' | 'tenant' | 'now' | 'told'>,
  { config, keys }: Pick<NoticeDeps, 'config' | 'keys'>,
): Promise<string> {
  const { tenantId } = tenant;
  const about = {
    tenantId,
    userId: user.userId,
    epoch: user.epoch,
    expiresAt: now + NOT_ME_SECONDS * 1000,
    told,
    before: protectionOf(user),
  };
  const link = pageUrl('/not-me', { origin: undefined, tenant, publicUrl: config.PUBLIC_URL });
  link.search = new URLSearchParams({ token: notMeToken(await keys.secrets(), about), tenantId }).toString();
  return link.href;
}

/**
 * The proven ones; where none was ever proven, those the account was made with. Who reads the latter may be a stranger: they
 * are told, and can do nothing.
 */
function ownAddresses(user: User): { readonly addresses: readonly string[]; readonly isProven: boolean } {
  const methods = user.loginMethods.flatMap(({ email, verified }) =>
    email === undefined ? [] : [{ email, verified }],
  );
  const proven = methods.filter(({ verified }) => verified);
  const isProven = proven.length > 0;
  return { addresses: [...new Set((isProven ? proven : methods).map(({ email }) => email))], isProven };
}
