import * as v from 'valibot';
import type { Facts } from '../shared/mfa/facts.ts';
import { compilePolicy } from '../shared/mfa/compile-policy.ts';
import { PolicySchema } from '../shared/mfa/policy-schema.ts';
import { requirementsFor } from '../shared/mfa/policy.ts';
import type { Row } from './rows.ts';
import { median, quantile } from './statistics.ts';

/** What the largest policy costs a sign-in. */

/** Milliseconds of CPU, warm. */
export const EVALUATION_BOUND_MS = 1;
/** As many as a policy may have. */
const RULES = 200;
const NOW = Date.UTC(2027, 0, 1);

/** Every field of a rule, and conditions that read lists and metadata. */
const document = {
  rules: Array.from({ length: RULES }, (_, i) => ({
    id: `rule-${i}`,
    when: `'role-${i % 20}' in user.roles || (has(user.metadata.plan) && user.metadata.plan == 'plan-${i}')`,
    unless: `user.emails.exists(e, e.endsWith('@example-${i}.com'))`,
    require: [{ oneOf: ['otp-email', 'totp'] }],
    rollout: 50,
    from: '2026-01-01',
    graceDays: 7,
  })),
};

/** Each time somebody else: nothing that is kept of a user helps the next. */
const factsOf = (i: number): Facts => ({
  user: {
    id: `user-${i}`,
    roles: [`role-${i % 30}`, 'editor', 'reviewer'],
    permissions: ['read', 'write'],
    emails: [`person-${i}@example.com`],
    phones: [],
    requiredFactors: ['otp-email'],
    metadata: { plan: `plan-${i % (2 * RULES)}`, seats: 5, flags: { beta: true, groups: ['a', 'b'] } },
    timeJoined: NOW - 86_400_000,
    factorsSetUp: ['emailpassword'],
  },
  tenant: { id: 'public', requiredSecondaryFactors: ['otp-email'], metadata: {} },
  session: { firstFactor: 'emailpassword', completed: { emailpassword: NOW / 1000 }, isNewDevice: true },
  request: { ip: '192.0.2.1', country: 'HU', userAgent: 'bench' },
  now: NOW,
});

/** One evaluation of 200 rules, in milliseconds of this thread's CPU: mean of each of so many batches, warm. */
export async function evaluationCosts(batches: number): Promise<readonly number[]> {
  const policy = await compilePolicy(v.parse(PolicySchema, document));
  if (!('rules' in policy)) throw new Error('the policy does not compile');
  const evaluations = 50;
  const batch = (at: number): number => {
    const users = Array.from({ length: evaluations }, (_, i) => factsOf(at * evaluations + i));
    const before = process.threadCpuUsage();
    for (const user of users) requirementsFor(policy, user);
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000 / evaluations;
  };
  for (let at = 0; at < batches; at += 1) batch(at);
  return Array.from({ length: batches }, (_, at) => batch(batches + at));
}

export async function policyRows(batches: number): Promise<readonly Row[]> {
  const costs = await evaluationCosts(batches);
  return [
    {
      what: `evaluation of a policy of ${RULES} rules, CPU`,
      value: median(costs),
      unit: 'ms',
      bound: EVALUATION_BOUND_MS,
      note: `p95 ${quantile(costs, 0.95).toFixed(2)} ms`,
    },
  ];
}
