import { maskContact } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { languageFor } from '../delivery/language.ts';
import { destinationBudget, userBudget, verifyPerIp } from '../limits.ts';
import { notify, type NoticeDeps } from '../notices/notify.ts';
import { belongsTo } from '../otp/code.ts';
import type { ConsumeDeps } from '../otp/complete-code.ts';
import { compareCode, type WrongCode } from '../otp/consume-code.ts';
import { NOT_NOW, RESTART, tooMany } from '../otp/consume-outcome.ts';
import type { Device } from '../otp/device.ts';
import type { AuditStore, ContactStore } from '../ports.ts';
import { reportWrongGuess } from '../second-factor/report-guess.ts';
import { type SessionContext, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import { factsOf } from '../session/facts.ts';
import { type IssuedTokens, reissueTokens } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { type ChangeKind, type Present, presentContact, withContact } from './contact-methods.ts';
import { linkTo } from './link-mail.ts';
import { LINK_SECONDS, type LinkToken, newToken } from './token.ts';

export type ConfirmDeps = Pick<ConsumeDeps, 'users' | 'codes' | 'budgets' | 'limits' | 'config'> &
  Parameters<typeof reissueTokens>[1] &
  NoticeDeps & { readonly contacts: ContactStore; readonly audit: AuditStore };

export type ConfirmOutcome =
  | {
      readonly status: 'OK';
      /** Not part of the body. */
      readonly tokens?: IssuedTokens;
    }
  | { readonly status: 'EMAIL_ALREADY_EXISTS_ERROR' | 'PHONE_NUMBER_ALREADY_EXISTS_ERROR' }
  | WrongCode;

type Input = {
  readonly session: Session;
  readonly tenant: Tenant;
  readonly client: Client;
  readonly requestId: string;
  readonly kind: ChangeKind;
  readonly deviceId: string;
  readonly preAuthSessionId: string;
  readonly userInputCode: string;
  readonly origin: string | undefined;
};

/**
 * The code was read at the new address: it takes the old one's place. Guesses are spent and compared as at sign-in.
 *
 * Every other session and every link of the user ends. A proven old contact can take everything back for 72 hours, and
 * is nobody else's so long.
 */
export async function confirmChange(input: Input, deps: ConfirmDeps): Promise<ConfirmOutcome> {
  const { session, tenant, client, kind } = input;
  if (!belongsTo(input.deviceId, input.preAuthSessionId)) return RESTART;
  const now = deps.clock.now();
  const [device, context, address] = await Promise.all([
    deps.codes.spendAttempt(tenant.tenantId, input.preAuthSessionId, session.handle, now),
    sessionContext(input, deps),
    deps.limits.spend(verifyPerIp(client.ip, deps.config.LIMIT_SCALE), now),
  ]);
  if (!address.allowed) return tooMany(address.retryAfterMs);
  const present = presentContact(context.user, session, kind);
  const factorId = kind === 'email' ? 'otp-email' : 'otp-phone';
  if (device?.purpose !== 'change' || device.factorId !== factorId || present === undefined) return RESTART;
  const { wrong, left } = await compareCode(device, input.userInputCode, now, deps);
  if (wrong !== undefined && left !== undefined) {
    await reportWrongGuess({ user: context.user, tenant, client, factor: factorId, left, now }, deps);
  }
  return wrong ?? move({ ...input, context, device, present, now }, deps);
}

type Proven = Input & {
  readonly context: SessionContext;
  readonly device: Device;
  readonly present: Present;
  readonly now: number;
};

async function move(proven: Proven, deps: ConfirmDeps): Promise<ConfirmOutcome> {
  const { context, device, present, kind, tenant, client, session, now } = proven;
  const { user } = context;
  const to = device.contact;
  const wayBack = newWayBack(proven);
  const outcome = await deps.contacts.change({
    user,
    ...present,
    kind,
    to,
    now,
    device,
    requestId: proven.requestId,
    handle: session.handle,
    budgets: [userBudget(device.tenantId, device.userId), destinationBudget(device)],
    ...(wayBack === undefined ? {} : { revert: wayBack.stored }),
  });
  if (outcome === 'CODE_GONE') return RESTART;
  if (outcome === 'CHANGED') return NOT_NOW;
  if (outcome === 'TAKEN') {
    return { status: kind === 'email' ? 'EMAIL_ALREADY_EXISTS_ERROR' : 'PHONE_NUMBER_ALREADY_EXISTS_ERROR' };
  }
  const details = { from: maskContact(kind, present.from), to: maskContact(kind, to) };
  await deps.audit.write({
    userId: user.userId,
    tenantId: tenant.tenantId,
    at: now,
    event: `${kind}.changed`,
    details,
  });
  await tellOwner({ ...proven, link: wayBack?.link, to: details.to }, deps);

  const after = withContact(user, kind, present, to);
  const { completed, payload } = session;
  const facts = await factsOf({ user: after, tenant, firstFactor: payload.firstFactor, completed, client }, deps);
  const tokens = await reissueTokens({ payload, user: after, tenant, facts, epoch: after.epoch, always: true }, deps);
  return { status: 'OK', ...(tokens === undefined ? {} : { tokens }) };
}

/**
 * A link that takes the change back. Only where a proven mailbox can get it, be it another one of the user's: the reader of
 * an address that was mistyped must not be given the account.
 */
function newWayBack({ context, present, kind, tenant, origin, now }: Proven) {
  if (provenAddresses(context.user).length === 0) return undefined;
  const { token, hash } = newToken();
  const stored: LinkToken = {
    tenantId: tenant.tenantId,
    hash,
    purpose: 'revert',
    userId: context.user.userId,
    recipeUserId: present.methods[0]?.recipeUserId ?? '',
    contact: present.from,
    changed: {
      kind,
      recipeUserIds: present.methods.map(({ recipeUserId }) => recipeUserId),
      ...(present.methods.some(({ verified }) => verified) ? {} : { unproven: true }),
    },
    createdAt: now,
    expiresAt: now + LINK_SECONDS.revert * 1000,
  };
  return { stored, link: (deps: ConfirmDeps) => linkTo('revert', { tenant, token, origin }, deps) };
}

const provenAddresses = ({ loginMethods }: User): readonly string[] =>
  loginMethods.flatMap(({ verified, email }) => (verified && email !== undefined ? [email] : []));

/** One word to every address from before, with the way back in it for those that are proven. */
async function tellOwner(
  about: Proven & { readonly link: ((deps: ConfirmDeps) => string) | undefined; readonly to: string },
  deps: ConfirmDeps,
): Promise<void> {
  const { context, present, kind, tenant, client, now, to } = about;
  const { user } = context;
  const link = about.link?.(deps);
  const back = link === undefined ? {} : { notMeLink: link };
  const event = `${kind}.changed` as const;
  if (link === undefined || kind === 'phone' || !provenAddresses(user).includes(present.from)) {
    return notify({ user, tenant, event, now, client, ...back }, deps);
  }
  const { config, mailer, log } = deps;
  const { linkEmail } = await import('../delivery/mails.ts');
  const mail = linkEmail({
    kind: 'revert',
    link,
    lifeSeconds: LINK_SECONDS.revert,
    contact: to,
    ip: client.ip,
    appName: config.APP_NAME,
    publicHost: new URL(config.PUBLIC_URL).host,
    tenant,
    language: languageFor({ user }),
    user: { id: user.userId },
  });
  const [outcome] = await Promise.all([
    mailer.send({ to: present.from, purpose: 'notice', ...mail }),
    notify({ user, tenant, event, now, client, except: present.from, ...back }, deps),
  ]);
  if (outcome === 'sent') return;
  log.error('notice.failed', {
    event,
    error: outcome,
    userId: user.userId,
    tenantId: tenant.tenantId,
  });
}
