import { offered } from '../account/mfa-info.ts';
import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { type Evaluation, evaluate } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { Completed, RoleStore } from '../ports.ts';
import { type Beginning, hypotheticalSession } from './hypothetical.ts';
import { after, type Obstacle, type Stage, type Step, type StepDeps, stepFor } from './next-step.ts';

export type WayInDeps = StepDeps & { readonly roles: RoleStore };

/** Where a sign-in leads that has done its first factor. */
export interface WayIn {
  /** Of the session as it begins. */
  readonly facts: Facts;
  readonly evaluation: Evaluation;
  /** It can be finished. */
  readonly isOpen: boolean;
  /** It can be finished only by setting something up. */
  readonly mustEnrol: boolean;
  /** What a person does who always takes the first thing that leads on; as far as it goes where none leads in. */
  readonly steps: readonly Step[];
  /** Where it does not go on: what is owed, and why each of it cannot be done. */
  readonly stuck?: readonly Stuck[];
}

export interface Stuck {
  readonly factor: FactorId;
  readonly obstacle: Obstacle;
}

type Walk = Pick<WayIn, 'facts' | 'evaluation' | 'isOpen' | 'steps' | 'stuck'>;

interface Start {
  readonly user: User;
  readonly tenant: Tenant;
  readonly begun: Beginning;
  readonly now: number;
}

/**
 * Goes through a sign-in without making it: after each factor the evaluator is asked again, on the facts as that factor
 * leaves them. Every order of what may be done is tried, so that it is closed only where none leads in.
 */
export async function wayIn(start: Start, deps: WayInDeps): Promise<WayIn> {
  const completed = { [start.begun.factor]: Math.floor(start.now / 1000) };
  const any = await walk({ ...start, completed }, true, deps);
  const mustEnrol =
    any.isOpen && any.steps.some(({ setsUp }) => setsUp) && !(await walk({ ...start, completed }, false, deps)).isOpen;
  return { ...any, mustEnrol };
}

async function walk(
  from: Start & { readonly completed: Completed },
  mayEnrol: boolean,
  deps: WayInDeps,
): Promise<Walk> {
  const { user, tenant, begun, completed, now } = from;
  const facts = await hypotheticalSession(user, tenant, { now, firstFactor: begun.factor, completed }, deps);
  const evaluation = evaluate(tenant, facts);
  if (evaluation.claim.v) return { facts, evaluation, isOpen: true, steps: [] };

  const stage: Stage = { user, tenant, begun, completed, facts, evaluation };
  const { next } = offered(tenant, evaluation, facts);
  const stuck: Stuck[] = [];
  let farthest: Walk | undefined;
  for (const factor of evaluation.next) {
    const found = next.includes(factor) ? await stepFor(factor, stage, deps) : { obstacle: notOffered(factor, stage) };
    if ('obstacle' in found) {
      stuck.push({ factor, obstacle: found.obstacle });
    } else if (mayEnrol || !found.step.setsUp) {
      const rest = await walk({ ...from, ...after(stage, found.step) }, mayEnrol, deps);
      const way = { ...rest, facts, evaluation, steps: [found.step, ...rest.steps] };
      if (way.isOpen) return way;
      farthest ??= way;
    }
  }
  return farthest ?? { facts, evaluation, isOpen: false, steps: [], stuck };
}

/** Why a front end is not even told of it. */
function notOffered(factor: FactorId, { tenant, evaluation, facts }: Stage): Obstacle {
  if (evaluation.repeated.includes(factor)) return 'same-channel';
  if (factor === 'backup-code' && tenant.secondFactors.includes(factor)) return 'none-left';
  if (!tenant.secondFactors.includes(factor) && factor !== 'otp-email') return 'not-offered';
  const own = factor === 'otp-email' ? facts.user.emails : factor === 'otp-phone' ? facts.user.phones : undefined;
  return own?.length === 0 ? 'no-contact' : 'needs-proof';
}
