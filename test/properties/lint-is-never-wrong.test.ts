/**
 * What is refused before a policy is saved could not have worked, and what is not refused can.
 *
 * Why: an error at save stands between an operator and a policy; a false one makes people switch checks off.
 */
import * as fc from 'fast-check';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { parseTenant } from '../../shared/account/parse-tenant.ts';
import { secondFactorsOf } from '../../shared/account/tenant-defaults.ts';
import { type TenantDocument, TenantSchema } from '../../shared/account/tenant-schema.ts';
import { evaluate } from '../../shared/mfa/evaluate.ts';
import type { Facts } from '../../shared/mfa/facts.ts';
import { hasErrors, lintPolicy } from '../../shared/mfa/lint/lint.ts';
import { compilePolicy } from '../../shared/mfa/compile-policy.ts';
import { type Policy, PolicySchema } from '../../shared/mfa/policy-schema.ts';
import { facts, NOW, SECONDS } from '../shared/mfa/facts.ts';

const condition = fc.constantFrom(
  undefined,
  'true',
  'false',
  "'admin' in user.roles",
  "'admin' in user.roles && !('admin' in user.roles)",
  "has(user.metadata.plan) && user.metadata.plan in ['paid', 'trial']",
  "'plan' in user.metadata && user.metadata['plan'] == 'paid'",
  "user.emails.exists(e, e.endsWith('example.com'))",
  'user.emails.exists(e, user.roles.exists(r, e.startsWith(r)))',
  "!inNetwork(request.ip, '203.0.113.0/24')",
  "now - user.timeJoined > duration('720h')",
  "now < timestamp('2020-01-01T00:00:00Z')",
  'size(user.phones) == 0 || session.isNewDevice',
  "session.firstFactor != 'otp-email' ? size(user.id) > 3 : request.country == 'HU'",
  "'totp' in user.factorsSetUp || 'otp-mail' in tenant.requiredSecondaryFactors",
  "has(tenant.metadata.tier) && tenant.metadata.tier == 'gold'",
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const lists: string[][] = [['otp-email'], ['totp', 'otp-phone'], []];
const replaceable: ('totp' | 'otp-email' | 'otp-phone')[][] = [['totp'], ['otp-email', 'otp-phone']];

const tenants: fc.Arbitrary<TenantDocument> = fc.record(
  {
    firstFactors: fc.subarray(['emailpassword', 'otp-email', 'otp-phone', 'link-email', 'link-phone']),
    contactMethod: fc.constantFrom('EMAIL', 'PHONE', 'EMAIL_OR_PHONE'),
    distinctChannels: fc.boolean(),
    profile: fc.constantFrom('strict', 'compat'),
    requiredSecondaryFactors: fc.constantFrom(...lists),
    backupCodeReplaces: fc.constantFrom(...replaceable),
  },
  { requiredKeys: [] },
);

const policiesOf = (offered: readonly string[]) => {
  const factor = fc.constantFrom(...offered, 'totp');
  const some = fc.uniqueArray(factor, { minLength: 1, maxLength: 3 });
  const requirement = fc.oneof(factor, fc.record({ oneOf: some }), fc.record({ allOfInAnyOrder: some }));
  const terms = {
    when: maybe(condition),
    unless: maybe(condition),
    rollout: maybe(fc.integer({ min: 0, max: 100 })),
    from: maybe(fc.constantFrom('2020-01-01', '2030-06-01T08:00:00+02:00')),
    graceDays: maybe(fc.integer({ min: 1, max: 365 })),
    rememberable: maybe(fc.boolean()),
    mode: maybe(fc.constantFrom('enforce', 'observe')),
  };
  const rule = fc.oneof(
    fc.record({ ...terms, require: fc.array(requirement, { minLength: 1, maxLength: 2 }) }),
    fc.record({ ...terms, requireFrom: fc.constantFrom('user', 'tenant') }),
  );
  return fc
    .array(rule, { maxLength: 5 })
    .map((rules) =>
      v.parse(PolicySchema, JSON.parse(JSON.stringify({ rules: rules.map((r, id) => ({ id: `r${id}`, ...r })) }))),
    );
};

/** A tenant, and a policy of factors that it offers. */
const both = tenants.chain((tenant) =>
  policiesOf(secondFactorsOf(tenant)).map((mfaPolicy): readonly [TenantDocument, Policy] => [tenant, mfaPolicy]),
);

/** Somebody who has everything and has shown everything, whose session began so. */
const everything = (
  firstFactor: string,
  offered: readonly string[],
  requiredSecondaryFactors: readonly string[],
): Facts => {
  const all = [...new Set([firstFactor, ...offered])];
  return facts({
    user: { phones: ['+36301234567'], factorsSetUp: all },
    tenant: { requiredSecondaryFactors },
    session: { firstFactor, completed: Object.fromEntries(all.map((id) => [id, SECONDS])) },
  });
};

/** Mailboxes alone open this tenant: a code to one is no second factor there, an app is. */
const asking = (factor: string): readonly [TenantDocument, Policy] => [
  { firstFactors: ['otp-email'], contactMethod: 'EMAIL', distinctChannels: true },
  v.parse(PolicySchema, { rules: [{ id: 'r0', require: [factor] }] }),
];

it('an error is told of a rule exactly where nobody could meet it', async () => {
  const seen = { met: 0, unmet: 0 };
  await fc.assert(
    fc.asyncProperty(both, async ([document, mfaPolicy]) => {
      const findings = await lintPolicy(mfaPolicy, document, { now: NOW });
      const tenant = await parseTenant('public', { ...document, mfaPolicy });
      for (const rule of mfaPolicy.rules) {
        if (rule.requireFrom === 'user' || rule.mode === 'observe' || tenant.firstFactors.length === 0) continue;
        // The rule by itself, for everybody: whether it can be met, and not for whom it holds.
        const { require, requireFrom } = rule;
        const alone = await compilePolicy(
          v.parse(PolicySchema, JSON.parse(JSON.stringify({ rules: [{ id: 'a', require, requireFrom }] }))),
        );
        if (!('rules' in alone)) throw new Error('does not compile');
        const isListUnoffered =
          requireFrom === 'tenant' && !tenant.requiredSecondaryFactors.every((id) => tenant.secondFactors.includes(id));
        if (isListUnoffered) continue;
        const canBeMet = tenant.firstFactors.some(
          (first) =>
            evaluate(
              { ...tenant, policy: alone },
              everything(first, tenant.secondFactors, tenant.requiredSecondaryFactors),
            ).claim.v,
        );
        const errors = findings.filter(({ level, ruleId }) => level === 'error' && ruleId === rule.id);
        expect(errors.map(({ code }) => code).filter((code) => code !== 'unsatisfiable')).toEqual([]);
        expect(errors.length === 0).toBe(canBeMet);
        seen[canBeMet ? 'met' : 'unmet'] += 1;
      }
    }),
    { numRuns: 400, examples: [[asking('totp')], [asking('otp-email')]] },
  );
  expect(seen.met > 0 && seen.unmet > 0, JSON.stringify(seen)).toBe(true);
});

it('what has no errors can be parsed as a tenant, and what is parsed has none of shape', async () => {
  await fc.assert(
    fc.asyncProperty(both, async ([document, mfaPolicy]) => {
      const findings = await lintPolicy(mfaPolicy, document);
      const stored = await v.safeParseAsync(TenantSchema, { ...document, mfaPolicy });
      expect(stored.success).toBe(true);
      if (!hasErrors(findings)) await parseTenant('public', { ...document, mfaPolicy });
    }),
    { numRuns: 200 },
  );
});

it('is answered for whatever is sent', async () => {
  const anything = fc.oneof(fc.anything({ maxDepth: 5 }), fc.record({ rules: fc.array(fc.anything({ maxDepth: 3 })) }));
  await fc.assert(
    fc.asyncProperty(anything, async (document) => {
      const isPolicy = v.safeParse(PolicySchema, document).success;
      const findings = await lintPolicy(document, {});
      expect(findings.some(({ code }) => code === 'malformed')).toBe(!isPolicy);
    }),
  );
});

it('is answered for whatever a condition says', async () => {
  const piece = fc.constantFrom(
    ...'user. roles [ ] ( ) && || ! == in \' " 1 has size exists , e now inNetwork request.ip'.split(' '),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(' ')),
  );
  await fc.assert(
    fc.asyncProperty(text, async (when) => {
      const findings = await lintPolicy({ rules: [{ id: 'a', when, require: ['totp'] }] }, {}, { now: NOW });
      for (const { position } of findings) {
        expect(
          position === undefined || (position.line >= 1 && position.column >= 1 && position.offset <= when.length),
        ).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
