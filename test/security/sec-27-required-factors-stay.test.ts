// What the tenant or a rule demands is not the user's to switch off, however the request is bent.
// @see security.md §3.7

import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { fullySignedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

beforeAll(async () => {
  await stepgate.tenant('public', {
    mfaPolicy: {
      rules: [
        { id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] },
        { id: 'own', requireFrom: 'user' },
      ],
    },
  });
  await stepgate.tenant('strict', { requiredSecondaryFactors: ['otp-email'] });
});

/** Switched on for oneself, and demanded by somebody else as well. */
async function enrolled(email: string, about: { tenantId?: string; roles?: readonly string[] }) {
  const userId = await stepgate.user(email, about);
  await stepgate.app().users.setRequiredFactor(userId, 'otp-email', true);
  const page = stepgate.browser('cookie', about.tenantId);
  await page.signIn(email, 'correct horse battery staple');
  const sent = await page.sendCode({ email });
  await page.consume(sent.body, stepgate.lastCode(email));
  return { userId, page };
}

const disable = (page: Browser) => page.delete('/auth/mfa/factors/otp-email');
const ownList = async (userId: string) => (await stepgate.app().users.load(userId))?.requiredFactors;

describe('SEC-27: a factor that somebody else demands', () => {
  it.each([
    ['a rule', 'role@example.com', { roles: ['admin'] }, ['rule:admins']],
    ['the tenant', 'tenant@example.com', { tenantId: 'strict' }, ['tenant']],
  ])('cannot be switched off when it is %s, and says who demands it', async (who, email, about, requiredBy) => {
    const { userId, page } = await enrolled(email, about);
    const answer = await disable(page);
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'FACTOR_REQUIRED_ERROR', requiredBy, reason: expect.stringContaining('cannot be switched off') },
      setCookies: [],
    });
    expect(answer.body.reason).toContain(who === 'a rule' ? 'rule admins' : 'the tenant');
    expect(await ownList(userId)).toEqual(['otp-email']);
    expect((await page.get('/auth/mfa/factors')).body.factors).toContainEqual(
      expect.objectContaining({ factorId: 'otp-email', required: true, canDisable: false }),
    );
  });

  it('cannot be switched off by a request that says otherwise', async () => {
    const { userId, page } = await enrolled('bent@example.com', { roles: ['admin'] });
    const path = '/auth/mfa/factors/otp-email';
    const bent = { required: false, requiredBy: [], roles: [], userId, tenantId: 'other', mfaPolicy: { rules: [] } };
    const answers = [
      await page.send('DELETE', path, bent),
      await page.send('DELETE', `${path}?required=false&roles=`),
      await page.put(path, bent),
      await page.post(path, bent),
      await page.send('DELETE', path, undefined, { headers: { 'x-http-method-override': 'PATCH', 'x-roles': '' } }),
      await page.delete('/auth/mfa/factors/otp-email/'),
      await page.delete('/auth/strict/mfa/factors/otp-email'),
      await page.delete('/auth/mfa/factors/OTP-EMAIL'),
    ];
    expect(answers.map(({ status, body }) => body?.status ?? status)).toEqual([
      'FACTOR_REQUIRED_ERROR',
      'FACTOR_REQUIRED_ERROR',
      'OK',
      404,
      'FACTOR_REQUIRED_ERROR',
      404,
      404,
      400,
    ]);
    expect(await ownList(userId)).toEqual(['otp-email']);
    const again = await fullySignedIn(stepgate, 'bent@example.com');
    expect(again.claims()['st-mfa'].v).toBe(true);
  });

  it('can be switched off when only the user’s own list demands it', async () => {
    const { userId, page } = await enrolled('free@example.com', {});
    expect((await disable(page)).body).toEqual({ status: 'OK' });
    expect(await ownList(userId)).toEqual([]);
  });
});
