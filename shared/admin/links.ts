import { linked } from '../account/link-audit.ts';
import { mayBeEmptied } from '../account/linking.ts';
import type { User } from '../account/user.ts';
import type { LinkStore, UserStore } from '../ports.ts';
import { badRequest, notFound, ProtocolError, unavailable } from '../protocol-error.ts';
import { tell, type TellDeps } from './tell.ts';
import { adminView } from './users.ts';

type Deps = TellDeps & { readonly users: Pick<UserStore, 'load'>; readonly links: LinkStore };

async function mustLoad(userId: string, { users }: Deps): Promise<User> {
  const user = await users.load(userId);
  if (user === undefined) throw notFound('unknown user');
  return user;
}

const conflict = (message: string) => new ProtocolError(409, { message });

/**
 * Makes two accounts one: every way to sign in of `from` becomes the user's, with what `from` was required to do. The id,
 * roles and metadata of the user stay; those of `from`, and its sessions, end.
 *
 * The operator says that they are one person's: no address has to be proven. The proven addresses of both are told.
 */
export async function linkUsers(input: { readonly userId: string; readonly from: string }, deps: Deps) {
  if (input.userId === input.from) throw badRequest('a user cannot be linked to itself');
  const [user, from] = await Promise.all([mustLoad(input.userId, deps), mustLoad(input.from, deps)]);
  if (user.status !== 'active' || from.status !== 'active') throw conflict('one of the users is disabled');
  if (!mayBeEmptied(from, user)) {
    throw conflict(
      'the other user has authenticator apps, backup codes or tenants that cannot follow, or owes a factor',
    );
  }
  const now = deps.clock.now();
  const method = from.loginMethods[0];
  if (method === undefined) throw conflict('the other user has no login method');
  const tenant = { tenantId: user.tenantIds[0] ?? 'public' };
  const outcome = await deps.links.apply({
    user,
    from,
    primary: true,
    endsSessions: false,
    audit: linked('admin.login-methods-linked', { user, method, tenant, now, from }),
    now,
  });
  switch (outcome) {
    case 'OK':
      await tell({ ...user, loginMethods: [...user.loginMethods, ...from.loginMethods] }, 'login-method.linked', deps);
      return { status: 'OK' as const, user: adminView(await mustLoad(user.userId, deps)) };
    case 'OWN_ADDRESS_TAKEN':
    case 'ADDRESS_TAKEN':
      throw conflict('a third user, who is primary, has an address of one of them');
    case 'TOO_MANY':
      throw conflict('together they have more login methods than one transaction holds');
    case 'CHANGED':
    case 'CODE_GONE':
    case 'METHOD_TAKEN':
      throw unavailable('one of the users was changed meanwhile, please try again');
  }
}

/** Takes a way to sign in off an account; never its last. Every session of the user ends, and its
 * addresses are told, that of the method included. */
export async function unlinkMethod(input: { readonly userId: string; readonly recipeUserId: string }, deps: Deps) {
  const user = await mustLoad(input.userId, deps);
  const method = user.loginMethods.find(({ recipeUserId }) => recipeUserId === input.recipeUserId);
  if (method === undefined) throw notFound('unknown login method');
  if (user.loginMethods.length === 1) throw conflict('it is the last way to sign in: delete the user instead');
  const now = deps.clock.now();
  const outcome = await deps.links.apply({
    user,
    removes: [method],
    primary: false,
    endsSessions: true,
    audit: linked('admin.login-method-unlinked', {
      user,
      method,
      tenant: { tenantId: user.tenantIds[0] ?? 'public' },
      now,
    }),
    now,
  });
  if (outcome !== 'OK') throw unavailable('the user was changed or is disabled, please try again');
  await tell(user, 'login-method.unlinked', deps);
  return { status: 'OK' as const, user: adminView(await mustLoad(user.userId, deps)) };
}
