import type { Evaluation } from '../mfa/evaluate.ts';
import { setupRefusal } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { SessionStore } from '../ports.ts';
import { sessionEnded } from '../protocol-error.ts';
import { type ContextDeps, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import { type IssueDeps, type IssuedTokens, reissueTokens } from '../session/issue.ts';
import { noteAnswer } from '../session/note-answer.ts';
import { isLive, type Session } from '../session/session.ts';
import type { Tenant } from './tenant.ts';
import { emailsOf, phonesOf, type User } from './user.ts';

export type MfaInfoDeps = ContextDeps & IssueDeps & { readonly sessions: Pick<SessionStore, 'get' | 'noteAnswer'> };

type Contacts = Readonly<Record<FactorId, readonly string[]>>;

export type MfaInfoOutcome = (
  | {
      readonly status: 'OK';
      readonly factors: {
        readonly next: readonly FactorId[];
        readonly alreadySetup: readonly FactorId[];
        readonly allowedToSetup: readonly FactorId[];
      };
      readonly emails: Contacts;
      readonly phoneNumbers: Contacts;
    }
  | { readonly status: 'GENERAL_ERROR'; readonly message: string }
) & {
  /** Present when the session's claims were out of date. Not part of the body. */
  readonly tokens?: IssuedTokens;
};

/**
 * What the session still owes, and where it could be proved: decides which screen a front end shows next.
 *
 * An empty `next` always means that nothing is owed: where a requirement cannot be met by anything this user may do,
 * the answer is an error that says so, never an empty list.
 *
 * @throws 401 that ends the session when it was revoked.
 * @see FDI /mfa/info
 */
export async function mfaInfo(
  input: { readonly session: Session; readonly tenant: Tenant; readonly client: Client },
  deps: MfaInfoDeps,
): Promise<MfaInfoOutcome> {
  const { session, tenant } = input;
  const [context, stored] = await Promise.all([
    sessionContext(input, deps),
    deps.sessions.get(session.userId, session.handle),
  ]);
  if (stored === undefined || !isLive(stored, deps.clock.now())) throw sessionEnded();
  const { user, facts, evaluation } = context;
  // Of a token the session has left behind, the answer is about what was.
  if (stored.refreshTokenHash === session.payload.refreshTokenHash1) {
    await noteAnswer({ session: stored, tenant, facts, evaluation, occasion: 'mfa-info' }, deps);
  }
  const reissued = await reissueTokens({ payload: session.payload, user, tenant, facts, epoch: user.epoch }, deps);
  const tokens = reissued === undefined ? {} : { tokens: reissued };

  const { usable, next, alreadySetup, allowedToSetup } = offered(tenant, evaluation, facts);
  if (next.length === 0 && !evaluation.claim.v) {
    return { status: 'GENERAL_ERROR', message: deadEnd(evaluation), ...tokens };
  }
  return {
    status: 'OK',
    factors: { next, alreadySetup, allowedToSetup },
    ...contactLists(user, session, usable),
    ...tokens,
  };
}

/** What a front end may offer in this session: of what is owed, and of everything. */
export function offered(tenant: Tenant, evaluation: Evaluation, facts: Facts) {
  const usable = available(tenant, evaluation);
  // What the tenant does not use is not set up here, whatever the account owns. @see wire.md §12.4
  const alreadySetup = facts.user.factorsSetUp.filter((factor) => usable.includes(factor));
  const allowedToSetup = usable.filter((factor) => maySetUp(factor, evaluation, facts));
  const next = evaluation.next.filter(
    (factor) =>
      !evaluation.repeated.includes(factor) && (allowedToSetup.includes(factor) || alreadySetup.includes(factor)),
  );
  return { usable, next, alreadySetup, allowedToSetup };
}

const deadEnd = ({ next, repeated }: Evaluation): string =>
  next.every((factor) => repeated.includes(factor))
    ? 'You signed in with a code or link, and the same mailbox or phone is no second factor. Please sign in another way or contact support.'
    : `Your account needs ${next.join(' or ')}, which cannot be set up here. Please contact support.`;

/** Everything that could serve as a second factor, in the FDI's order; a proof is available whatever the tenant offers. */
const available = (tenant: Tenant, { next }: Evaluation): readonly FactorId[] => [
  'emailpassword',
  ...(next.includes('otp-email') && !tenant.secondFactors.includes('otp-email') ? ['otp-email'] : []),
  ...tenant.secondFactors,
];

/** Set-up assertion, and an address it could go to. Backup codes are made by a session that owes nothing, never on the way. */
const maySetUp = (factor: FactorId, evaluation: Evaluation, facts: Facts): boolean =>
  factor !== 'backup-code' &&
  setupRefusal(evaluation, facts, factor) === undefined &&
  (evaluation.claim.v || !evaluation.repeated.includes(factor)) &&
  (factor === 'emailpassword' || evaluation.mayEnrolAnywhere || ownContacts(factor, facts).length > 0);

const ownContacts = (factor: FactorId, { user }: Facts): readonly string[] =>
  factor === 'otp-email' ? user.emails : factor === 'otp-phone' ? user.phones : [];

function contactLists(user: User, session: Session, factors: readonly FactorId[]) {
  const own = user.loginMethods.find((method) => method.recipeUserId === session.recipeUserId);
  const lists = (kind: 'email' | 'phoneNumber') =>
    Object.fromEntries(
      factors
        .filter((factor) => factor === (kind === 'email' ? 'otp-email' : 'otp-phone'))
        .map((factor) => [factor, contactsInOrder(user, own?.[kind], kind)]),
    );
  return {
    emails: { emailpassword: passwordEmails(user, own?.email), ...lists('email') },
    phoneNumbers: lists('phoneNumber'),
  };
}

/**
 * The order decides which address gets a code by itself.
 *
 * @param own of the session's login method.
 * @see wire.md §12.5
 */
export function contactsInOrder(user: User, own: string | undefined, kind: 'email' | 'phoneNumber'): readonly string[] {
  const proven = user.loginMethods.flatMap((method) =>
    method.recipeId === 'passwordless' && method[kind] !== undefined ? [method[kind]] : [],
  );
  if (proven.length === 1) return proven;
  if (proven.length > 1) return [...new Set(own !== undefined && proven.includes(own) ? [own, ...proven] : proven)];
  return [...new Set([...(own === undefined ? [] : [own]), ...(kind === 'email' ? emailsOf(user) : phonesOf(user))])];
}

function passwordEmails(user: User, own: string | undefined): readonly string[] {
  const methods = user.loginMethods.filter(
    ({ recipeId, email }) => recipeId === 'emailpassword' && email !== undefined,
  );
  const sorted = [...methods.filter(({ verified }) => verified), ...methods.filter(({ verified }) => !verified)];
  const emails = sorted.length > 0 ? sorted.map(({ email }) => email!) : emailsOf(user);
  return [...new Set(own !== undefined && emails.includes(own) ? [own, ...emails] : emails)];
}
