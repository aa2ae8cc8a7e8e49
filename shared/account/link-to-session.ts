import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { LinkStore } from '../ports.ts';
import { invalidClaim, unavailable } from '../protocol-error.ts';
import { owedClaim } from '../session/access-token.ts';
import { type ContextDeps, type SessionContext, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import { type IssueDeps, type IssuedTokens, renewEpoch } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { addressOf } from './contact-kind.ts';
import { requireFresh } from './factors.ts';
import { linked, linkMarks } from './link-audit.ts';
import { hasProven, mayBeEmptied } from './linking.ts';
import type { Tenant } from './tenant.ts';
import { type LoginMethod, type User, userView, type UserView } from './user.ts';

export type LinkToSessionDeps = ContextDeps & IssueDeps & NoticeDeps & { readonly links: LinkStore };

/** What refuses a link, in the FDI's numbers. @see wire.md §6.7 */
export interface LinkCodes {
  /** The address is not proven. */
  readonly unproven: string;
  /** The method is another account's, which cannot be joined. */
  readonly methodTaken: string;
  /** The address is another primary user's. */
  readonly addressTaken: string;
  /** One of the session user's own addresses is. */
  readonly ownTaken: string;
}

export type LinkedToSession =
  | {
      readonly status: 'OK';
      readonly createdNewRecipeUser: boolean;
      readonly user: UserView;
      /** Not part of the body. The same session: present when every other one ended. */
      readonly tokens?: IssuedTokens;
    }
  | { readonly status: 'REFUSED'; readonly code: string; readonly why: keyof LinkCodes };

export const linkRefused = (code: string): string =>
  `Cannot sign in / up due to security reasons. Please contact support. (${code})`;

/**
 * The session that wants to change what its account signs in with.
 *
 * @throws 403 `st-mfa` or `st-ev` unless everything the policy asks was done and, where the user has a second factor, one
 * was shown in the last 5 minutes.
 */
export async function linkingContext(
  about: { readonly session: Session; readonly tenant: Tenant; readonly client: Client },
  deps: ContextDeps,
): Promise<SessionContext> {
  const owed = owedClaim(about.session.payload);
  if (owed !== undefined) throw invalidClaim(owed.id, owed.reason);
  const context = await sessionContext(about, deps);
  requireFresh(context);
  return context;
}

/**
 * Gives the session's account one more way to sign in, which was just shown: the session goes on as it is.
 *
 * A method of an account of its own comes with that account's requirements, and that account ends; one of a primary
 * user's is never taken. Every other session of the user ends, unless the tenant says otherwise.
 *
 * @param about.owner the account that has the method; absent for a new one.
 * @see wire.md §13.2
 */
export async function linkToSession(
  about: {
    readonly context: SessionContext;
    readonly client: Client;
    readonly method: LoginMethod;
    readonly owner?: User | undefined;
    /** The policy lets the owner in with what was just shown. */
    readonly satisfied?: boolean;
    readonly codes: LinkCodes;
  },
  deps: LinkToSessionDeps,
): Promise<LinkedToSession> {
  const { context, client, owner, codes } = about;
  const { user, tenant, session } = context;
  if (owner?.userId === user.userId) return { status: 'OK', createdNewRecipeUser: false, user: userView(user) };
  const address = addressOf(about.method);
  const verified = about.method.verified || (address !== '' && hasProven(user, address));
  if (address !== '' && !verified) return refused('unproven', codes);
  const isFree = owner === undefined || (!owner.isPrimary && about.satisfied === true && mayBeEmptied(owner, user));
  if (!isFree) return refused('methodTaken', codes);

  const method = { ...about.method, verified };
  const now = deps.clock.now();
  const endsSessions = tenant.endSessionsOnFactorChange;
  const outcome = await deps.links.apply({
    user,
    ...(owner === undefined ? { adds: [method] } : { from: owner }),
    primary: true,
    handle: session.handle,
    endsSessions,
    audit: linked('login-method.linked', { user, method, tenant, now, from: owner }),
    now,
  });
  switch (outcome) {
    case 'OK': {
      const told = linkMarks({ user, method, from: owner, now });
      await notify({ user, tenant, event: 'login-method.linked', now, client, told }, deps);
      const tokens = endsSessions ? await renewEpoch(session.payload, user.epoch + 1, deps) : undefined;
      const methods = owner?.loginMethods ?? [method];
      const after = { ...user, isPrimary: true, loginMethods: [...user.loginMethods, ...methods] };
      return {
        status: 'OK',
        createdNewRecipeUser: owner === undefined,
        user: userView(after),
        ...(tokens === undefined ? {} : { tokens }),
      };
    }
    case 'METHOD_TAKEN':
      return refused('methodTaken', codes);
    case 'ADDRESS_TAKEN':
      return refused('addressTaken', codes);
    case 'OWN_ADDRESS_TAKEN':
      return refused('ownTaken', codes);
    case 'CHANGED':
    case 'CODE_GONE':
    case 'TOO_MANY':
      throw unavailable('the account was changed meanwhile, please try again');
  }
}

const refused = (why: keyof LinkCodes, codes: LinkCodes) => ({ status: 'REFUSED', code: codes[why], why }) as const;
