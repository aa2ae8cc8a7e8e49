import type { Facts } from './facts.ts';
import { distinctProofs } from './distinct.ts';
import { FACTORS, type FactorId, isKnownFactor } from './factor.ts';
import { type CompiledPolicy, type Decision, requirementsFor } from './policy.ts';
import { withBackupCode } from './backup-code.ts';
import { type Completed, nextFactors, type Requirement } from './requirements.ts';

/** What of a tenant the evaluator reads. */
export interface EvaluatedTenant {
  readonly policy: CompiledPolicy;
  readonly firstEnrolment: 'proof' | 'open';
  /** What went to the mailbox or phone that began the session is no second factor. */
  readonly distinctChannels: boolean;
  readonly secondFactors: readonly FactorId[];
  /** Factors a backup code may stand in for. */
  readonly backupCodeReplaces?: readonly FactorId[];
}

export interface Evaluation {
  /** `st-mfa`: what was completed, epoch seconds, and whether nothing is left to do. */
  readonly claim: { readonly c: Completed; readonly v: boolean };
  /** Factors of the first unmet requirement; empty exactly when `claim.v`. */
  readonly next: readonly FactorId[];
  /** Second factors of the tenant that prove nothing new in this session: it began with the same mailbox or phone. */
  readonly repeated: readonly FactorId[];
  /** The session may point a factor at an address the account does not have yet. */
  readonly mayEnrolAnywhere: boolean;
  /** What is asked before anything the policy asks; absent where `next` is the policy's own. */
  readonly ahead?: 'owed-factor' | 'first-enrolment';
  readonly decision: Decision;
}

/** A new account may be set up in the session that made it for this long. */
const SIGN_UP_SESSION_MS = 30 * 60_000;

/**
 * The one evaluator: sign-in, consume, `mfa/info`, refresh and set-up checks all call this and nothing else decides `v`.
 *
 * Where the first unmet requirement can only be met at an address the account does not have, `otp-email` to the
 * account's own e-mail is put in front of it: a stolen password alone must not enrol the thief's phone.
 */
export function evaluate(tenant: EvaluatedTenant, facts: Facts): Evaluation {
  const proofs = distinctProofs(tenant, facts.session);
  const decision = requirementsFor(tenant.policy, facts, proofs);
  const { completed } = facts.session;
  const counted = proofs.counted(completed);
  const mayEnrolAnywhere = hasProof(tenant, facts);
  const requirements = withBackupCode(
    [...owed(facts), ...decision.requirements].flatMap(proofs.elsewhere),
    tenant.backupCodeReplaces ?? [],
    { counted, factorsSetUp: facts.user.factorsSetUp },
  );
  const wanted = nextFactors(requirements, counted);
  const isProofFirst = !mayEnrolAnywhere && needsProof(wanted, tenant, facts);
  const next = isProofFirst ? (['otp-email'] as const) : wanted;
  const isOwedFirst = nextFactors(owed(facts).flatMap(proofs.elsewhere), counted).length > 0;
  const ahead = isProofFirst ? 'first-enrolment' : isOwedFirst ? 'owed-factor' : undefined;
  return {
    claim: { c: completed, v: next.length === 0 },
    next,
    repeated: proofs.repeated,
    mayEnrolAnywhere,
    ...(ahead === undefined ? {} : { ahead }),
    decision,
  };
}

/** A password that came by an unproven address opens nothing without a factor from before, whatever the policy. */
const owed = ({ user, session }: Facts): readonly Requirement[] =>
  session.firstFactor === 'emailpassword' && (user.owedFactors ?? []).length > 0
    ? [{ oneOf: user.owedFactors ?? [] }]
    : [];

/**
 * Proof that the person in front of the session owns the account, beyond a password: a second factor done here, the
 * account's mailbox shown as the first, or the account made in this very session. `firstEnrolment: open` asks for none.
 */
function hasProof(tenant: EvaluatedTenant, facts: Facts): boolean {
  if (tenant.firstEnrolment === 'open') return true;
  const { completed, firstFactor } = facts.session;
  if (Object.keys(completed).some((factor) => factor !== firstFactor)) return true;
  if (isKnownFactor(firstFactor) && FACTORS[firstFactor].channel === 'email') return true;
  return (
    facts.now - facts.user.timeJoined <= SIGN_UP_SESSION_MS &&
    completed[firstFactor] === Math.floor(facts.user.timeJoined / 1000)
  );
}

/**
 * One of the wanted factors can be set up here, none is yet or can go to a contact the account has, and its e-mail could
 * prove it. What cannot be set up at all needs no code in front of the clear error.
 */
function needsProof(wanted: readonly FactorId[], tenant: EvaluatedTenant, facts: Facts): boolean {
  if (!wanted.some((factor) => tenant.secondFactors.includes(factor)) || facts.user.emails.length === 0) return false;
  return !wanted.some((factor) => facts.user.factorsSetUp.includes(factor) || hasOwnContact(factor, tenant, facts));
}

const hasOwnContact = (factor: FactorId, tenant: EvaluatedTenant, facts: Facts): boolean =>
  tenant.secondFactors.includes(factor) &&
  ((factor === 'otp-email' && facts.user.emails.length > 0) ||
    (factor === 'otp-phone' && facts.user.phones.length > 0));

export const SETUP_REFUSED_OTHER_EXISTS =
  'Completed factors in the session does not satisfy the MFA requirements for auth';
export const SETUP_REFUSED_NO_PROOF = 'Another factor has to be completed in this session before a new one is set up';
export const SETUP_REFUSED_NOT_NEXT = 'Not allowed to setup factor that is not in the next set of unsatisfied factors';

/**
 * May this session set up a factor it does not have yet?
 *
 * @returns the reason string of the 403 `st-mfa` answer, or undefined when it may. @see wire.md §12.6
 */
export function setupRefusal(evaluation: Evaluation, facts: Facts, factor: FactorId): string | undefined {
  if (evaluation.claim.v) return undefined;
  if (evaluation.next.some((id) => facts.user.factorsSetUp.includes(id))) return SETUP_REFUSED_OTHER_EXISTS;
  if (!evaluation.next.includes(factor)) return SETUP_REFUSED_NOT_NEXT;
  return undefined;
}
