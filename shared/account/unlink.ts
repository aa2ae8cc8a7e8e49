import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { LinkStore } from '../ports.ts';
import { notFound, unavailable } from '../protocol-error.ts';
import { type ContextDeps, type SessionContext, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import { type IssueDeps, type IssuedTokens, renewEpoch } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { maskContact } from './contact.ts';
import { addressOf } from './contact-kind.ts';
import { need, requireFresh, type StillRequired, stillRequired } from './factors.ts';
import { linked } from './link-audit.ts';
import type { Tenant } from './tenant.ts';
import { factorsSetUp, type LoginMethod, type User } from './user.ts';

export type UnlinkDeps = ContextDeps & IssueDeps & NoticeDeps & { readonly links: LinkStore };

type Caller = { readonly session: Session; readonly tenant: Tenant; readonly client: Client };

/** What the account can sign in with, for its own settings page: contacts masked. */
export async function listLoginMethods(input: Caller, deps: ContextDeps) {
  const { user } = await sessionContext(input, deps);
  return {
    status: 'OK' as const,
    loginMethods: user.loginMethods.map((method) => ({
      recipeUserId: method.recipeUserId,
      recipeId: method.recipeId,
      ...contactIn(method),
      ...(method.thirdParty === undefined ? {} : { thirdPartyId: method.thirdParty.id }),
      verified: method.verified,
      timeJoined: method.timeJoined,
      /** The present session began with it. */
      current: method.recipeUserId === input.session.recipeUserId,
    })),
  };
}

const contactIn = (method: LoginMethod) =>
  addressOf(method) === ''
    ? {}
    : { contact: maskContact(method.phoneNumber === undefined ? 'email' : 'phone', addressOf(method)) };

export type UnlinkOutcome =
  | {
      readonly status: 'OK';
      /** Not part of the body. */
      readonly tokens: IssuedTokens;
    }
  | { readonly status: 'LOGIN_METHOD_REQUIRED_ERROR'; readonly reason: string }
  | StillRequired;

/**
 * Takes a way to sign in off the account; its contact is free again. Every other session of the user ends.
 *
 * Never the last one that begins sessions here, never the one the present session began with, and none that a requirement
 * depends on: these are refused with the reason, and nothing changes.
 *
 * @throws 403 `st-mfa` as `changeFactor` does; 404 for a method that is not the account's.
 */
export async function unlink(
  input: Caller & { readonly recipeUserId: string },
  deps: UnlinkDeps,
): Promise<UnlinkOutcome> {
  const { session, tenant, client } = input;
  const context = await sessionContext(input, deps);
  requireFresh(context);
  const { user } = context;
  const method = user.loginMethods.find(({ recipeUserId }) => recipeUserId === input.recipeUserId);
  if (method === undefined) throw notFound('unknown login method');
  const refused = refusal(method, context);
  if (refused !== undefined) return refused;

  const now = deps.clock.now();
  const outcome = await deps.links.apply({
    user,
    removes: [method],
    primary: false,
    handle: session.handle,
    endsSessions: true,
    audit: linked('login-method.unlinked', { user, method, tenant, now }),
    now,
  });
  if (outcome !== 'OK') throw unavailable('the account was changed meanwhile, please try again');
  await notify({ user, tenant, event: 'login-method.unlinked', now, client }, deps);
  return { status: 'OK', tokens: await renewEpoch(session.payload, user.epoch + 1, deps) };
}

function refusal(method: LoginMethod, context: SessionContext): UnlinkOutcome | undefined {
  const { user, tenant, session } = context;
  const required = (reason: string) => ({ status: 'LOGIN_METHOD_REQUIRED_ERROR', reason }) as const;
  if (method.recipeUserId === session.recipeUserId) {
    return required('This session began with it. Sign in in another way first.');
  }
  const rest = withoutMethod(user, method);
  if (!rest.loginMethods.some((own) => mayBegin(own, tenant))) {
    return required('It is the last way to sign in.');
  }
  const kept = factorsSetUp(rest);
  for (const factor of factorsSetUp(user).filter((each) => !kept.includes(each))) {
    const { requiredBy } = need(factor, context);
    if (requiredBy.length > 0) return stillRequired(factor, requiredBy);
  }
  return undefined;
}

export const withoutMethod = (user: User, method: LoginMethod): User => ({
  ...user,
  loginMethods: user.loginMethods.filter((own) => own !== method),
});

/** The tenant lets sessions begin with it. */
export function mayBegin(method: LoginMethod, { firstFactors, providers }: Tenant): boolean {
  if (method.recipeId === 'emailpassword') return firstFactors.includes('emailpassword');
  if (method.thirdParty !== undefined) {
    const { id } = method.thirdParty;
    return firstFactors.includes('thirdparty') && providers.some(({ thirdPartyId }) => thirdPartyId === id);
  }
  const channel = method.phoneNumber === undefined ? 'email' : 'phone';
  return [`otp-${channel}`, `link-${channel}`].some((factor) => firstFactors.includes(factor));
}
