// A malformed header or a mistake in the settings once skipped the policy. Here it never lets anybody further in.
// @see authentik CVE-2024-47070; Auth.js GHSA-8fpg
import { beforeAll, describe, expect, it } from 'vitest';
import { form, gateway } from '../support/gateway.ts';
import { EVERYBODY } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(async () => {
  await stepgate.tenant('public', EVERYBODY);
  await stepgate.user('owner@example.com');
});

const payloadOf = (token: string | undefined) =>
  JSON.parse(Buffer.from((token ?? '').split('.')[1] ?? '', 'base64url').toString('utf8'));

describe('SEC-34: what is malformed opens nothing', () => {
  it.each([
    ['x-forwarded-for', 'not an address'],
    ['x-forwarded-for', ','],
    ['x-forwarded-for', '999.1.1.1, ::g, \\0'],
    ['forwarded', 'for="_hidden;by='],
    ['user-agent', ''],
    ['cloudfront-viewer-country', '??'],
    ['accept-language', '*;q=x'],
    ['st-device', 'garbage'],
    ['st-device', '{}'],
  ])('%s: %s still owes the factor', async (name, value) => {
    const { headers, body } = await gateway(stepgate.app())('POST', '/auth/signin', {
      body: form({ email: 'owner@example.com', password: PASSWORD }),
      headers: { 'st-auth-mode': 'header', [name]: value },
    });
    expect(body.status).toBe('OK');
    expect(payloadOf(headers['st-access-token'])['st-mfa'].v).toBe(false);
  });

  it('an address the gateway does not know still owes the factor', async () => {
    const { headers } = await gateway(stepgate.app())('POST', '/auth/signin', {
      body: form({ email: 'owner@example.com', password: PASSWORD }),
      headers: { 'st-auth-mode': 'header' },
      ip: '',
    });
    expect(payloadOf(headers['st-access-token'])['st-mfa'].v).toBe(false);
  });

  it.each([
    ['a misspelt attribute', { mfaPolicies: { rules: [] } }],
    ['rules that are no list', { mfaPolicy: { rules: 'none' } }],
    ['a rule that is no rule', { mfaPolicy: { rules: [{ id: 'all', demand: ['otp-email'] }] } }],
    [
      'a condition that does not compile',
      { mfaPolicy: { rules: [{ id: 'a', when: 'user.', require: ['otp-email'] }] } },
    ],
    ['a condition of another type', { mfaPolicy: { rules: [{ id: 'a', when: '1 + 1', require: ['otp-email'] }] } }],
    ['a policy that is null', { mfaPolicy: null }],
  ])('%s in a tenant lets nobody in', async (_, attributes) => {
    await stepgate.tenant('broken', attributes);
    const page = stepgate.browser('header', 'broken');
    const answer = await page.signIn('owner@example.com', PASSWORD);
    expect([answer.status, page.tokens().access]).toEqual([503, undefined]);
  });
});
