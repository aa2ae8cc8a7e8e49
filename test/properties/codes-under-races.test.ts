/**
 * However many requests run in parallel, a code is used once and the guess budgets hold.
 *
 * Why: read-then-write counters let parallel guesses share an attempt (Instagram 2019, better-auth GHSA-44jh,
 * AuthQuake 2024). Here the conditional write decides, and only then is the code compared.
 */
import { describe, expect, it } from 'vitest';
import type { Answer, Device } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate({ config: { LIMIT_SCALE: '20' } });

const ASKS_EVERYBODY = { contactMethod: 'EMAIL', requiredSecondaryFactors: ['otp-email'] };

/** A session that has its password only, and a code on the way. */
async function pending(email: string) {
  await stepgate.tenant('public', ASKS_EVERYBODY);
  await stepgate.user(email);
  const page = stepgate.browser('header');
  await page.signIn(email, PASSWORD);
  return page;
}

const wrong = (code: string, i: number): string => String((Number(code) + 1 + i) % 1_000_000).padStart(6, '0');
/** The code was looked at: only then does an answer tell how many attempts are gone. */
const wasCompared = ({ body }: Answer): boolean => body.status === 'INCORRECT_USER_INPUT_CODE_ERROR';

describe('one code', () => {
  it('gives one success to 50 parallel requests that have it right', async () => {
    const page = await pending('fifty@example.com');
    const device: Device = (await page.sendCode({ email: 'fifty@example.com' })).body;
    const code = stepgate.lastCode('fifty@example.com');
    const { access } = page.tokens();

    const answers = await Promise.all(
      Array.from({ length: 50 }, () => {
        const tab = stepgate.browser('header');
        tab.present({ access });
        return tab.consume(device, code);
      }),
    );

    expect(answers.filter(({ body }) => body.status === 'OK')).toHaveLength(1);
    const others = answers.filter(({ body }) => body.status !== 'OK').map(({ status, body }) => [status, body.status]);
    expect(new Set(others.map(String))).toEqual(new Set(['200,RESTART_FLOW_ERROR']));
  });

  it('has at most 5 of 200 parallel guesses compared, and the right one is worth nothing after', async () => {
    const email = 'two-hundred@example.com';
    const page = await pending(email);
    const device: Device = (await page.sendCode({ email })).body;
    const code = stepgate.lastCode(email);

    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => page.consume(device, wrong(code, i))));

    // The fifth comparison kills the device and is told as RESTART_FLOW_ERROR.
    expect(answers.filter(wasCompared)).toHaveLength(4);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await page.consume(device, code)).body.status).toBe('RESTART_FLOW_ERROR');
    expect((await page.me()).status).toBe(403);
  });
});

describe('one user', () => {
  it('has at most 10 guesses compared over any number of devices and sessions, and is locked then', async () => {
    const email = 'many-devices@example.com';
    const first = await pending(email);
    const pages = [first, stepgate.browser('header'), stepgate.browser('header')];
    for (const page of pages.slice(1)) await page.signIn(email, PASSWORD);
    const devices: { page: (typeof pages)[number]; device: Device; code: string }[] = [];
    for (const page of pages) {
      const device: Device = (await page.sendCode({ email })).body;
      devices.push({ page, device, code: stepgate.lastCode(email) });
    }

    const answers = await Promise.all(
      devices.flatMap(({ page, device, code }) =>
        Array.from({ length: 20 }, (_, i) => page.consume(device, wrong(code, i))),
      ),
    );

    let compared = answers.filter(wasCompared).length;
    expect(compared).toBeGreaterThan(0);
    expect(compared).toBeLessThanOrEqual(10);

    // Parallel claims that met a lock elsewhere were given back, so a few guesses may be left: use them up.
    let last: Answer;
    do {
      const device: Device = (await first.sendCode({ email })).body;
      const code = stepgate.lastCode(email);
      do {
        last = await first.consume(device, wrong(code, compared));
        compared += wasCompared(last) ? 1 : 0;
      } while (wasCompared(last));
      expect(compared).toBeLessThanOrEqual(10);
    } while (last.body.status === 'RESTART_FLOW_ERROR');

    const fresh: Device = (await first.sendCode({ email })).body;
    const refused = await first.consume(fresh, stepgate.lastCode(email));
    expect(refused).toMatchObject({ status: 200, body: { status: 'GENERAL_ERROR' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
