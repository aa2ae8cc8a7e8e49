import * as v from 'valibot';
import { compilePolicy } from '../../../shared/mfa/compile-policy.ts';
import type { CompiledPolicy } from '../../../shared/mfa/policy.ts';
import { type Policy, PolicySchema } from '../../../shared/mfa/policy-schema.ts';
import type { Requirement } from '../../../shared/mfa/requirements.ts';
import type { EvaluatedTenant } from '../../../shared/mfa/evaluate.ts';
import type { Facts } from '../../../shared/mfa/facts.ts';

type Partly<T> = { readonly [K in keyof T]?: T[K] extends readonly unknown[] | number | string ? T[K] : Partial<T[K]> };

/** 2026-01-01T12:00:00Z. */
export const NOW = 1_767_268_800_000;
export const SECONDS = NOW / 1000;

/** A user of a year ago with a mail address, signed in with the password this second. */
export const facts = (about: Partly<Facts> = {}): Facts => ({
  user: {
    id: 'u1',
    roles: [],
    permissions: [],
    emails: ['person@example.com'],
    phones: [],
    requiredFactors: [],
    metadata: {},
    timeJoined: NOW - 365 * 86_400_000,
    factorsSetUp: ['emailpassword'],
    ...about.user,
  },
  tenant: { id: 'public', requiredSecondaryFactors: [], metadata: {}, ...about.tenant },
  session: { firstFactor: 'emailpassword', completed: { emailpassword: SECONDS }, isNewDevice: true, ...about.session },
  request: { ip: '192.0.2.1', country: '', userAgent: 'test', ...about.request },
  now: about.now ?? NOW,
});

export async function compiled(policy: Policy): Promise<CompiledPolicy> {
  const result = await compilePolicy(policy);
  if (!('rules' in result)) throw new Error(result.map(({ message }) => message).join('; '));
  return result;
}

/** Offers both one-time codes and wants proof before a first enrolment, unless told otherwise. */
export const tenant = async (policy: Policy, about: Partial<EvaluatedTenant> = {}): Promise<EvaluatedTenant> => ({
  policy: await compiled(policy),
  firstEnrolment: 'proof',
  distinctChannels: true,
  secondFactors: ['otp-email', 'otp-phone'],
  ...about,
});

/** `['emailpassword', 'otp-email']` as `st-mfa.c`. */
export const done = (...factors: readonly string[]) => Object.fromEntries(factors.map((factor) => [factor, SECONDS]));

/** One rule for everybody; none where nothing is required. */
export const requiring = (...require: readonly Requirement[]): Policy =>
  v.parse(PolicySchema, { rules: require.length === 0 ? [] : [{ id: 'all', require }] });
