import type { Config } from '../config.ts';
import { existsPerIp } from '../limits.ts';
import type { Clock, ContactKind, LimitStore, UserStore } from '../ports.ts';
import { tooManyRequests } from '../protocol-error.ts';
import { canonicalEmail, canonicalPhone } from './contact.ts';
import type { Tenant } from './tenant.ts';

export interface ExistsDeps {
  readonly users: Pick<UserStore, 'byContact'>;
  readonly limits: LimitStore;
  readonly clock: Clock;
  readonly config: Pick<Config, 'LIMIT_SCALE'>;
}

/**
 * Whether a contact has an account of a kind here. Throttled, all kinds together: it is an oracle by design of the FDI.
 * What is no contact has none, and with `strictEnumeration` nothing has.
 *
 * @throws 429 when asked too often.
 * @see FDI /emailpassword/email/exists, /passwordless/email/exists, /passwordless/phonenumber/exists
 */
export async function contactExists(
  input: { readonly tenant: Tenant; readonly kind: ContactKind; readonly contact: string; readonly ip: string },
  { users, limits, clock, config }: ExistsDeps,
): Promise<{ readonly status: 'OK'; readonly exists: boolean }> {
  const address = await limits.spend(existsPerIp(input.ip, config.LIMIT_SCALE), clock.now());
  if (!address.allowed) throw tooManyRequests(address.retryAfterMs);
  if (input.tenant.strictEnumeration) return { status: 'OK', exists: false };
  const value =
    input.kind === 'passwordless:phone' ? (await canonicalPhone(input.contact))?.number : canonicalEmail(input.contact);
  if (value === undefined) return { status: 'OK', exists: false };
  const found = await users.byContact(input.kind, input.tenant.tenantId, value);
  return { status: 'OK', exists: found !== undefined };
}
