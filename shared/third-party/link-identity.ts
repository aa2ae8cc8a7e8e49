import type { LinkDeps } from '../account/link-accounts.ts';
import { linkRefused, linkToSession, type LinkToSessionDeps } from '../account/link-to-session.ts';
import { isSatisfied } from '../account/planned-link.ts';
import type { Tenant } from '../account/tenant.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { SessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { Identity } from './identity.ts';
import { accountFor } from './new-account.ts';
import type { Provider } from './presets.ts';

export type Known = { readonly user: User; readonly method: LoginMethod };

/** The account that has an identity. */
export async function knownAs(
  { subject }: Identity,
  { thirdPartyId }: Provider,
  { tenantId }: Tenant,
  { users }: Pick<LinkDeps, 'users'>,
): Promise<Known | undefined> {
  const found = await users.byContact('thirdparty', tenantId, `${thirdPartyId}|${subject}`);
  const user = found === undefined ? undefined : await users.load(found.userId);
  const method = user?.loginMethods.find(
    ({ thirdParty }) => thirdParty?.id === thirdPartyId && thirdParty.userId === subject,
  );
  return user === undefined || method === undefined ? undefined : { user, method };
}

const LINK_CODES = {
  unproven: 'ERR_CODE_020',
  methodTaken: 'ERR_CODE_021',
  addressTaken: 'ERR_CODE_022',
  ownTaken: 'ERR_CODE_023',
} as const;

/** Gives the session's account the identity that was just shown: the session goes on. @see wire.md §13 */
export async function linkIdentity(
  arrival: {
    readonly identity: Identity;
    readonly provider: Provider;
    readonly client: Client;
    readonly context: SessionContext;
  },
  deps: LinkDeps & LinkToSessionDeps,
) {
  const { identity, provider, client, context } = arrival;
  const { tenant } = context;
  const known = await knownAs(identity, provider, tenant, deps);
  const now = deps.clock.now();
  const { method } = known ?? accountFor({ identity, thirdPartyId: provider.thirdPartyId, tenant, now });
  const owner = known?.user;
  const satisfied =
    owner !== undefined &&
    (await isSatisfied({ user: owner, method, tenant, client, firstFactor: 'thirdparty' }, deps));
  const outcome = await linkToSession({ context, client, method, owner, satisfied, codes: LINK_CODES }, deps);
  return outcome.status === 'OK'
    ? outcome
    : ({ status: 'SIGN_IN_UP_NOT_ALLOWED', reason: linkRefused(outcome.code) } as const);
}
