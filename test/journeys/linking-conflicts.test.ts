import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Browser } from '../support/browser.ts';
import { codeSent, itemsUnder, OPEN, proveEmail, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

/** What a refused link costs, and who wins a free address. The table itself: test/conformance/linking.test.ts. */

const stepgate = useStepgate();

// The reference's own callback and rules: any address may be linked, unless it is another primary user's.
beforeAll(() => stepgate.tenant('public', OPEN));

const notAllowed = (code: string) => ({
  status: 'SIGN_IN_UP_NOT_ALLOWED',
  reason: `Cannot sign in / up due to security reasons. Please contact support. (${code})`,
});

async function member(email: string) {
  const userId = await stepgate.user(email);
  return { userId, email, page: await signedIn(stepgate, email) };
}

async function link(page: Browser, email: string): Promise<Answer> {
  stepgate.clock.advance(1_000);
  return page.consume(await codeSent(page, { email }), stepgate.lastCode(email));
}

describe('two users and one free address at the same time', () => {
  it('gives it to one of them, and tells the other', async () => {
    const pages = [(await member('fast@example.com')).page, (await member('faster@example.com')).page];
    const devices = [];
    for (const page of pages) {
      const device = await codeSent(page, { email: 'prize@example.com' });
      devices.push({ page, device, code: stepgate.lastCode('prize@example.com') });
    }
    const answers = await Promise.all(devices.map(({ page, device, code }) => page.consume(device, code)));
    const statuses = answers.map(({ body }) => body.status);
    expect(statuses.filter((status) => status === 'OK')).toHaveLength(1);
    expect(['SIGN_IN_UP_NOT_ALLOWED', 'RESTART_FLOW_ERROR']).toContain(statuses.find((status) => status !== 'OK'));
    const holders = (await itemsUnder(stepgate, 'USER#')).filter(
      ({ recipeId, email }) => recipeId === 'passwordless' && email === 'prize@example.com',
    );
    expect(holders).toHaveLength(1);
  });
});

describe('a refused link', () => {
  it('costs an attempt like any other, so that it is no way round the count', async () => {
    const other = await member('counted@example.com');
    await proveEmail(stepgate, other.page, 'counted@example.com');
    const { page } = await member('counts@example.com');
    const device = await codeSent(page, { email: 'counted@example.com' });
    const code = stepgate.lastCode('counted@example.com');
    for (let i = 0; i < 5; i += 1) {
      expect((await page.consume(device, code)).body).toEqual(notAllowed('ERR_CODE_017'));
    }
    expect((await page.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });

  it('leaves no orphan: the loser signs in and links another address', async () => {
    const other = await member('winner@example.com');
    await proveEmail(stepgate, other.page, 'winner@example.com');
    const { page } = await member('loser@example.com');
    await link(page, 'winner@example.com');
    expect((await link(page, 'loser@example.com')).body.status).toBe('OK');
    const fresh = stepgate.browser();
    expect((await fresh.signIn('loser@example.com', PASSWORD)).body.status).toBe('OK');
  });
});
