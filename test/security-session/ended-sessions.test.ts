/**
 * What was ended stays ended: a refresh in flight cannot bring a session back, and a person who was shut out gets no
 * further than the life of the access token in hand.
 *
 * Why: deleting a session lets an upsert in flight revive it; a status that only sign-in looks at leaves disabled
 * people signed in for weeks (CVE-2025-53942, CVE-2025-29928).
 */
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { profileKey, sessionKey } from '../../shared/dynamo/keys.ts';
import type { Answer, Browser, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY, NOBODY, signInWithCode } from './mfa.ts';

const stepgate = useStepgate();

beforeAll(async () => {
  await stepgate.tenant('public', EVERYBODY);
  await stepgate.tenant('open', NOBODY);
});

const disable = (userId: string) => stepgate.app().userAdmin.patch(userId, { status: 'disabled' });
const remove = async (userId: string) => {
  await stepgate.browser().delete(`/admin/users/${userId}`);
};
const leaveTenant = async (userId: string) => {
  const { db, name } = stepgate.app().table;
  await db.send(
    new UpdateCommand({
      TableName: name,
      Key: profileKey(userId),
      UpdateExpression: 'SET tenantIds = :none',
      ExpressionAttributeValues: { ':none': [] },
    }),
  );
};

const endsSession = (answer: Answer) => {
  expect([answer.status, answer.body]).toEqual([401, { message: 'unauthorised' }]);
  expect(answer.headers.get('front-token')).toBe('remove');
  expect(answer.headers.get('st-access-token')).toBe('');
};

describe.each<Mode>(['cookie', 'header'])('SEC-41: refresh races sign-out (%s mode)', (mode) => {
  it('leaves no living session, whoever is first', async () => {
    const email = `race-${mode}@example.com`;
    await stepgate.user(email, { tenantId: 'open' });
    for (let round = 0; round < 8; round += 1) {
      const page = stepgate.browser(mode, 'open');
      await page.signIn(email, PASSWORD);
      const { sub, sessionHandle } = page.claims();
      const tabs = Array.from({ length: 4 }, () => {
        const tab = stepgate.browser(mode, 'open');
        tab.present(page.tokens());
        return tab;
      });
      const [out, ...refreshed] = await Promise.all([page.signOut(), ...tabs.map((tab) => tab.refresh())]);
      expect(out.body).toEqual({ status: 'OK' });
      for (const { status } of refreshed) expect([200, 401]).toContain(status);
      for (const tab of tabs) expect((await tab.refresh()).status).toBe(401);
      expect((await stepgate.app().sessions.get(sub, sessionHandle))?.revokedAt).toEqual(expect.any(Number));
    }
    expect(stepgate.logged.filter(({ event }) => event === 'session.theft')).toEqual([]);
  });

  it('makes nothing of a session that was deleted under a refresh', async () => {
    const email = `gone-${mode}@example.com`;
    await stepgate.user(email, { tenantId: 'open' });
    const page = stepgate.browser(mode, 'open');
    await page.signIn(email, PASSWORD);
    const { sub, sessionHandle } = page.claims();
    const { db, name } = stepgate.app().table;
    await db.send(new DeleteCommand({ TableName: name, Key: sessionKey(sub, sessionHandle) }));
    endsSession(await page.refresh());
    expect(await stepgate.app().sessions.get(sub, sessionHandle)).toBeUndefined();
  });

  it('signs out once more without complaint, as a repeated request would', async () => {
    const email = `twice-${mode}@example.com`;
    await stepgate.user(email, { tenantId: 'open' });
    const page = stepgate.browser(mode, 'open');
    await page.signIn(email, PASSWORD);
    const tokens = page.tokens();
    await page.signOut();
    page.present(tokens);
    expect((await page.signOut()).body).toEqual({ status: 'OK' });
    page.present(tokens);
    endsSession(await page.refresh());
  });
});

describe.each<Mode>(['cookie', 'header'])('SEC-42: a person who was shut out (%s mode)', (mode) => {
  const waysOut = { disabled: disable, deleted: remove, 'taken off the tenant': leaveTenant };

  it.each(Object.entries(waysOut))('%s: is out at the next refresh, and may not sign in', async (name, shutOut) => {
    const email = `out-${name.replaceAll(' ', '-')}-${mode}@example.com`;
    const userId = await stepgate.user(email);
    const page = stepgate.browser(mode);
    await signInWithCode(stepgate, page, email);
    await shutOut(userId);
    endsSession(await page.refresh());
    const refused = await stepgate.browser(mode).signIn(email, PASSWORD);
    expect([refused.status, refused.body]).toEqual([200, { status: 'WRONG_CREDENTIALS_ERROR' }]);
    expect(refused.headers.get('front-token')).toBeNull();
  });

  const looking: Readonly<Record<string, (page: Browser, email: string) => Promise<Answer>>> = {
    'PUT mfa/info': (page) => page.mfaInfo(),
    'GET mfa/factors': (page) => page.get('/auth/mfa/factors'),
    'PUT mfa/factors': (page) => page.put('/auth/mfa/factors/otp-email'),
    'DELETE mfa/factors': (page) => page.delete('/auth/mfa/factors/otp-email'),
    'POST signinup/code': (page, email) => page.sendCode({ email }),
  };

  it.each(Object.entries(waysOut))('%s: is out at once wherever the account is looked at', async (name, shutOut) => {
    const email = `look-${name.replaceAll(' ', '-')}-${mode}@example.com`;
    const userId = await stepgate.user(email);
    const page = stepgate.browser(mode);
    await signInWithCode(stepgate, page, email);
    const tokens = page.tokens();
    stepgate.aws.inbox().clear();
    await shutOut(userId);
    for (const look of Object.values(looking)) {
      page.present(tokens);
      endsSession(await look(page, email));
    }
    expect(stepgate.aws.inbox().messages(email)).toEqual([]);
  });

  it.each(Object.entries(waysOut))('%s: completes no code that is on its way', async (name, shutOut) => {
    const email = `code-${name.replaceAll(' ', '-')}-${mode}@example.com`;
    const userId = await stepgate.user(email);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    const tokens = page.tokens();
    const sent = await page.sendCode({ email });
    const code = stepgate.lastCode(email);
    await shutOut(userId);
    stepgate.clock.advance(60_000);
    endsSession(await page.resendCode(sent.body));
    page.present(tokens);
    endsSession(await page.consume(sent.body, code));
  });

  it('stays out with the old tokens when let in again', async () => {
    const email = `back-${mode}@example.com`;
    const userId = await stepgate.user(email, { tenantId: 'open' });
    const page = stepgate.browser(mode, 'open');
    await page.signIn(email, PASSWORD);
    const tokens = page.tokens();
    await disable(userId);
    await stepgate.app().userAdmin.patch(userId, { status: 'active' });
    endsSession(await page.refresh());
    page.present(tokens);
    endsSession(await page.mfaInfo());
    expect((await stepgate.browser(mode, 'open').signIn(email, PASSWORD)).body.status).toBe('OK');
  });
});
