/**
 * A browser with many tabs, or on a bad line, keeps its session: the same refresh token asked for again, at once or
 * after a lost reply, leads to one and the same successor.
 *
 * Why: rotation that kills honest clients is the commonest complaint about refresh tokens (security.md §3.6: 46 % of
 * sessions lost under the rule of SuperTokens' core 12.1 when clients take no lock).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { NOBODY, storedSession } from './mfa.ts';

const stepgate = useStepgate();
const ACCOUNT = 'again@example.com';
const STRICT = 'strict@example.com';

beforeAll(async () => {
  await stepgate.tenant('public', NOBODY);
  await stepgate.tenant('bank', { ...NOBODY, strictRefresh: true });
  await stepgate.user(ACCOUNT);
  await stepgate.user(STRICT, { tenantId: 'bank' });
});

/** The same client once more: another tab, or the request repeated. */
function again(mode: Mode, tokens: ReturnType<Browser['tokens']>): Browser {
  const page = stepgate.browser(mode);
  page.present(tokens);
  return page;
}

async function signedIn(mode: Mode, email = ACCOUNT, tenantId?: string): Promise<Browser> {
  const page = stepgate.browser(mode, tenantId);
  await page.signIn(email, PASSWORD);
  return page;
}

describe.each<Mode>(['cookie', 'header'])('SEC-37: ten tabs refresh at once (%s mode)', (mode) => {
  it('gives all of them the one successor, for twenty generations', async () => {
    const page = await signedIn(mode);
    let tokens = page.tokens();
    for (let generation = 1; generation <= 20; generation += 1) {
      const tabs = Array.from({ length: 10 }, () => again(mode, tokens));
      const answers = await Promise.all(tabs.map((tab) => tab.refresh()));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
      const successors = new Set(tabs.map((tab) => tab.tokens().refresh));
      expect(successors.size).toBe(1);
      expect(successors).not.toContain(tokens.refresh);
      expect(await storedSession(stepgate, tabs[0]!)).toMatchObject({ generation, branch: 0 });
      tokens = tabs[generation % 10]!.tokens();
    }
    expect(stepgate.logged.filter(({ event }) => event === 'session.theft')).toEqual([]);
    expect(stepgate.aws.inbox().messages(ACCOUNT)).toEqual([]);
  });
});

describe.each<Mode>(['cookie', 'header'])('SEC-38: the reply of a refresh is lost (%s mode)', (mode) => {
  it.each([
    ['a second', 1_000],
    ['thirty seconds', 30_000],
    ['five minutes', 300_000],
  ])('goes on when the client asks again after %s', async (_, wait) => {
    const page = await signedIn(mode);
    const before = page.tokens();
    await again(mode, before).refresh();
    stepgate.clock.advance(wait);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.me()).status).toBe(200);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.refresh()).status).toBe(200);
  });

  it('gives the very successor that was lost within the grace, and another one after it', async () => {
    const page = await signedIn(mode);
    const lost = again(mode, page.tokens());
    await lost.refresh();
    const within = again(mode, page.tokens());
    await within.refresh();
    expect(within.tokens().refresh).toBe(lost.tokens().refresh);
    stepgate.clock.advance(31_000);
    await page.refresh();
    expect(page.tokens().refresh).not.toBe(lost.tokens().refresh);
    expect(await storedSession(stepgate, page)).toMatchObject({ generation: 1, branch: 1 });
  });

  it('begins the grace anew with the new successor', async () => {
    const page = await signedIn(mode);
    const before = page.tokens();
    await again(mode, before).refresh();
    stepgate.clock.advance(300_000);
    const [once, twice] = [again(mode, before), again(mode, before)];
    await once.refresh();
    stepgate.clock.advance(20_000);
    await twice.refresh();
    expect(twice.tokens().refresh).toBe(once.tokens().refresh);
  });

  it('hides its successor from another kind of client, which gets one of its own', async () => {
    const page = await signedIn(mode);
    const before = page.tokens();
    await page.refresh();
    const other = again(mode, before);
    const answer = await other.send('POST', '/auth/session/refresh', undefined, {
      headers: { 'user-agent': 'curl/8.0' },
    });
    expect(answer.status).toBe(200);
    expect(other.tokens().refresh).not.toBe(page.tokens().refresh);
    expect((await page.refresh()).body).toEqual({ message: 'token theft detected' });
  });

  it('takes an updated browser for the same', async () => {
    const page = await signedIn(mode);
    const before = page.tokens();
    await page.refresh();
    const updated = again(mode, before);
    await updated.send('POST', '/auth/session/refresh', undefined, { headers: { 'user-agent': 'test-browser/1.1' } });
    expect(updated.tokens().refresh).toBe(page.tokens().refresh);
  });

  it('goes on for a second at a strict tenant, and ends after five minutes', async () => {
    const soon = await signedIn(mode, STRICT, 'bank');
    await again(mode, soon.tokens()).refresh();
    stepgate.clock.advance(1_000);
    expect((await soon.refresh()).status).toBe(200);

    const late = await signedIn(mode, STRICT, 'bank');
    const lost = again(mode, late.tokens());
    await lost.refresh();
    stepgate.clock.advance(300_000);
    expect((await late.refresh()).status).toBe(401);
    expect((await lost.refresh()).status).toBe(401);
  });
});
