// An update of what does not exist makes it exist: counting attempts on invented ids could fill the table, and answers
// that differ would tell which devices there are. @see security.md §2.5 "UpdateItem upsert"

import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Browser, Device } from '../support/browser.ts';
import { codeSent, EVERYBODY, everyItem, halfway, otherThan, unknownDevice } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
let page: Browser;
let usedUp: Device;

beforeAll(async () => {
  await stepgate.tenant('public', EVERYBODY);
  const begun = await halfway(stepgate, 'unknown@example.com');
  page = begun.page;
  usedUp = await codeSent(page, { email: 'unknown@example.com' });
  for (let i = 0; i < 5; i += 1) {
    await page.consume(usedUp, otherThan(stepgate.lastCode('unknown@example.com')));
  }
  stepgate.clock.freeze();
});

const text = (bytes: number) => randomBytes(bytes).toString('base64');
const GARBAGE: readonly (() => Device)[] = [
  () => ({ deviceId: text(32), preAuthSessionId: text(32) }),
  () => ({ deviceId: '', preAuthSessionId: '' }),
  () => ({ deviceId: 'DEVICE', preAuthSessionId: '#LIMIT#' }),
  () => ({ deviceId: '\u0000\u0001', preAuthSessionId: '__proto__' }),
  () => ({ deviceId: text(4_000), preAuthSessionId: text(3_000) }),
];

/** What an outsider could tell two answers apart by. */
const seen = ({ status, body, headers, setCookies }: Answer) => ({
  status,
  body,
  setCookies,
  headers: [...headers].filter(([name]) => name !== 'date'),
});

describe('SEC-18: devices that nobody has', () => {
  it('answers 50 invented ids as it answers a device that is used up, and stores nothing', async () => {
    const consumeUsedUp = seen(await page.consume(usedUp, '000000'));
    const resendUsedUp = seen(await page.resendCode(usedUp));
    expect(consumeUsedUp.body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect(resendUsedUp.body).toEqual({ status: 'RESTART_FLOW_ERROR' });

    const before = await everyItem(stepgate);
    for (let i = 0; i < 50; i += 1) {
      const device = GARBAGE[i % GARBAGE.length]!();
      expect(seen(await page.consume(device, '123456'))).toEqual(consumeUsedUp);
      expect(seen(await page.resendCode(device))).toEqual(resendUsedUp);
    }
    expect(await everyItem(stepgate)).toEqual(before);
  });

  it('answers well-formed ids of no device the same, and counts nothing but the requests of the address', async () => {
    const consumeUsedUp = seen(await page.consume(usedUp, '000000'));
    const before = await everyItem(stepgate);
    for (let i = 0; i < 20; i += 1) {
      const device = unknownDevice();
      expect(seen(await page.consume(device, '123456'))).toEqual(consumeUsedUp);
      expect((await page.resendCode(device)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    }
    const after = await everyItem(stepgate);
    const keys = (items: typeof after) => items.map(({ pk, sk }) => `${String(pk)} ${String(sk)}`).toSorted();
    expect(keys(after)).toEqual(keys(before));
  });

  it('answers another user’s device the same', async () => {
    const other = await halfway(stepgate, 'somebody@example.com');
    const consumeUsedUp = seen(await page.consume(usedUp, '000000'));
    expect(seen(await page.consume(other.device, other.code))).toEqual(consumeUsedUp);
    expect((await page.resendCode(other.device)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });
});
