// `constructor` is a name like any other, and every object has it: a tenant or rule of that name must find what is its own,
// and nothing that JavaScript brought along. @see security.md §3.1

import { describe, expect, it } from 'vitest';
import { EVERYBODY } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const DAY = 86_400_000;

describe('SEC-76: a tenant named constructor', () => {
  it('is signed in to by its users, with their roles there and none from anywhere else', async () => {
    const rule = { id: 'constructor', when: "'clerk' in user.roles", require: ['otp-email'] };
    await stepgate.tenant('constructor', { mfaPolicy: { rules: [rule] } });
    await stepgate.user('plain@example.com', { tenantId: 'constructor' });
    await stepgate.user('clerk@example.com', { tenantId: 'constructor', roles: ['clerk'] });
    for (const [email, isAsked] of [
      ['plain@example.com', false],
      ['clerk@example.com', true],
    ] as const) {
      const page = stepgate.browser('header', 'constructor');
      expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
      expect(page.claims()['st-mfa'].v).toBe(!isAsked);
    }
  });
});

describe('SEC-76: a rule with a grace', () => {
  it('named constructor begins one and ends it', async () => {
    const rules = [{ ...EVERYBODY.mfaPolicy.rules[0], id: 'constructor', graceDays: 2 }];
    await stepgate.tenant('graced', { mfaPolicy: { rules } });
    await stepgate.user('graced@example.com', { tenantId: 'graced' });
    const asks = async () => {
      const page = stepgate.browser('header', 'graced');
      await page.signIn('graced@example.com', PASSWORD);
      return !page.claims()['st-mfa'].v;
    };
    expect(await asks()).toBe(false);
    stepgate.clock.advance(3 * DAY);
    expect(await asks()).toBe(true);
  });

  it('cannot be named so that its deadline could not be kept', async () => {
    const rules = [{ ...EVERYBODY.mfaPolicy.rules[0], id: '__proto__', graceDays: 2 }];
    const saved = await stepgate.browser().send('PUT', '/admin/tenants/odd', { mfaPolicy: { rules } });
    expect(saved.status).toBe(400);
  });
});
