/**
 * A refresh token that was replaced and comes back ends its session, once, with a word to its owner; and nothing but a
 * token of ours can do that.
 *
 * Why: RFC 9700 §4.14 asks for replay detection; without a tag on the token either every old hash must be kept, or
 * anybody can end anybody's session with garbage.
 */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { NOBODY, storedSession } from './mfa.ts';

const stepgate = useStepgate();
const GRACE_OVER = 31_000;

beforeAll(() => stepgate.tenant('public', NOBODY));

async function signedIn(mode: Mode, email: string): Promise<Browser> {
  await stepgate.user(email);
  const page = stepgate.browser(mode);
  await page.signIn(email, PASSWORD);
  return page;
}

const audited = async (userId: string) => {
  const { db, name } = stepgate.app().table;
  const month = new Date(stepgate.clock.now()).toISOString().slice(0, 7);
  const found = await db.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `AUDIT#${userId}#${month}` },
    }),
  );
  return found.Items ?? [];
};

describe.each<Mode>(['cookie', 'header'])('SEC-36: a displaced refresh token (%s mode)', (mode) => {
  it('ends the whole session: 401 for it, 401 for the newest', async () => {
    const email = `robbed-${mode}@example.com`;
    const page = await signedIn(mode, email);
    const userId = page.claims().sub;
    const first = page.tokens();
    const { sessionHandle } = page.claims();
    expect((await page.refresh()).status).toBe(200);
    expect((await page.refresh()).status).toBe(200);
    stepgate.clock.advance(GRACE_OVER);

    const thief = stepgate.browser(mode);
    thief.present(first);
    const caught = await thief.refresh();
    expect(caught.status).toBe(401);
    expect(caught.body).toEqual({ message: 'token theft detected' });
    expect(caught.headers.get('front-token')).toBe('remove');
    expect(caught.setCookies.map((line) => line.split('=')[0])).toEqual(['sAccessToken', 'sRefreshToken']);

    const newest = await page.refresh();
    expect(newest.status).toBe(401);
    expect(newest.body).toEqual({ message: 'unauthorised' });
    expect((await stepgate.app().sessions.get(userId, sessionHandle))?.revokedAt).toEqual(expect.any(Number));

    const notices = stepgate.aws.inbox().messages(email);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({ purpose: 'notice' });
    expect(await audited(userId)).toMatchObject([{ event: 'session.theft', tenantId: 'public', userId }]);
    for (const token of Object.values(first)) {
      expect(JSON.stringify([notices, await audited(userId), stepgate.logged])).not.toContain(token);
    }
  });

  it('is noticed within its grace as well, once its child was used', async () => {
    const page = await signedIn(mode, `quick-${mode}@example.com`);
    const first = page.tokens();
    await page.refresh();
    await page.refresh();
    const thief = stepgate.browser(mode);
    thief.present(first);
    expect((await thief.refresh()).body).toEqual({ message: 'token theft detected' });
    expect((await page.refresh()).status).toBe(401);
  });

  it('is told to its owner once, however many come with it at a time', async () => {
    const email = `crowd-${mode}@example.com`;
    const page = await signedIn(mode, email);
    const userId = page.claims().sub;
    const first = page.tokens();
    await page.refresh();
    await page.refresh();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => {
        const thief = stepgate.browser(mode);
        thief.present(first);
        return thief.refresh();
      }),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(stepgate.aws.inbox().messages(email)).toHaveLength(1);
    expect(await audited(userId)).toHaveLength(1);
  });

  it('is a child too, when its parent was given another one', async () => {
    const page = await signedIn(mode, `child-${mode}@example.com`);
    const parent = page.tokens();
    await page.refresh();
    const child = page.tokens();
    stepgate.clock.advance(GRACE_OVER);
    const other = stepgate.browser(mode);
    other.present(parent);
    expect((await other.refresh()).status).toBe(200);
    expect(other.tokens().refresh).not.toBe(child.refresh);

    expect((await page.refresh()).body).toEqual({ message: 'token theft detected' });
    expect((await other.refresh()).status).toBe(401);
  });

  it('ends its own session alone', async () => {
    const email = `two-${mode}@example.com`;
    const page = await signedIn(mode, email);
    const elsewhere = stepgate.browser(mode);
    await elsewhere.signIn(email, PASSWORD);
    const first = page.tokens();
    await page.refresh();
    await page.refresh();
    page.present(first);
    expect((await page.refresh()).status).toBe(401);
    expect((await elsewhere.refresh()).status).toBe(200);
  });

  it('is given another child three times, and then is theft', async () => {
    const page = await signedIn(mode, `branch-${mode}@example.com`);
    const parent = page.tokens();
    const children = new Set<string | undefined>();
    await page.refresh();
    children.add(page.tokens().refresh);
    for (let time = 1; time <= 3; time += 1) {
      stepgate.clock.advance(GRACE_OVER);
      page.present(parent);
      expect((await page.refresh()).status).toBe(200);
      children.add(page.tokens().refresh);
    }
    expect(children.size).toBe(4);
    expect(await storedSession(stepgate, page)).toMatchObject({ generation: 1, branch: 3 });
    stepgate.clock.advance(GRACE_OVER);
    page.present(parent);
    expect((await page.refresh()).body).toEqual({ message: 'token theft detected' });
  });
});

