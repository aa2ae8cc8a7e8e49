import type { Tenant } from '../account/tenant.ts';
import { isEmailVerified, type User } from '../account/user.ts';
import type { Config } from '../config.ts';
import type { Evaluation } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import { amrOf, type FactorId, isSameWay } from '../mfa/factor.ts';
import type { Completed } from '../mfa/requirements.ts';
import { audienceOf, pendingAudienceOf } from './access-token.ts';
import { epochOf } from './policy-epoch.ts';

interface Verification {
  readonly mode: Tenant['emailVerification'];
  readonly verified: boolean;
}

export const verificationOf = (tenant: Tenant, user: User, recipeUserId: string): Verification => ({
  mode: tenant.emailVerification,
  verified: isEmailVerified(user, recipeUserId),
});

/** By which epoch of the tenant a token is decided, and as of when. */
export function epochClaims(tenant: Tenant, now: number) {
  const { pe, readAt } = epochOf(tenant, now);
  return { pe, pt: readAt };
}

/** Everything the policy, the roles and the address decide about a token. */
export function claimsOf(
  config: Pick<Config, 'PUBLIC_URL'>,
  { claim }: Evaluation,
  facts: Facts,
  now: number,
  { mode, verified }: Verification,
) {
  const isDone = claim.v && (mode !== 'REQUIRED' || verified);
  return {
    aud: isDone ? audienceOf(config) : pendingAudienceOf(config),
    scope: isDone ? 'mfa' : '',
    ...(mode === 'OFF' ? {} : { 'st-ev': { v: verified, t: now } }),
    amr: amrOf(claim.c),
    acr: claim.v && isSeveralFactors(claim.c, facts.session.firstFactor) ? 'urn:stepgate:mfa' : 'urn:stepgate:single',
    auth_time: Math.max(...Object.values(claim.c)),
    'st-mfa': claim,
    'st-role': { v: facts.user.roles, t: now },
    'st-perm': { v: facts.user.permissions, t: now },
  };
}

/** A code to the mailbox that began the session is the same factor again, whatever the tenant makes of it. */
const isSeveralFactors = (completed: Completed, firstFactor: FactorId): boolean =>
  Object.keys(completed).some((factor) => factor !== firstFactor && !isSameWay(factor, firstFactor));

/** A claim whose expression fails on these facts is left out: it may inform, never decide. */
export function customClaims(tenant: Tenant, facts: Facts): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    tenant.claims.flatMap(({ name, condition }) => {
      try {
        return [[name, jsonValue(condition.evaluate(facts))]];
      } catch {
        return [];
      }
    }),
  );
}

const jsonValue = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)));

/** `t` of a claim is when it was looked up, not what it says. */
export function sameClaims(old: Readonly<Record<string, unknown>>, fresh: Readonly<Record<string, unknown>>): boolean {
  const said = (value: unknown) =>
    JSON.stringify(value, (key, item: unknown) => (key === 't' && typeof item === 'number' ? 0 : item));
  return Object.entries(fresh).every(([name, value]) => said(old[name]) === said(value));
}
