/**
 * wire.md §6.4: failures of one device are counted 1 to 4, and the fifth ends it, be they wrong or expired, and whatever
 * is sent in between. A resend shares the count.
 *
 * Differences that are ours: a resend replaces the code (the reference keeps earlier ones good), and a fifth right code
 * is still taken.
 */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Device } from '../support/browser.ts';
import { MODES, useFrontDoors } from '../support/front-doors.ts';
import { codeSent, EVERYBODY, otherThan, unknownDevice } from '../support/otp.ts';
import { PASSWORD } from '../support/stepgate.ts';

const stepgate = useFrontDoors();
const RESTART = { status: 'RESTART_FLOW_ERROR' };
const failed = (status: string, count: number) => ({
  status,
  failedCodeInputAttemptCount: count,
  maximumCodeInputAttempts: 5,
});
const incorrect = (count: number) => failed('INCORRECT_USER_INPUT_CODE_ERROR', count);
const expired = (count: number) => failed('EXPIRED_USER_INPUT_CODE_ERROR', count);

beforeAll(() => stepgate.tenant('public', EVERYBODY));
let users = 0;

describe.each(MODES)('attempts (%s mode)', (mode) => {
  let page: Browser;
  let device: Device;
  let email = '';
  beforeEach(async () => {
    users += 1;
    email = `attempts-${users}@example.com`;
    await stepgate.user(email);
    page = stepgate.page(mode);
    await page.signIn(email, PASSWORD);
    device = await codeSent(page, { email });
  });
  const type = async (code: string) => {
    const answer = await page.consume(device, code);
    expect(answer.status).toBe(200);
    if (answer.body.status !== 'OK') expect(answer.headers.get('front-token')).toBeNull();
    return answer.body;
  };
  const code = () => stepgate.lastCode(email);

  it('four wrong ones are counted, the fifth ends the device, and the right code comes too late', async () => {
    for (const count of [1, 2, 3, 4]) expect(await type(otherThan(code()))).toEqual(incorrect(count));
    expect(await type(otherThan(code()))).toEqual(RESTART);
    expect(await type(code())).toEqual(RESTART);
    expect((await page.resendCode(device)).body).toEqual(RESTART);
    expect((await page.me()).status).toBe(403);
  });

  it.each([0, 1, 2, 3, 4])('the right code is taken after %i wrong ones', async (wrong) => {
    for (let count = 1; count <= wrong; count += 1) expect(await type(otherThan(code()))).toEqual(incorrect(count));
    expect(await type(code())).toMatchObject({ status: 'OK' });
    expect((await page.me()).status).toBe(200);
    expect(await type(code())).toEqual(RESTART);
  });

  it('expired ones count like wrong ones, and the fifth ends the device', async () => {
    expect(await type(otherThan(code()))).toEqual(incorrect(1));
    stepgate.clock.advance(601_000);
    await page.refresh();
    for (const count of [2, 3, 4]) expect(await type(code())).toEqual(expired(count));
    expect(await type(code())).toEqual(RESTART);
  });

  it('a resend forgives nothing, and (ours) replaces the code', async () => {
    const first = code();
    for (const count of [1, 2, 3]) expect(await type(otherThan(first))).toEqual(incorrect(count));
    stepgate.clock.advance(31_000);
    expect((await page.resendCode(device)).body).toEqual({ status: 'OK' });
    if (first !== code()) expect(await type(first)).toEqual(incorrect(4));
    expect(await type(code())).toMatchObject({ status: 'OK' });
  });

  it('a device nobody has, or of another session, is to be restarted', async () => {
    const other = stepgate.page(mode);
    await other.signIn(email, PASSWORD);
    expect((await other.consume(device, code())).body).toEqual(RESTART);
    expect((await other.resendCode(device)).body).toEqual(RESTART);
    expect((await page.consume(unknownDevice(), code())).body).toEqual(RESTART);
    expect(await type(code())).toMatchObject({ status: 'OK' });
  });

  it.each([
    ['nothing', {}],
    ['no preAuthSessionId', { deviceId: 'd', userInputCode: '123456' }],
    ['a device without a code', { preAuthSessionId: 'p', deviceId: 'd' }],
    ['a code without a device', { preAuthSessionId: 'p', userInputCode: '123456' }],
    ['a link code beside a typed one', { preAuthSessionId: 'p', deviceId: 'd', userInputCode: '1', linkCode: 'l' }],
  ])('%s is malformed and spends nothing', async (_, body) => {
    const answer = await page.post('/auth/signinup/code/consume', { ...body, shouldTryLinkingWithSessionUser: true });
    expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['message']]);
    expect(await type(otherThan(code()))).toEqual(incorrect(1));
  });
});
