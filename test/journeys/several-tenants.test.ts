/** One account in several tenants: what is taken off it is taken off everywhere, and each tenant asks on its own. */
import middy from '@middy/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { issuerAt, requireSession } from '../../shared/protect/require-session.ts';
import type { Browser } from '../support/browser.ts';
import { danglingIn } from '../support/linking.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from './steps.ts';

const stepgate = useStepgate();
const operator = () => stepgate.browser();
const MINUTE = 60_000;

beforeAll(async () => {
  const mfaPolicy = { rules: [{ id: 'all', require: ['otp-email'] }] };
  await stepgate.tenant('shop', { contactMethod: 'EMAIL', mfaPolicy });
  await stepgate.tenant('bank', { contactMethod: 'EMAIL', mfaPolicy });
});

let people = 0;
async function inBoth() {
  const email = `both-${(people += 1)}@example.com`;
  const userId = await stepgate.user(email, { tenantId: 'shop' });
  expect((await operator().put(`/admin/users/${userId}/tenants/bank`)).status).toBe(200);
  return { email, userId };
}

async function signedIn(email: string, tenantId: string): Promise<Browser> {
  const page = stepgate.browser('header', tenantId);
  expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
  await passCode(stepgate, page, { email });
  return page;
}

const contactOf = async (userId: string) => (await stepgate.app().users.load(userId))?.loginMethods ?? [];

describe('a user of two tenants', () => {
  it('loses every second factor at once by a reset of an operator, and both tenants ask anew', async () => {
    const { email, userId } = await inBoth();
    const pages = [await signedIn(email, 'shop'), await signedIn(email, 'bank')];
    expect((await operator().post(`/admin/users/${userId}/factors/reset`, {})).body.status).toBe('OK');
    for (const page of pages) expect((await page.refresh()).status).toBe(401);
    expect((await contactOf(userId)).map(({ recipeId }) => recipeId)).toEqual(['emailpassword']);
    expect((await contactOf(userId))[0]?.tenantIds.toSorted()).toEqual(['bank', 'shop']);
    for (const tenantId of ['shop', 'bank']) {
      const page = stepgate.browser('header', tenantId);
      await page.signIn(email, PASSWORD);
      expect([tenantId, page.claims()['st-mfa'].v]).toEqual([tenantId, false]);
    }
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('loses a way in everywhere when it is unlinked, and the contact is free in both tenants', async () => {
    const { email, userId } = await inBoth();
    const other = `other-${people}@example.com`;
    const from = await stepgate.user(other, { tenantId: 'shop' });
    expect((await operator().put(`/admin/users/${from}/tenants/bank`)).status).toBe(200);
    expect((await operator().post(`/admin/users/${userId}/link`, { userId: from })).body.status).toBe('OK');
    for (const tenantId of ['shop', 'bank']) {
      const answer = await stepgate.browser('header', tenantId).signIn(other, PASSWORD);
      expect([tenantId, answer.body.user?.id]).toEqual([tenantId, userId]);
    }

    expect((await operator().delete(`/admin/users/${userId}/login-methods/${from}`)).body.status).toBe('OK');
    for (const tenantId of ['shop', 'bank']) {
      const refused = await stepgate.browser('header', tenantId).signIn(other, PASSWORD);
      expect([tenantId, refused.body.status]).toEqual([tenantId, 'WRONG_CREDENTIALS_ERROR']);
      expect((await stepgate.browser('header', tenantId).signIn(email, PASSWORD)).body.status).toBe('OK');
      expect((await stepgate.browser('header', tenantId).signUp(other, PASSWORD)).body.status).toBe('OK');
    }
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('takes no freshness along: maxAge counts from when the factor was shown, whatever the tenant', async () => {
    const { email } = await inBoth();
    const page = await signedIn(email, 'shop');
    const issuer = issuerAt({
      url: 'http://localhost:3001',
      jwksUrl: `${stepgate.url()}/auth/jwt/jwks.json`,
      clock: stepgate.clock,
    });
    const payout = middy()
      .use(requireSession({ maxAge: 300 }, issuer))
      .handler((_, { session }) => ({ statusCode: 200, body: JSON.stringify({ tenantId: session.tenantId }) }));
    const ask = async () => {
      const headers = { authorization: `Bearer ${page.tokens().access}`, 'st-auth-mode': 'header', rid: 'anti-csrf' };
      const event = { headers, cookies: [], requestContext: { http: { method: 'POST' } } };
      const { statusCode, body } = (await payout(event as never, {} as never)) as { statusCode: number; body: string };
      return [statusCode, JSON.parse(body)] as const;
    };
    expect(await ask()).toEqual([200, { tenantId: 'shop' }]);

    stepgate.clock.advance(4 * MINUTE);
    expect((await page.post('/auth/session/tenant', { tenantId: 'bank' })).body.status).toBe('OK');
    expect(await ask()).toEqual([200, { tenantId: 'bank' }]);

    stepgate.clock.advance(2 * MINUTE);
    const [status, body] = await ask();
    expect([status, body.claimValidationErrors[0].id]).toEqual([403, 'st-mfa']);
    await page.post('/auth/session/tenant', { tenantId: 'shop' });
    expect((await ask())[0]).toBe(403);
    await passCode(stepgate, page, { email });
    expect((await ask())[0]).toBe(200);
  });
});
