import { mayEnter, tooMany } from '../account/sign-in.ts';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { redeemPerIp } from '../limits.ts';
import { notify, type NoticeDeps } from '../notices/notify.ts';
import type { AuditStore, Clock, ContactStore, LimitStore, TokenStore, UserStore } from '../ports.ts';
import { unavailable } from '../protocol-error.ts';
import type { Client } from '../session/client.ts';
import { fieldOf, type Present, withContact } from './contact-methods.ts';
import { type LinkToken, tokenHash } from './token.ts';

export type RevertDeps = NoticeDeps & {
  readonly config: Pick<Config, 'LIMIT_SCALE'>;
  readonly clock: Clock;
  readonly users: Pick<UserStore, 'load'>;
  readonly limits: Pick<LimitStore, 'spend'>;
  readonly tokens: Pick<TokenStore, 'find'>;
  readonly contacts: Pick<ContactStore, 'revert'>;
  readonly audit: AuditStore;
};

export type RevertOutcome =
  | { readonly status: 'OK' }
  | { readonly status: 'REVERT_INVALID_TOKEN_ERROR' }
  | ReturnType<typeof tooMany>;

const INVALID = { status: 'REVERT_INVALID_TOKEN_ERROR' } as const;

/**
 * "This was not me": brings the old contact back. All sessions and links end, and so does every newer way back, so that
 * nobody takes the account again; the password is good for nothing until its owner chooses another by mail.
 *
 * It begins no session.
 */
export async function revertChange(
  input: { readonly tenant: Tenant; readonly client: Client; readonly token: string },
  deps: RevertDeps,
): Promise<RevertOutcome> {
  const { tenant, client } = input;
  const now = deps.clock.now();
  const address = await deps.limits.spend(redeemPerIp(client.ip, deps.config.LIMIT_SCALE), now);
  if (!address.allowed) return tooMany(address);
  const token = await deps.tokens.find(tenant.tenantId, tokenHash(input.token));
  if (token?.changed === undefined || token.expiresAt <= now) return INVALID;
  const user = await deps.users.load(token.userId);
  const present = user === undefined ? undefined : changedContact(user, token);
  if (user === undefined || present === undefined || !mayEnter(user, tenant)) return INVALID;

  const { kind } = token.changed;
  const outcome = await deps.contacts.revert({ user, ...present, kind, to: token.contact, token, now });
  if (outcome === 'TOKEN_GONE') return INVALID;
  if (outcome === 'CHANGED') throw unavailable('the account was changed meanwhile, please try again');
  const { userId } = user;
  await deps.audit.write({ userId, tenantId: tenant.tenantId, at: now, event: `${kind}.reverted` });
  const restored = withContact(user, kind, present, token.contact, token.changed.unproven !== true);
  await notify({ user: restored, tenant, event: `${kind}.changed`, now, client }, deps);
  return { status: 'OK' };
}

/** What stands now in the login methods that were changed. */
function changedContact(user: User, { changed }: LinkToken): Present | undefined {
  const methods = user.loginMethods.filter(
    ({ recipeUserId }) => changed?.recipeUserIds.includes(recipeUserId) === true,
  );
  const from = changed === undefined ? undefined : methods[0]?.[fieldOf(changed.kind)];
  return from === undefined ? undefined : { from, methods };
}
