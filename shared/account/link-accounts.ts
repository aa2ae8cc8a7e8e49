import type { FactorId } from '../mfa/factor.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { LinkChange, LinkStore } from '../ports.ts';
import { unavailable } from '../protocol-error.ts';
import { addressOf, contactKindOf, contactOf, primaryKind } from './contact-kind.ts';
import { linked, linkMarks } from './link-audit.ts';
import { hasProven, linkDecision } from './linking.ts';
import { type Entry, type PlanDeps, plannedLink } from './planned-link.ts';
import type { Tenant } from './tenant.ts';
import type { LoginMethod, User } from './user.ts';

export type LinkDeps = NoticeDeps & PlanDeps & { readonly links: LinkStore };

const TRIES = 3;

/**
 * Links an account to the one of the same proven address, where the tenant has its accounts linked; no request is made
 * where it has not.
 *
 * The account that already holds the address stays, and the other's methods become its. Where nobody holds it, this
 * account does from now on. What cannot be linked stays as it is: the sign-in goes on.
 *
 * @returns the account to go on with: its policy decides what is asked next.
 */
export async function linkByAddress(
  entry: Entry & { readonly user: User; readonly firstFactor: FactorId },
  deps: LinkDeps,
  tries = TRIES,
): Promise<User> {
  const { user, tenant, client } = entry;
  const planned = await plannedLink(entry, deps);
  if (planned === undefined) return user;
  const { stays, method } = planned;
  const now = deps.clock.now();
  const outcome = await deps.links.apply({
    user: stays,
    ...(stays === user ? {} : { from: user }),
    primary: true,
    endsSessions: false,
    audit: linked(stays === user ? 'account.primary' : 'login-method.linked', {
      user: stays,
      method,
      tenant,
      now,
      from: user,
    }),
    now,
  });
  if (outcome === 'OK') {
    const told = linkMarks({ user: stays, from: user, now });
    if (stays !== user) await notify({ user: stays, tenant, event: 'login-method.linked', now, client, told }, deps);
    return reload(stays.userId, deps);
  }
  deps.log.info('link.refused', { tenantId: tenant.tenantId, outcome });
  if (outcome !== 'CHANGED' && outcome !== 'ADDRESS_TAKEN') return user;
  const again = await accountWith(method, tenant, deps);
  return tries > 1 ? linkByAddress({ ...entry, user: again }, deps, tries - 1) : again;
}

export type Joined =
  | { readonly status: 'JOINED'; readonly user: User }
  /** It gets an account of its own. */
  | { readonly status: 'ALONE' }
  | { readonly status: 'CODE_GONE' }
  /** Somebody changed something meanwhile; nothing was written. */
  | { readonly status: 'AGAIN' };

/**
 * Adds a method that nobody has to the account of the same proven address, if the tenant has its accounts linked and there
 * is one; no request is made where it has not.
 *
 * An account of that address which never proved it is taken over without what was in it: its password, its sessions, its
 * links and its other methods are gone before anybody is let in.
 *
 * @param entry.uses the code that proved the method: used up in the same transaction.
 */
export async function joinNew(entry: Entry & Pick<LinkChange, 'uses'>, deps: LinkDeps): Promise<Joined> {
  const { method, tenant, client } = entry;
  if (!tenant.accountLinking.automatic || !method.verified || addressOf(method) === '') return { status: 'ALONE' };
  const holder = await holderOf(entry, deps);
  const decision = linkDecision({ tenant, method, holder });
  if (holder === undefined || decision === 'stay') return { status: 'ALONE' };

  const now = deps.clock.now();
  const isAdopted = decision === 'adopt';
  const outcome = await deps.links.apply({
    user: holder,
    adds: [method],
    ...(isAdopted ? { removes: holder.loginMethods } : {}),
    primary: true,
    endsSessions: isAdopted,
    ...(entry.uses === undefined ? {} : { uses: entry.uses }),
    audit: linked(isAdopted ? 'account.adopted' : 'login-method.linked', { user: holder, method, tenant, now }),
    now,
  });
  switch (outcome) {
    case 'OK':
      await notify(
        {
          user: holder,
          tenant,
          event: 'login-method.linked',
          now,
          client,
          // An account that was adopted has nothing else left.
          told: isAdopted ? [] : linkMarks({ user: holder, method, now }),
        },
        deps,
      );
      return { status: 'JOINED', user: await reload(holder.userId, deps) };
    case 'CODE_GONE':
      return { status: 'CODE_GONE' };
    case 'CHANGED':
    case 'METHOD_TAKEN':
      return { status: 'AGAIN' };
    case 'OWN_ADDRESS_TAKEN':
    case 'ADDRESS_TAKEN':
    case 'TOO_MANY':
      deps.log.info('link.refused', { tenantId: tenant.tenantId, outcome });
      return { status: 'ALONE' };
  }
}

/** Of the accounts with the address: the primary one, else one that proved it, else any. */
async function holderOf({ method, tenant }: Entry, { users }: LinkDeps): Promise<User | undefined> {
  const kinds =
    method.phoneNumber === undefined
      ? (['primary:email', 'passwordless:email', 'emailpassword:email'] as const)
      : (['primary:phone', 'passwordless:phone'] as const);
  const address = addressOf(method);
  const found = await Promise.all(kinds.map((kind) => users.byContact(kind, tenant.tenantId, address)));
  const ids = new Set(found.flatMap((hit) => (hit === undefined ? [] : [hit.userId])));
  const holders = (await Promise.all([...ids].map((id) => users.load(id)))).filter((user) => user !== undefined);
  return holders.find((user) => hasProven(user, address)) ?? holders[0];
}

/** The address of a method is another account's among primary users, and linking would join the two. */
export async function belongsToAnother(
  { user, method, tenant }: { readonly user: User; readonly method: LoginMethod; readonly tenant: Tenant },
  { users }: Pick<LinkDeps, 'users'>,
): Promise<boolean> {
  if (!tenant.accountLinking.automatic || user.isPrimary || addressOf(method) === '') return false;
  const found = await users.byContact(primaryKind(method), tenant.tenantId, addressOf(method));
  return found !== undefined && found.userId !== user.userId;
}

/** Whom the method belongs to now. */
async function accountWith(method: LoginMethod, tenant: Tenant, deps: LinkDeps): Promise<User> {
  const found = await deps.users.byContact(contactKindOf(method), tenant.tenantId, contactOf(method));
  if (found === undefined) throw unavailable();
  return reload(found.userId, deps);
}

async function reload(userId: string, { users }: Pick<LinkDeps, 'users'>): Promise<User> {
  const user = await users.load(userId);
  if (user === undefined) throw unavailable();
  return user;
}
