import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

let users = 0;

const SESSION_OVER = { status: 401, body: { message: 'unauthorised' } };

const expectForgotten = (answer: Answer): void => {
  expect(answer).toMatchObject(SESSION_OVER);
  expect(answer.headers.get('front-token')).toBe('remove');
};

describe.each<Mode>(['cookie', 'header'])('SEC-52: sessions (%s mode)', (mode) => {
  let email = '';
  let userId = '';

  beforeEach(async () => {
    email = `user-${(users += 1)}@example.com`;
    userId = await stepgate.user(email);
  });

  const signedIn = async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    return page;
  };
  const admin = (status: 'active' | 'disabled') =>
    stepgate.browser().send('PATCH', `/admin/users/${userId}`, { status });

  it('end with sign-out: tokens are taken back, and the refresh token is good for nothing', async () => {
    const page = await signedIn();
    const kept = page.tokens();
    const out = await page.signOut();
    expect(out).toMatchObject({ status: 200, body: { status: 'OK' } });
    expect(out.headers.get('front-token')).toBe('remove');
    expect(page.tokens()).toEqual({ access: undefined, refresh: undefined });
    expect((await page.me()).status).toBe(401);

    page.present({ refresh: kept.refresh });
    expectForgotten(await page.refresh());
  });

  it('are listed newest first, with nothing secret', async () => {
    const first = await signedIn();
    stepgate.clock.advance(1_000);
    const second = await signedIn();
    const listed = await second.get('/auth/sessions');
    expect(listed.body).toEqual({
      status: 'OK',
      sessions: [second, first].map((page) => ({
        sessionHandle: page.claims().sessionHandle,
        tenantId: 'public',
        current: page === second,
        createdAt: expect.any(Number),
        lastUsedAt: expect.any(Number),
        expiresAt: expect.any(Number),
        userAgent: 'test-browser/1.0',
        completed: { emailpassword: expect.any(Number) },
      })),
    });
  });

  it('are ended one by one from another', async () => {
    const lost = await signedIn();
    const page = await signedIn();
    const { sessionHandle } = lost.claims();
    expect((await page.delete(`/auth/sessions/${sessionHandle}`)).body).toEqual({ status: 'OK' });
    expectForgotten(await lost.refresh());
    expect((await page.get('/auth/sessions')).body.sessions).toHaveLength(1);
    expect((await page.me()).status).toBe(200);
    expect((await page.delete(`/auth/sessions/${sessionHandle}`)).status).toBe(404);
  });

  it('may end themselves', async () => {
    const page = await signedIn();
    const ended = await page.delete(`/auth/sessions/${page.claims().sessionHandle}`);
    expect(ended.body).toEqual({ status: 'OK' });
    expect(ended.headers.get('front-token')).toBe('remove');
    expect((await page.me()).status).toBe(401);
  });

  it('of others cannot be named', async () => {
    const other = `other-${email}`;
    await stepgate.user(other);
    const theirs = stepgate.browser(mode);
    await theirs.signIn(other, PASSWORD);
    const page = await signedIn();
    expect(await page.delete(`/auth/sessions/${theirs.claims().sessionHandle}`)).toMatchObject({
      status: 404,
      body: { message: 'unknown session' },
    });
    expect((await theirs.refresh()).status).toBe(200);
  });

  it('are neither listed nor ended by a session that still owes a code', async () => {
    const page = await signedIn();
    await stepgate.browser().put(`/admin/users/${userId}/factors/otp-email`);
    await page.refresh();
    expect((await page.get('/auth/sessions')).status).toBe(403);
    expect((await page.delete(`/auth/sessions/${page.claims().sessionHandle}`)).status).toBe(403);
  });

  it('of a disabled user end at refresh and at whatever looks at the user, and none begins', async () => {
    const refreshing = await signedIn();
    const asking = await signedIn();
    const sending = await signedIn();
    expect((await admin('disabled')).body.user.status).toBe('disabled');
    expectForgotten(await refreshing.refresh());
    expectForgotten(await asking.mfaInfo());
    expectForgotten(await sending.sendCode({ email }));
    expect((await stepgate.browser(mode).signIn(email, PASSWORD)).body).toEqual({
      status: 'WRONG_CREDENTIALS_ERROR',
    });
  });

  it('of a user who was disabled and enabled again stay ended; new ones begin', async () => {
    const before = await signedIn();
    await admin('disabled');
    await admin('active');
    expectForgotten(await before.refresh());
    const page = await signedIn();
    expect((await page.me()).status).toBe(200);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.get('/auth/sessions')).body.sessions).toHaveLength(1);
  });
});