describe.each<Mode>(['cookie', 'header'])('§3.6: what is not a token of ours (%s mode)', (mode) => {
  const forgeries: Readonly<Record<string, (token: string) => string>> = {
    garbage: () => 'v1.garbage',
    'nothing but dots': () => '......',
    'a tag that is off by a character': (token) => token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'),
    'another secret under the old tag': (token) => replacePart(token, 5, 'A'.repeat(43)),
    'another user under the old tag': (token) => replacePart(token, 2, Buffer.from('somebody').toString('base64url')),
    'another handle under the old tag': (token) => replacePart(token, 3, '00000000-0000-4000-8000-000000000000'),
    'another branch under the old tag': (token) => replacePart(token, 4, '3'),
    'another kid': (token) => replacePart(token, 1, 'r1'),
    'no tag': (token) => token.split('.').slice(0, -1).join('.'),
    'a part too many': (token) => `${token}.x`,
    'a version of its own': (token) => token.replace('v1.', 'v2.'),
    'another case': (token) => token.toUpperCase(),
    'ten thousand letters': () => 'v1.'.padEnd(10_000, 'A'),
  };

  it('gets 401 and changes nothing, whatever of a good token it repeats', async () => {
    const page = await signedIn(mode, `garbage-${mode}@example.com`);
    const good = page.tokens();
    const before = await storedSession(stepgate, page);
    for (const [name, forge] of Object.entries(forgeries)) {
      const forger = stepgate.browser(mode);
      forger.present({ refresh: forge(good.refresh!) });
      const answer = await forger.refresh();
      expect([name, answer.status, answer.body]).toEqual([name, 401, { message: 'unauthorised' }]);
    }
    expect(await storedSession(stepgate, page)).toEqual(before);
    expect((await page.refresh()).status).toBe(200);
    expect(stepgate.aws.inbox().messages(`garbage-${mode}@example.com`)).toEqual([]);
  });

  it('gets 401 as an access token in the place of a refresh token', async () => {
    const page = await signedIn(mode, `swap-${mode}@example.com`);
    const forger = stepgate.browser(mode);
    forger.present({ refresh: page.tokens().access });
    expect((await forger.refresh()).body).toEqual({ message: 'unauthorised' });
    expect((await page.refresh()).status).toBe(200);
  });
});

const replacePart = (token: string, index: number, value: string): string =>
  token
    .split('.')
    .map((part, i) => (i === index ? value : part))
    .join('.');
