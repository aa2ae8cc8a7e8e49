import { contactsInOrder } from '../account/mfa-info.ts';
import type { Tenant } from '../account/tenant.ts';
import { codesLeft, emailsOf, isEmailVerified, otpMethod, phonesOf, type User } from '../account/user.ts';
import type { Evaluation } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { FactorId, OtpFactor } from '../mfa/factor.ts';
import { newMethod, withCompletion } from '../otp/complete-code.ts';
import { destine } from '../otp/destination.ts';
import type { Completed } from '../ports.ts';
import { destinationBudget, userBudget } from '../limits.ts';
import { type Conflict, conflictOf } from './claimable.ts';
import type { Beginning } from './hypothetical.ts';
import type { Lookups } from './lookups.ts';
import { isReachable, type ReachConfig, reachesAnybody } from './reach.ts';

/** A sign-in on its way, as the service would see it. */
export interface Stage {
  readonly user: User;
  readonly tenant: Tenant;
  readonly begun: Beginning;
  readonly completed: Completed;
  readonly facts: Facts;
  readonly evaluation: Evaluation;
}

/** What the user can do next, and what it takes. */
export interface Step {
  readonly factor: FactorId;
  /** Something the account does not have yet comes to it: an app, or an address that nobody knows so far. */
  readonly setsUp: boolean;
  /** Where a code goes; a new address is made up. */
  readonly contact?: string;
}

/** Why a factor that is owed cannot be done. */
export type Obstacle =
  | 'not-offered'
  | 'same-channel'
  | 'none-left'
  | 'needs-proof'
  | 'no-contact'
  | 'unreachable'
  | Conflict
  | 'switched-off'
  | 'unverified'
  | 'no-new-address';

type Found =
  | { readonly step: Step }
  /** `afterProof`: an address may be added once the session's own e-mail is proven. */
  | { readonly obstacle: Obstacle; readonly afterProof?: true };

export interface StepDeps {
  readonly lookups: Lookups;
  readonly config: ReachConfig;
}

/** A stand-in for the address that a user would give: one the service would write to, and nobody's. */
const NEW_CONTACT: Readonly<Record<OtpFactor, string>> = {
  'otp-email': 'somebody@new.example',
  'otp-phone': '+447400123456',
};

/**
 * Whether this user can do this factor now, by the checks that the endpoints themselves make.
 *
 * What the user does in its own hands counts as done: it reads its mail, has a phone to give, and can install an app.
 */
export async function stepFor(factor: FactorId, stage: Stage, deps: StepDeps): Promise<Found> {
  const { evaluation, facts, user, tenant } = stage;
  const guesses = await deps.lookups.guesses(userBudget(tenant.tenantId, user.userId));
  if (guesses === 'over') return { obstacle: 'switched-off' };
  switch (factor) {
    case 'otp-email':
    case 'otp-phone':
      return codeStep(factor, { ...stage, hasGuessed: guesses === 'some' }, deps);
    case 'totp':
      if (facts.user.factorsSetUp.includes(factor)) return { step: { factor, setsUp: false } };
      return evaluation.mayEnrolAnywhere ? { step: { factor, setsUp: true } } : { obstacle: 'needs-proof' };
    case 'backup-code':
      return codesLeft(user) > 0 ? { step: { factor, setsUp: false } } : { obstacle: 'none-left' };
    default:
      return { obstacle: 'not-offered' };
  }
}

type CodeStage = Stage & {
  /** A guess of the user was counted lately: only then one of an address can have been. */
  readonly hasGuessed: boolean;
};

