/** What `docs/policy.md` shows is taken as it stands, and no field of a policy is missing there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { READABLE } from '../../shared/mfa/conditions.ts';
import { lintPolicy } from '../../shared/mfa/lint/lint.ts';
import { PolicySchema } from '../../shared/mfa/policy-schema.ts';
import { RuleSchema } from '../../shared/mfa/rule-schema.ts';

const page = await readFile(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]): unknown => JSON.parse(text ?? ''));
const tenant = {
  secondFactors: ['otp-email', 'totp'] as const,
  requiredSecondaryFactors: ['otp-email'],
  rememberDevice: { days: 7 },
};

const fieldsOf = ({ pipe: [object] }: { readonly pipe: readonly [{ readonly entries: object }, ...unknown[]] }) =>
  Object.keys(object.entries);

describe('docs/policy.md', () => {
  it('has examples', () => expect(examples.length).toBeGreaterThanOrEqual(5));

  it.each(examples)('shows policies that can be saved: %j', async (policy) => {
    const findings = await lintPolicy(policy, { ...tenant, secondFactors: [...tenant.secondFactors] });
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('tells every field of a policy and of a rule', () => {
    const fields = [...fieldsOf(PolicySchema), ...fieldsOf(RuleSchema)];
    expect(fields).toContain('graceDays');
    expect(fields.filter((field) => !page.includes(`| \`${field}\` |`))).toEqual([]);
  });

  it('tells every fact that a condition may read', () => {
    const facts = Object.entries(READABLE).flatMap(([name, of]) =>
      Object.keys(of).map((member) => `${name}.${member}`),
    );
    expect(facts.filter((fact) => !page.includes(`\`${fact}\``))).toEqual([]);
  });
});
