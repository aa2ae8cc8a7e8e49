import { offered } from '../account/mfa-info.ts';
import { settlesOwed } from '../account/owed.ts';
import { isEmailVerified, type User } from '../account/user.ts';
import { type Evaluation, evaluate } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { Completed } from '../ports.ts';
import type { SessionDevice } from '../trusted-devices/device.ts';
import { type Arrival, entered, type EnteringDeps, proven, VERIFY } from './entering.ts';
import { hypotheticalSession } from './hypothetical.ts';
import { after, type Obstacle, type Stage, type Step, type StepDeps, stepFor } from './next-step.ts';

export type WayInDeps = StepDeps & EnteringDeps;

/** Where a sign-in leads that has done its first factor. */
export interface WayIn extends Walk {
  /** It can be finished only by setting something up. */
  readonly mustEnrol: boolean;
  /** It can be finished only after the link to the mailbox it began with was followed. */
  readonly mustVerify: boolean;
}

interface Walk {
  /** Of the session as it begins, and whose it is. */
  readonly facts: Facts;
  readonly evaluation: Evaluation;
  /** It can be finished. */
  readonly isOpen: boolean;
  /** What a person does who always takes the first thing that leads on; as far as it goes where none leads in. */
  readonly steps: readonly Step[];
  /** Where it does not go on: what is owed, and why each of it cannot be done. */
  readonly stuck?: readonly Stuck[];
  /** The account and its session as they are when it is finished. */
  readonly end?: { readonly user: User; readonly completed: Completed };
}

export interface Stuck {
  readonly factor: FactorId;
  readonly obstacle: Obstacle;
}

type Start = Arrival & { readonly device?: SessionDevice };

interface May {
  readonly enrol: boolean;
  readonly verify: boolean;
}

/**
 * Goes through a sign-in without making it: after each factor the evaluator is asked again, on the facts as that factor
 * leaves them. Every order of what may be done is tried, so that it is closed only where none leads in.
 *
 * @returns undefined where it does not begin.
 */
export async function wayIn(start: Start, deps: WayInDeps): Promise<WayIn | undefined> {
  const user = await entered(start, deps);
  if (user === undefined) return undefined;
  const from = { ...start, user, completed: justNow(start) };
  const go = (may: May) => walk(from, may, deps);
  const plain = await go({ enrol: true, verify: false });
  const proving = plain.isOpen || !asksProof(from) ? undefined : await go({ enrol: true, verify: true });
  const any = proving ?? plain;
  const mustVerify = proving?.isOpen ?? false;
  const enrols = any.isOpen && any.steps.some(({ setsUp }) => setsUp);
  const mustEnrol = enrols && !(await go({ enrol: false, verify: mustVerify })).isOpen;
  return { ...any, mustEnrol, mustVerify };
}

const justNow = ({ begun, now }: Arrival): Completed => ({ [begun.factor]: Math.floor(now / 1000) });

const isProven = ({ user, begun }: Pick<Arrival, 'user' | 'begun'>): boolean =>
  isEmailVerified(user, begun.method.recipeUserId);

const asksProof = (start: Arrival): boolean =>
  (start.tenant.emailVerification === 'REQUIRED' || start.tenant.secondFactorNeedsVerifiedEmail) && !isProven(start);

type Session = Start & { readonly completed: Completed };

async function walk(from: Session, may: May, deps: WayInDeps): Promise<Walk> {
  const { user, tenant, begun, completed } = from;
  const facts = await hypotheticalSession(user, tenant, { ...from, firstFactor: begun.factor }, deps);
  const evaluation = evaluate(tenant, facts);
  if (evaluation.claim.v) {
    const isIn = tenant.emailVerification !== 'REQUIRED' || isProven(from);
    if (isIn) return { facts, evaluation, isOpen: true, steps: [], end: { user: settled(from), completed } };
    if (!may.verify) return { facts, evaluation, isOpen: false, steps: [] };
    return { ...(await walkProven(from, may, deps)), facts, evaluation };
  }

  const stage: Stage = { user, tenant, begun, completed, facts, evaluation };
  const { next } = offered(tenant, evaluation, facts);
  const stuck: Stuck[] = [];
  let farthest: Walk | undefined;
  for (const factor of evaluation.next) {
    const found = next.includes(factor) ? await stepFor(factor, stage, deps) : { obstacle: notOffered(factor, stage) };
    const way =
      'step' in found
        ? may.enrol || !found.step.setsUp
          ? behind(found.step, await walk({ ...from, ...after(stage, found.step) }, may, deps))
          : undefined
        : found.afterProof === true && may.verify
          ? await walkProven(from, may, deps)
          : undefined;
    if (way?.isOpen === true) return { ...way, facts, evaluation };
    if ('obstacle' in found && way === undefined) stuck.push({ factor, obstacle: found.obstacle });
    if (way !== undefined) farthest ??= { ...way, facts, evaluation };
  }
  return farthest ?? { facts, evaluation, isOpen: false, steps: [], stuck };
}

/** The account with what a reset left owing settled, where it was. */
function settled({ user, begun, completed }: Session): User {
  if (!settlesOwed(user, { firstFactor: begun.factor, completed })) return user;
  const { owedFactors: _, ...rest } = user;
  return rest;
}

const behind = (step: Step, rest: Walk): Walk => ({ ...rest, steps: [step, ...rest.steps] });

/** Goes on once the link was followed; where the account is another's from then on, with that one's new session. */
async function walkProven(from: Session, may: May, deps: WayInDeps): Promise<Walk> {
  const { user, isOther } = await proven(from, deps);
  const completed = isOther ? justNow(from) : from.completed;
  return behind({ factor: VERIFY, setsUp: false }, await walk({ ...from, user, completed }, may, deps));
}

/** Why a front end is not even told of it. */
function notOffered(factor: FactorId, { tenant, evaluation, facts }: Stage): Obstacle {
  if (evaluation.repeated.includes(factor)) return 'same-channel';
  if (factor === 'backup-code' && tenant.secondFactors.includes(factor)) return 'none-left';
  if (!tenant.secondFactors.includes(factor) && factor !== 'otp-email') return 'not-offered';
  const own = factor === 'otp-email' ? facts.user.emails : factor === 'otp-phone' ? facts.user.phones : undefined;
  return own?.length === 0 ? 'no-contact' : 'needs-proof';
}
