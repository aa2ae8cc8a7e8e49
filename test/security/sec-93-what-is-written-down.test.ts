// Every sign-in and every failure leaves one line that says who, where and by which factor, and none says an address. What
// locks a second factor is told to its owner: whoever types codes has got past the first. @see ASVS V16.3, V6.3.5

import { spawnSync } from 'node:child_process';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { form, gateway } from '../support/gateway.ts';
import { codeSent, EVERYBODY, guessWrong, itemsUnder, otherThan, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { calls, withApp, wrongCode } from '../support/totp.ts';

vi.setConfig({ testTimeout: 60_000 });

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', { ...EVERYBODY, secondFactors: ['otp-email', 'totp', 'backup-code'] }));
beforeEach(() => void stepgate.logged.splice(0));

const lines = (...events: readonly string[]) => stepgate.logged.filter(({ event }) => events.includes(event));
const notices = (to: string) =>
  stepgate.aws
    .inbox()
    .messages(to)
    .filter(({ purpose }) => purpose === 'notice')
    .map(({ subject }) => subject);
const LOCKED = 'Security notice: too many wrong codes at Stepgate';
let count = 0;
const newEmail = () => `written-${(count += 1)}@example.com`;

describe('SEC-93: a first factor', () => {
  it('that is wrong is one line of one shape, whether anybody has the account or not', async () => {
    const email = newEmail();
    await stepgate.user(email);
    for (const typed of [email, email, 'nobody@example.com']) {
      await gateway(stepgate.app())('POST', '/auth/signin', {
        body: form({ email: typed, password: 'wrong' }),
        ip: '203.0.113.9',
        headers: { 'user-agent': 'x\n{"event":"forged"}' },
      });
    }
    const failed = lines('sign-in.failed').map(({ fields }) => fields);
    const shape = {
      tenantId: 'public',
      account: expect.any(String),
      factor: 'emailpassword',
      network: '203.0.113.0/24',
    };
    expect(failed).toEqual([shape, shape, shape]);
    expect(failed[0]?.['account']).toBe(failed[1]?.['account']);
    expect(failed[0]?.['account']).not.toBe(failed[2]?.['account']);
    expect(JSON.stringify(stepgate.logged)).not.toMatch(/example\.com|forged|203\.0\.113\.9/);
  });

  it('that is right is one line with its user', async () => {
    const email = newEmail();
    const userId = await stepgate.user(email);
    await stepgate.browser().signIn(email, PASSWORD);
    expect(lines('session.begun', 'sign-in.failed').map(({ fields }) => fields)).toEqual([
      { tenantId: 'public', userId, firstFactor: 'emailpassword', occasion: 'sign-in', satisfied: false },
    ]);
  });
});

describe('SEC-93: a second factor', () => {
  it('is one line for each code, wrong or right', async () => {
    const email = newEmail();
    const userId = await stepgate.user(email);
    const page = await signedIn(stepgate, email);
    const device = await codeSent(page, { email });
    const code = stepgate.lastCode(email);
    await page.consume(device, otherThan(code));
    await page.consume(device, code);
    const about = { tenantId: 'public', userId, factor: 'otp-email' };
    expect(lines('factor.failed', 'factor.done')).toEqual([
      { level: 'info', event: 'factor.failed', fields: { ...about, network: expect.any(String) } },
      { level: 'info', event: 'factor.done', fields: about },
    ]);
    expect(JSON.stringify(stepgate.logged)).not.toContain(code);
  });

  it('that ten wrong codes lock is told to its owner, in the history and to operators, once a lock', async () => {
    const email = newEmail();
    const userId = await stepgate.user(email);
    const page = await signedIn(stepgate, email);
    await guessWrong(stepgate, page, email, 9);
    expect([lines('factor.locked'), notices(email)]).toEqual([[], []]);
    await guessWrong(stepgate, page, email, 4);
    expect(lines('factor.locked')).toHaveLength(1);
    expect(notices(email)).toEqual([LOCKED]);
    const history = await itemsUnder(stepgate, `AUDIT#${userId}#`);
    expect(history.filter(({ event }) => event === 'factor.locked')).toEqual([
      expect.objectContaining({ details: { factor: 'otp-email', network: expect.any(String) } }),
    ]);

    stepgate.clock.advance(16 * 60_000);
    const again = await signedIn(stepgate, email);
    await guessWrong(stepgate, again, email, 10);
    expect(notices(email)).toEqual([LOCKED, LOCKED]);
  });

  it('that is an app is told as well, and shares the count', async () => {
    const email = newEmail();
    const { userId, secret } = await withApp(stepgate, email);
    stepgate.logged.splice(0);
    const before = notices(email);
    const page = await signedIn(stepgate, email);
    await guessWrong(stepgate, page, email, 5);
    const wrong = wrongCode(secret, stepgate.clock.now());
    for (let i = 0; i < 6; i += 1) await calls(page).verify(wrong);
    expect(lines('factor.locked').map(({ fields }) => fields)).toMatchObject([{ userId, factor: 'totp' }]);
    expect(notices(email).slice(before.length)).toEqual([LOCKED]);
  });

  it('is locked once for any number of parallel guesses', async () => {
    const email = newEmail();
    await stepgate.user(email);
    const page = await signedIn(stepgate, email);
    const devices = [];
    for (let i = 0; i < 3; i += 1) {
      stepgate.clock.advance(1_000);
      devices.push(await codeSent(page, { email }));
    }
    const wrong = otherThan(stepgate.lastCode(email));
    await Promise.all(devices.flatMap((device) => Array.from({ length: 5 }, () => page.consume(device, wrong))));
    expect(lines('factor.locked')).toHaveLength(1);
    expect(notices(email)).toEqual([LOCKED]);
  });
});

it('SEC-93: a line is one line, whatever is in it', () => {
  const log = new URL('../../shared/log.ts', import.meta.url).href;
  const account = 'a\r\n{"level":"ERROR"}\u2028';
  const code = `import { jsonLog } from '${log}'; jsonLog.info('sign-in.failed', ${JSON.stringify({ account })});`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(stdout.match(/[\r\n]/g)).toEqual(['\n']);
  expect(JSON.parse(stdout)).toMatchObject({ level: 'INFO', event: 'sign-in.failed', account });
});
