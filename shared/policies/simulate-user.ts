import { maskContact } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { FactorId } from '../mfa/factor.ts';
import { demandsOf } from '../mfa/demands.ts';
import { type Beginning, beginnings } from './hypothetical.ts';
import { CANNOT_BEGIN, lockedOutBecause, mustSetUp } from './problem.ts';
import { isReachable, type ReachConfig } from './reach.ts';
import { type WayIn, wayIn, type WayInDeps } from './way-in.ts';

/** What a sign-in of a user comes to under one policy. */
export interface Standing {
  /** Something is asked beyond the first factor. */
  readonly challenged: boolean;
  /** What is asked first. */
  readonly next: readonly FactorId[];
  /** The sign-in cannot be finished. */
  readonly lockedOut: boolean;
  /** It can be finished only by setting something up. */
  readonly mustEnrol: boolean;
  /** What is done to get in, or as far as it goes; of several factors that would do, the first that leads on. */
  readonly steps: readonly FactorId[];
  /** Codes that sends, in order. */
  readonly messages: readonly ('email' | 'sms')[];
  /** An exemption stands for something the policy demands. */
  readonly exempt: boolean;
  /** A grace does. */
  readonly inGrace: boolean;
  /** Ids of rules that only observe and would ask for something. */
  readonly observed: readonly string[];
}

export interface SimulatedUser {
  readonly userId: string;
  /** Masked; empty for a user without one. */
  readonly contact: string;
  /** What the sign-in begins with; absent where it cannot begin. */
  readonly firstFactor?: FactorId;
  readonly now: Standing;
  readonly after: Standing;
  /** Ids of the rules that ask for what is asked after. */
  readonly because: readonly string[];
  readonly problem?: string;
}

/** A tenant as it is and as it would be. */
export interface Pair {
  readonly now: Tenant;
  readonly after: Tenant;
}

/**
 * A sign-in by this user on a new device, as it ends now and as it would end, each through all of its factors.
 *
 * It begins with the user's likely first factor: the oldest login method that the tenant offers. Where another one
 * would end otherwise, `problem` says so.
 */
export async function simulateUser(
  { user, tenants, at }: { readonly user: User; readonly tenants: Pair; readonly at: number },
  deps: WayInDeps,
): Promise<SimulatedUser> {
  const others = await usable(user, tenants.after, deps.config);
  const [begun] = others;
  const shown = { userId: user.userId, contact: contactOf(user, begun) };
  if (begun === undefined) return { ...shown, now: NO_WAY, after: NO_WAY, because: [], problem: CANNOT_BEGIN };

  const lookups = { ...deps, users: remembering(deps.users) };
  const through = (tenant: Tenant, first: Beginning) => wayIn({ user, tenant, begun: first, now: at }, lookups);
  const after = await through(tenants.after, begun);
  const standing = standingOf(after);
  const now = tenants.now === tenants.after ? standing : standingOf(await through(tenants.now, begun));
  const problem = [
    ...(standing.lockedOut ? [lockedOutBecause(after.stuck ?? [])] : []),
    ...(standing.mustEnrol ? [mustSetUp(after.steps)] : []),
    ...(await otherwise(standing, others.slice(1), (first) => through(tenants.after, first))),
  ].join('. ');
  return {
    ...shown,
    firstFactor: begun.factor,
    now,
    after: standing,
    because: rulesBehind(tenants.after, after),
    ...(problem === '' ? {} : { problem }),
  };
}

const NO_WAY: Standing = {
  challenged: false,
  next: [],
  lockedOut: true,
  mustEnrol: false,
  steps: [],
  messages: [],
  exempt: false,
  inGrace: false,
  observed: [],
};

const standingOf = ({ evaluation, isOpen, mustEnrol, steps }: WayIn): Standing => ({
  challenged: !evaluation.claim.v,
  next: evaluation.next,
  lockedOut: !isOpen,
  mustEnrol,
  steps: steps.map(({ factor }) => factor),
  messages: steps.flatMap(({ factor }) => (factor === 'otp-email' ? ['email'] : factor === 'otp-phone' ? ['sms'] : [])),
  exempt: evaluation.decision.waivers.some(({ by }) => by === 'exemption'),
  inGrace: evaluation.decision.waivers.some(({ by }) => by === 'grace'),
  observed: evaluation.decision.observed,
});

/** Those whose code or link, where it begins with one, is sent at all. A first factor has half of the tenant's money. */
async function usable(user: User, tenant: Tenant, config: ReachConfig): Promise<readonly Beginning[]> {
  const all = beginnings(user, tenant);
  const can = await Promise.all(
    all.map(async ({ method: { recipeId, email, phoneNumber } }) => {
      if (recipeId !== 'passwordless') return true;
      return email === undefined
        ? isReachable('otp-phone', phoneNumber ?? '', tenant, config, 0.5)
        : isReachable('otp-email', email, tenant, config);
    }),
  );
  return all.filter((_, i) => can[i]);
}

/** Rules that demand something of a user who is asked; those that match and demand nothing are not behind it. */
const rulesBehind = ({ policy }: Tenant, { facts, evaluation }: WayIn): readonly string[] =>
  policy.rules.flatMap(({ rule }) =>
    evaluation.next.length > 0 && evaluation.decision.because.includes(rule.id) && demandsOf(rule, facts).length > 0
      ? [rule.id]
      : [],
  );

async function otherwise(
  likely: Standing,
  others: readonly Beginning[],
  through: (begun: Beginning) => Promise<WayIn>,
): Promise<readonly string[]> {
  const factors = [...new Map(others.map((begun) => [begun.factor, begun])).values()];
  const ways = await Promise.all(factors.map(async (begun) => ({ begun, standing: standingOf(await through(begun)) })));
  return ways.flatMap(({ begun, standing }) =>
    wordOf(standing) === wordOf(likely) ? [] : [`With ${begun.factor} as its first factor it ${wordOf(standing)}`],
  );
}

const wordOf = ({ lockedOut, mustEnrol, challenged }: Standing): string => {
  if (lockedOut) return 'would be locked out';
  if (mustEnrol) return 'would have to set something up';
  return challenged ? 'would be asked for a second factor' : 'would be let in at once';
};

function contactOf(user: User, begun: Beginning | undefined): string {
  const methods = [...(begun === undefined ? [] : [begun.method]), ...user.loginMethods];
  const { email, phoneNumber } = methods.find((method) => (method.email ?? method.phoneNumber) !== undefined) ?? {};
  if (email !== undefined) return maskContact('email', email);
  return phoneNumber === undefined ? '' : maskContact('phone', phoneNumber);
}

/** Looks a contact up once for all that is gone through for one user. */
function remembering(users: WayInDeps['users']): WayInDeps['users'] {
  const found = new Map<string, ReturnType<typeof users.byContact>>();
  return {
    load: (userId) => users.load(userId),
    byContact(kind, tenantId, value) {
      const key = `${kind} ${tenantId} ${value}`;
      const known = found.get(key) ?? users.byContact(kind, tenantId, value);
      found.set(key, known);
      return known;
    },
  };
}
