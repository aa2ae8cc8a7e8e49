import { describe, expect, it } from 'vitest';
import { exemptionAttribute, factorsOf, graceAttribute } from '../../../shared/dynamo/factors-item.ts';

describe('factorsOf', () => {
  it('reads nothing out of no item', () => {
    expect(factorsOf(undefined)).toEqual({ requiredFactors: [] });
  });

  it('reads lists, deadlines and exemptions by tenant, whatever they are called', () => {
    const item = {
      pk: 'USER#u1',
      sk: 'FACTORS',
      required: new Set(['totp']),
      [graceAttribute('public', 'staff')]: 1,
      [graceAttribute('public', '__proto__')]: 2,
      [graceAttribute('constructor', 'staff')]: 3,
      [exemptionAttribute('acme')]: { until: 4, reason: 'lost phone', by: 'arn:aws:iam::1:user/a', note: 'by hand' },
      [exemptionAttribute('public')]: { until: 5, reason: 'travel' },
    };
    const { requiredFactors, grace, exemptions } = factorsOf(item);
    expect(requiredFactors).toEqual(['totp']);
    expect(Object.entries(grace?.['public'] ?? {})).toEqual([
      ['staff', 1],
      ['__proto__', 2],
    ]);
    expect(Object.entries(grace?.['constructor'] ?? {})).toEqual([['staff', 3]]);
    expect(exemptions).toEqual({
      acme: { until: 4, reason: 'lost phone', by: 'arn:aws:iam::1:user/a' },
      public: { until: 5, reason: 'travel' },
    });
  });

  it.each([
    ['a deadline that is no number', { [graceAttribute('public', 'staff')]: '2027-01-01' }],
    ['an exemption without its end', { [exemptionAttribute('public')]: { reason: 'x' } }],
  ])('fails on %s: the user does not sign in until it is mended', (_, item) => {
    expect(() => factorsOf(item)).toThrow('Invalid');
  });
});
