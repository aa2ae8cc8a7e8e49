/**
 * Whatever way an account is entered, the policy is asked, and nothing from before the factor leads past it.
 *
 * Why: a second factor wired into one path only is the commonest mistake of peers (better-auth #9122, #9205,
 * CVE-2026-9091), and a completed factor of yesterday must not open today's session (CVE-2026-18963).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY, signInWithCode, typeCode } from './mfa.ts';

const stepgate = useStepgate();

const EDITORS = {
  contactMethod: 'EMAIL',
  mfaPolicy: { rules: [{ id: 'editors', when: "'editor' in user.roles", require: ['otp-email'] }] },
};

beforeAll(async () => {
  await stepgate.tenant('public', EVERYBODY);
  await stepgate.tenant('magazine', EDITORS);
});

describe.each<Mode>(['cookie', 'header'])('SEC-21: every first factor asks the policy (%s mode)', (mode) => {
  it('owes the factor right after signing up', async () => {
    const page = stepgate.browser(mode);
    expect((await page.signUp(`new-${mode}@example.com`, PASSWORD)).body.status).toBe('OK');
    expect(page.claims()).toMatchObject({
      'st-mfa': { v: false },
      aud: 'http://localhost:3001/mfa-pending',
      scope: '',
    });
    expect((await page.me()).status).toBe(403);
  });

  it('owes the factor after signing in with a password', async () => {
    const email = `in-${mode}@example.com`;
    await stepgate.user(email);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect(page.claims()['st-mfa']).toMatchObject({ v: false, c: { emailpassword: expect.any(Number) } });
    expect((await page.me()).status).toBe(403);
  });

  it('owes the factor that a role asks for, on that tenant alone', async () => {
    const email = `editor-${mode}@example.com`;
    await stepgate.user(email, { tenantId: 'magazine', roles: ['editor'] });
    await stepgate.user(`reader-${mode}@example.com`, { tenantId: 'magazine' });
    const [editor, reader] = [stepgate.browser(mode, 'magazine'), stepgate.browser(mode, 'magazine')];
    await editor.signIn(email, PASSWORD);
    await reader.signIn(`reader-${mode}@example.com`, PASSWORD);
    expect(editor.claims()['st-mfa'].v).toBe(false);
    expect(reader.claims()['st-mfa'].v).toBe(true);
  });

  it('owes the factor that a role granted since asks for, from the next refresh on', async () => {
    const email = `promoted-${mode}@example.com`;
    const userId = await stepgate.user(email, { tenantId: 'magazine' });
    const page = stepgate.browser(mode, 'magazine');
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(200);
    await stepgate.app().userAdmin.setRole(userId, 'magazine', 'editor', true);
    expect((await page.refresh()).status).toBe(200);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.me()).status).toBe(403);
  });
});

describe.each<Mode>(['cookie', 'header'])('SEC-30: an account that has its factor (%s mode)', (mode) => {
  const email = `enrolled-${mode}@example.com`;
  beforeAll(async () => {
    await stepgate.user(email);
    await signInWithCode(stepgate, stepgate.browser(mode), email);
  });

  it('owes it anew at each sign-in, whatever another session has completed', async () => {
    const done = stepgate.browser(mode);
    await signInWithCode(stepgate, done, email);
    expect((await done.me()).status).toBe(200);
    const again = stepgate.browser(mode);
    await again.signIn(email, PASSWORD);
    expect(again.claims()['st-mfa']).toMatchObject({ v: false });
    expect(Object.keys(again.claims()['st-mfa'].c)).toEqual(['emailpassword']);
    expect((await again.me()).status).toBe(403);
  });

  it('gets a new handle and new tokens at a sign-in on top of a session', async () => {
    const page = stepgate.browser(mode);
    await signInWithCode(stepgate, page, email);
    const old = { handle: page.claims().sessionHandle, ...page.tokens() };
    await page.signIn(email, PASSWORD);
    expect(page.claims().sessionHandle).not.toBe(old.handle);
    expect(page.tokens().refresh).not.toBe(old.refresh);
    expect((await page.me()).status).toBe(403);
  });

  it('opens nothing with the tokens from before the code', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    const thief = stepgate.browser(mode);
    thief.present(page.tokens());
    await typeCode(stepgate, page, email);
    expect((await page.me()).status).toBe(200);
    expect((await thief.me()).status).toBe(403);

    stepgate.clock.advance(6_000);
    const answer = await thief.refresh();
    expect(answer.status).toBe(401);
    expect(answer.headers.get('st-access-token') ?? '').toBe('');
    expect((await thief.me()).status).toBe(401);
  });
});
