// Every pending code for an address is one more number that a guess may hit. So few are pending at once, and none is
// left when one was used. @see OWASP ASVS 5.0 V6.6.2; security.md §1.9

import { beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../support/browser.ts';
import { codeSent, EVERYBODY, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));

const RESTART = { status: 'RESTART_FLOW_ERROR' };

/** One more browser of the user, at the point where it has a code. */
async function oneMore(email: string) {
  stepgate.clock.advance(1_000);
  const page = await signedIn(stepgate, email);
  const device: Device = await codeSent(page, { email });
  return { page, device, code: stepgate.lastCode(email) };
}

describe('SEC-07: pending codes of one address', () => {
  it('lets three browsers wait at once, and dismisses two when the third succeeds', async () => {
    await stepgate.user('three@example.com');
    const waiting = [await oneMore('three@example.com'), await oneMore('three@example.com')];
    const used = await oneMore('three@example.com');
    expect((await used.page.consume(used.device, used.code)).body.status).toBe('OK');
    for (const { page, device, code } of waiting) {
      expect((await page.resendCode(device)).body).toEqual(RESTART);
      expect((await page.consume(device, code)).body).toEqual(RESTART);
      expect((await page.me()).status).toBe(403);
    }
  });

  it('still sends codes to a browser that was dismissed', async () => {
    await stepgate.user('dismissed@example.com');
    const first = await oneMore('dismissed@example.com');
    const second = await oneMore('dismissed@example.com');
    await second.page.consume(second.device, second.code);
    stepgate.clock.advance(1_000);
    const device = await codeSent(first.page, { email: 'dismissed@example.com' });
    const answer = await first.page.consume(device, stepgate.lastCode('dismissed@example.com'));
    expect(answer.body.status).toBe('OK');
  });

  it('ends the oldest when a fourth begins', async () => {
    await stepgate.user('four@example.com');
    const oldest = await oneMore('four@example.com');
    const second = await oneMore('four@example.com');
    await oneMore('four@example.com');
    await oneMore('four@example.com');
    expect((await oldest.page.consume(oldest.device, oldest.code)).body).toEqual(RESTART);
    expect((await oldest.page.resendCode(oldest.device)).body).toEqual(RESTART);
    expect((await second.page.consume(second.device, second.code)).body.status).toBe('OK');
  });

  it('does not take a code that is sent again for one more device', async () => {
    await stepgate.user('resends@example.com');
    const first = await oneMore('resends@example.com');
    for (let i = 0; i < 3; i += 1) {
      stepgate.clock.advance(30_000);
      expect((await first.page.resendCode(first.device)).body).toEqual({ status: 'OK' });
    }
    const newest = stepgate.lastCode('resends@example.com');
    await oneMore('resends@example.com');
    expect((await first.page.consume(first.device, newest)).body.status).toBe('OK');
  });
});
