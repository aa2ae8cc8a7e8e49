import { secondFactorAge } from '../mfa/freshness.ts';
import { nextFactors, type Requirement } from '../mfa/requirements.ts';
import { owedClaim, UNVERIFIED } from '../session/access-token.ts';
import type { Session } from '../session/session.ts';

/** What a route asks of a session, beside that there is one. */
export interface Wants {
  /** Everything the policy asks of the user is done. Default: true. */
  readonly mfa?: boolean;
  /** Default: what the tenant says. `true`: the address is proven, also where the tenant leaves it open. */
  readonly emailVerified?: boolean;
  /** Seconds. The newest second factor may not be older; a session without one does not pass. */
  readonly maxAge?: number;
  /** Factors that the session has completed, whatever the policy asks: a list as in a policy. */
  readonly factors?: readonly Requirement[];
  /** All of them, in the session's tenant. */
  readonly roles?: readonly string[];
  /** All of them. */
  readonly permissions?: readonly string[];
  /**
   * An `immediate` policy reaches sessions at their next call here, and not only at their next refresh: asks the service
   * now and then what a tenant asks today.
   */
  readonly checkPolicy?: boolean | Partial<PolicyCheck>;
}

/** How a route goes by immediate policies. */
export interface PolicyCheck {
  /** How old what the service said may be. Seconds, 1 to 900; default 4, which makes 5 with what its own answer may have. */
  readonly refreshSeconds: number;
  /** Where the service has not answered for a minute, or never did: 503, which is the default, or as if nothing had changed. */
  readonly whenUnreachable: 'refuse' | 'pass';
}

/** @returns undefined where the route does not ask. */
export function policyCheckOf({ checkPolicy = false }: Wants): PolicyCheck | undefined {
  if (checkPolicy === false) return undefined;
  return { refreshSeconds: 4, whenUnreachable: 'refuse', ...(checkPolicy === true ? {} : checkPolicy) };
}

/** One `claimValidationErrors` entry. @see wire.md §2.8, §12.7 */
export interface ClaimFault {
  readonly id: 'st-mfa' | 'st-ev' | 'st-role' | 'st-perm';
  readonly reason: Readonly<Record<string, unknown>>;
}

/**
 * What a session lacks of what a route wants; the first thing that the person can do something about comes first.
 *
 * Pure: `now` is epoch milliseconds. A time in the future (another machine's clock) counts as now.
 */
export function faultsOf(session: Session, wants: Wants, now: number): readonly ClaimFault[] {
  const { completed, satisfied, payload } = session;
  const faults: ClaimFault[] = [];
  const mfa = (reason: ClaimFault['reason']) => faults.push({ id: 'st-mfa', reason });

  if (wants.mfa !== false && !satisfied) mfa({ message: 'MFA requirement for auth is not satisfied' });
  const missing = missingFactors(wants.factors ?? [], session);
  if (missing !== undefined) mfa(missing);
  if (wants.maxAge !== undefined) {
    const age = secondFactorAge({ firstFactor: payload.firstFactor, completed }, now);
    if (age > wants.maxAge) mfa(tooOld(age, wants.maxAge));
  }
  faults.push(...unverified(wants.emailVerified, payload));
  return [...faults, ...lacking('st-role', wants.roles, payload), ...lacking('st-perm', wants.permissions, payload)];
}

/** `st-ev`: as the tenant required it when the token was signed, or as the route does. */
function unverified(wanted: boolean | undefined, payload: Session['payload']): readonly ClaimFault[] {
  const claim = payload['st-ev'];
  const isOwed = wanted === undefined ? owedClaim(payload)?.id === 'st-ev' : wanted && claim?.v !== true;
  if (!isOwed) return [];
  const reason = claim === undefined ? { message: 'value does not exist', expectedValue: true } : UNVERIFIED;
  return [{ id: 'st-ev', reason }];
}

const tooOld = (age: number, maxAgeInSeconds: number) => ({
  message: 'MFA factor is not fresh enough for this operation',
  ...(Number.isFinite(age) ? { ageInSeconds: Math.floor(age) } : {}),
  maxAgeInSeconds,
});

/** The reference's reasons of `hasCompletedRequirementList`, for the first requirement that is not met. */
function missingFactors(list: readonly Requirement[], { completed }: Session): ClaimFault['reason'] | undefined {
  const next = nextFactors(list, completed);
  if (next.length === 0) return undefined;
  const first = list.find((requirement) => nextFactors([requirement], completed).length > 0)!;
  if (typeof first === 'string') {
    return { message: `Factor validation failed: ${first} not completed`, factorId: first };
  }
  const names = next.join(', ');
  return 'oneOf' in first
    ? { message: `None of these factors are complete in the session: ${names}`, oneOf: next }
    : { message: `Some of the factors are not complete in the session: ${names}`, allOfInAnyOrder: next };
}

function lacking(
  id: 'st-role' | 'st-perm',
  expected: readonly string[] | undefined,
  payload: Session['payload'],
): readonly ClaimFault[] {
  const claim: unknown = payload[id];
  const value = typeof claim === 'object' && claim !== null && 'v' in claim ? claim.v : undefined;
  const actualValue: readonly unknown[] = Array.isArray(value) ? value : [];
  if ((expected ?? []).every((one) => actualValue.includes(one))) return [];
  return [{ id, reason: { message: 'wrong value', expectedToInclude: expected, actualValue } }];
}

/** @throws Error that names the option: at the start of a function, not at its first request. */
export function checkWants(wants: Wants): Wants {
  const { maxAge } = wants;
  if (maxAge !== undefined && !(Number.isFinite(maxAge) && maxAge > 0)) {
    throw new Error('maxAge must be a number of seconds above 0.');
  }
  const check = policyCheckOf(wants);
  if (check === undefined) return wants;
  if (!(check.refreshSeconds >= 1 && check.refreshSeconds <= 900)) {
    throw new Error('checkPolicy.refreshSeconds must be a number of seconds from 1 to 900.');
  }
  if (!['refuse', 'pass'].includes(check.whenUnreachable)) {
    throw new Error('checkPolicy.whenUnreachable must be refuse or pass.');
  }
  return wants;
}