async function codeStep(factor: OtpFactor, stage: CodeStage, deps: StepDeps): Promise<Found> {
  const { tenant, user, begun } = stage;
  const kind = factor === 'otp-email' ? 'email' : 'phoneNumber';
  const own = kind === 'email' ? emailsOf(user) : phonesOf(user);
  const contacts = [...new Set([...contactsInOrder(user, begun.method[kind], kind), ...own])];
  let obstacle: Obstacle | undefined;
  for (const contact of contacts) {
    const destined = destine({ ...stage, factorId: factor, contact });
    if ('refused' in destined) obstacle ??= 'needs-proof';
    else if (!(await isReachable(factor, contact, tenant, deps.config))) obstacle ??= 'unreachable';
    else {
      const found = (await conflict(factor, contact, true, stage, deps)) ?? (await switchedOff(contact, stage, deps));
      if (found === undefined) return { step: { factor, setsUp: false, contact } };
      obstacle ??= found;
    }
  }
  const contact = NEW_CONTACT[factor];
  const destined = destine({ ...stage, factorId: factor, contact });
  if ('refused' in destined) return { obstacle: obstacle ?? (contacts.length === 0 ? 'no-contact' : 'needs-proof') };
  if (!reachesAnybody(factor, tenant, deps.config)) return { obstacle: obstacle ?? 'no-new-address' };
  const mayAdd = !tenant.secondFactorNeedsVerifiedEmail || isEmailVerified(user, begun.method.recipeUserId);
  if (!mayAdd) return { obstacle: obstacle ?? 'unverified', afterProof: true };
  const found = await conflict(factor, contact, false, stage, deps);
  return found === undefined ? { step: { factor, setsUp: true, contact } } : { obstacle: found };
}

/** The codes of an own address are no longer compared. */
async function switchedOff(
  contact: string,
  { hasGuessed, user: { userId }, tenant: { tenantId } }: CodeStage,
  { lookups }: StepDeps,
): Promise<Obstacle | undefined> {
  if (!hasGuessed) return undefined;
  const there = destinationBudget({ tenantId, purpose: 'second-factor', userId, contact });
  return (await lookups.guesses(there)) === 'over' ? 'switched-off' : undefined;
}

/** A code to an address that the account has proven by code before changes nothing; any other links it. */
async function conflict(
  factor: OtpFactor,
  contact: string,
  isOwn: boolean,
  { user, tenant: { tenantId }, facts }: Stage,
  { lookups }: StepDeps,
): Promise<Conflict | undefined> {
  if (otpMethod(user, factor, contact) !== undefined) return undefined;
  const link = newMethod(user, { factorId: factor, contact, tenantId }, facts.now);
  return link === undefined ? undefined : conflictOf({ user, tenantId, factor, link, isOwn }, lookups);
}

/** User and session as the step leaves them. */
export function after(
  { user, tenant, completed, facts: { now } }: Stage,
  step: Step,
): Pick<Stage, 'user' | 'completed'> {
  return {
    user: changed(user, tenant, step, now),
    completed: { ...completed, [step.factor]: Math.floor(now / 1000) },
  };
}

function changed(user: User, tenant: Tenant, { factor, contact, setsUp }: Step, now: number): User {
  const optIn = tenant.optInOnConsume && !user.requiredFactors.includes(factor);
  if ((factor === 'otp-email' || factor === 'otp-phone') && contact !== undefined) {
    const method = newMethod(user, { factorId: factor, contact, tenantId: tenant.tenantId }, now);
    const verifies = user.loginMethods.find(
      ({ recipeId, email, verified }) => recipeId === 'emailpassword' && !verified && email === contact,
    );
    return withCompletion(user, { method, verifies, optIn, factor });
  }
  if (factor === 'backup-code') {
    const { backupCodes } = user;
    return backupCodes === undefined
      ? user
      : { ...user, backupCodes: { ...backupCodes, macs: backupCodes.macs.slice(1) } };
  }
  const app = { name: '', sealedSeed: '', kid: '', period: 30, verified: true, lastStep: 0, createdAt: now };
  return {
    ...user,
    ...(setsUp ? { totpDevices: [...(user.totpDevices ?? []), app] } : {}),
    requiredFactors: optIn ? [...user.requiredFactors, factor] : user.requiredFactors,
  };
}
