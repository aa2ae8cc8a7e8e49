// The id in a path says which of one's own things is meant, never whose. @see OWASP ASVS 5.0 V8.2.2; GHSA-4vcf

import { beforeAll, describe, expect, it } from 'vitest';
import { fullySignedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

beforeAll(async () => {
  await stepgate.tenant('public', {});
  await stepgate.tenant('other', {});
});

async function member(email: string, tenantId = 'public') {
  const userId = await stepgate.user(email, { tenantId });
  const page = stepgate.browser('cookie', tenantId);
  await page.signIn(email, 'correct horse battery staple');
  const sent = await page.sendCode({ email });
  await page.consume(sent.body, stepgate.lastCode(email));
  return { userId, page, handle: String(page.claims().sessionHandle) };
}

describe('SEC-27b: sessions and factors of somebody else', () => {
  it('does not end another user’s session by its handle', async () => {
    const a = await member('a@example.com');
    const b = await member('b@example.com');
    const c = await member('c@example.com', 'other');
    for (const handle of [b.handle, c.handle]) {
      expect((await a.page.delete(`/auth/sessions/${handle}`)).status).toBe(404);
      expect((await a.page.delete(`/auth/sessions/${handle}?userId=${b.userId}`)).status).toBe(404);
      expect((await a.page.send('DELETE', `/auth/sessions/${handle}`, { userId: b.userId })).status).toBe(404);
    }
    expect((await a.page.delete(`/auth/sessions/..%2F..%2FUSER%23${b.userId}`)).status).toBe(404);
    expect((await b.page.refresh()).status).toBe(200);
    expect((await c.page.refresh()).status).toBe(200);
  });

  it('lists nobody else’s sessions', async () => {
    const a = await member('list-a@example.com');
    await member('list-b@example.com');
    const { body } = await a.page.get('/auth/sessions');
    expect(body.sessions.map(({ sessionHandle }: { sessionHandle: string }) => sessionHandle)).toEqual([a.handle]);
  });

  it('changes one’s own factors alone, whoever a request names', async () => {
    const a = await member('factor-a@example.com');
    const b = await member('factor-b@example.com');
    const { users } = stepgate.app();
    await users.setRequiredFactor(b.userId, 'otp-email', true);
    await users.setRequiredFactor(a.userId, 'otp-email', true);

    const named = { userId: b.userId, recipeUserId: b.userId, sub: b.userId };
    const path = `/auth/mfa/factors/otp-email`;
    expect((await a.page.send('DELETE', `${path}?userId=${b.userId}`, named)).body).toEqual({ status: 'OK' });
    expect((await users.load(a.userId))?.requiredFactors).toEqual([]);
    expect((await users.load(b.userId))?.requiredFactors).toEqual(['otp-email']);
    expect((await b.page.refresh()).status).toBe(200);
  });

  it('sends no code to another user’s device and adds no factor to another user', async () => {
    const a = await member('send-a@example.com');
    const b = await member('send-b@example.com');
    const page = await fullySignedIn(stepgate, 'send-a@example.com');
    const sent = await page.post('/auth/signinup/code', {
      email: 'fresh@example.com',
      userId: b.userId,
      shouldTryLinkingWithSessionUser: true,
    });
    const consumed = await page.post('/auth/signinup/code/consume', {
      ...sent.body,
      userInputCode: stepgate.lastCode('fresh@example.com'),
      userId: b.userId,
      shouldTryLinkingWithSessionUser: true,
    });
    expect(consumed.body).toMatchObject({ status: 'OK', user: { id: a.userId } });
    expect((await stepgate.app().users.load(b.userId))?.loginMethods).toHaveLength(2);
  });
});
