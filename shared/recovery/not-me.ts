import { mayEnter, tooMany } from '../account/sign-in.ts';
import type { Tenant } from '../account/tenant.ts';
import type { Config } from '../config.ts';
import { redeemPerIp } from '../limits.ts';
import { readNotMe } from '../notices/not-me-token.ts';
import { undoOf } from '../notices/undo.ts';
import type { Clock, Keyring, LimitStore, PasswordStore, UserStore } from '../ports.ts';
import { unavailable } from '../protocol-error.ts';
import type { Client } from '../session/client.ts';

export interface NotMeDeps {
  readonly config: Pick<Config, 'LIMIT_SCALE'>;
  readonly clock: Clock;
  readonly keys: Pick<Keyring, 'secrets'>;
  readonly users: Pick<UserStore, 'load'>;
  readonly limits: Pick<LimitStore, 'spend'>;
  readonly passwords: Pick<PasswordStore, 'disown'>;
}

export type NotMeOutcome =
  | { readonly status: 'OK' }
  | { readonly status: 'NOT_ME_INVALID_TOKEN_ERROR' }
  | ReturnType<typeof tooMany>;

const INVALID = { status: 'NOT_ME_INVALID_TOKEN_ERROR' } as const;
/** Somebody else may be at work in the account at this very moment. */
const TRIES = 5;

/**
 * "This was not me", of a notice: ends every session and every link, forgets devices with them, takes passwords out of
 * use, so that the way in is a reset by mail, and takes back what the notice told of, where that is safe (see undoOf). A
 * way back to an earlier contact stays. Changes of the account since the notice do not weaken the link; a disowning does:
 * after it a link works only for what it can still take back.
 *
 * It begins no session, and tells nobody: it is the owner's own act, by a mail to an address of theirs.
 */
export async function notMe(
  input: { readonly tenant: Tenant; readonly client: Client; readonly token: string },
  deps: NotMeDeps,
): Promise<NotMeOutcome> {
  const { tenantId } = input.tenant;
  const now = deps.clock.now();
  const address = await deps.limits.spend(redeemPerIp(input.client.ip, deps.config.LIMIT_SCALE), now);
  if (!address.allowed) return tooMany(address);
  const about = readNotMe(await deps.keys.secrets(), tenantId, input.token);
  if (about === undefined || about.expiresAt <= now) return INVALID;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const user = await deps.users.load(about.userId);
    if (user === undefined || !mayEnter(user, input.tenant)) return INVALID;
    const outcome = await deps.passwords.disown({
      user,
      epoch: about.epoch,
      tenantId,
      undo: undoOf(user, input.tenant, about),
      now,
    });
    if (outcome === 'OK') return { status: 'OK' };
    if (outcome === 'TOKEN_GONE') return INVALID;
  }
  throw unavailable('the account was changed meanwhile, please try again');
}
