import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { PolicySchema } from '../../../shared/mfa/policy-schema.ts';
import { requirementsFor } from '../../../shared/mfa/policy.ts';
import { requiredFrom } from '../../../shared/mfa/required-from.ts';
import { compiled, facts, NOW } from './facts.ts';

const DAY = 86_400_000;
const from = async (rules: readonly object[], user: object = {}, factor = 'otp-email') => {
  const policy = await compiled(v.parse(PolicySchema, { rules: rules.map((rule, i) => ({ id: `r${i}`, ...rule })) }));
  return requiredFrom(factor, requirementsFor(policy, facts({ user })));
};
const mail = { require: ['otp-email'] };

describe('requiredFrom', () => {
  it.each<[string, readonly object[], object, number | undefined]>([
    ['nothing asks for it', [{ require: ['totp'] }], {}, undefined],
    ['a rule asks for it now', [mail], {}, undefined],
    ['a grace spares the user', [{ ...mail, graceDays: 3 }], {}, NOW + 3 * DAY],
    [
      'two graces do: the earlier end',
      [
        { ...mail, graceDays: 3 },
        { ...mail, graceDays: 2 },
      ],
      {},
      NOW + 2 * DAY,
    ],
    ['one rule waits and another does not', [{ ...mail, graceDays: 3 }, mail], {}, undefined],
    [
      'a choice of a rule that waits',
      [{ require: [{ oneOf: ['totp', 'otp-email'] }], graceDays: 3 }],
      {},
      NOW + 3 * DAY,
    ],
    ['it is set up', [{ ...mail, graceDays: 3 }], { factorsSetUp: ['otp-email'] }, undefined],
    ['an exemption spares the user', [mail], { exemption: { until: NOW + 5, reason: 'x' } }, NOW + 5],
  ])('where %s', async (_, rules, user, expected) => {
    expect(await from(rules, user)).toBe(expected);
  });
});
