// SEC-90 for remembered devices: whichever write is killed, and whether or not it was done, there is the old state or the
// new one, the person gets in by trying again, and nobody gets in who should not. @see security.md §4.2, F3, F8, F17

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useFaults } from '../support/fault-proxy.ts';
import { codeSent } from '../support/otp.ts';
import { isLetIn, rememberMe, REMEMBERING, storedDevices } from '../support/remembered.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', REMEMBERING));
afterEach(() => faults.calm());

let made = 0;
const begin = async () => {
  const email = `killed-device-${(made += 1)}@example.com`;
  return { email, userId: await stepgate.user(email), page: stepgate.browser() };
};
const DONE = { kind: 'apply-then-drop' } as const;
const NOT_DONE = { kind: 'drop-before' } as const;

describe('SEC-90: a device that is being remembered', () => {
  it('is remembered with its session or not at all, and the code is still good then', async () => {
    const { email, userId, page } = await begin();
    await page.signIn(email, PASSWORD);
    const device = await codeSent(page, { email });
    const code = stepgate.lastCode(email);
    faults.inject({ operation: 'TransactWriteItems', of: /"DEVICE#/, times: 2, fault: NOT_DONE });
    expect((await page.consume(device, code, { rememberDevice: true })).body.status).toBe('GENERAL_ERROR');
    expect(page.device()).toBeUndefined();
    expect(await storedDevices(stepgate, userId)).toEqual([]);
    faults.calm();
    expect((await page.consume(device, code, { rememberDevice: true })).body.status).toBe('OK');
    expect(await storedDevices(stepgate, userId)).toHaveLength(1);
    expect(await isLetIn(page, email)).toBe(true);
  });

  it('is remembered once when the answer is lost and asked for again', async () => {
    const { email, userId, page } = await begin();
    await page.signIn(email, PASSWORD);
    const device = await codeSent(page, { email });
    faults.inject({ operation: 'TransactWriteItems', of: /"DEVICE#/, fault: DONE });
    const answer = await page.consume(device, stepgate.lastCode(email), { rememberDevice: true });
    expect(answer.body.status).toBe('OK');
    expect(await storedDevices(stepgate, userId)).toHaveLength(1);
    expect(await isLetIn(page, email)).toBe(true);
  });

  it('stands for nobody when its value never arrived', async () => {
    const { email, userId, page } = await begin();
    await page.signIn(email, PASSWORD);
    const device = await codeSent(page, { email });
    faults.inject({ operation: 'TransactWriteItems', of: /"DEVICE#/, times: 2, fault: DONE });
    const answer = await page.consume(device, stepgate.lastCode(email), { rememberDevice: true });
    expect(answer.body.status).toBe('GENERAL_ERROR');
    faults.calm();
    expect(await storedDevices(stepgate, userId)).toHaveLength(1);
    expect(await isLetIn(page, email)).toBe(false);
  });
});

describe('SEC-90: a device that is shown', () => {
  it.each([
    ['was not done', NOT_DONE],
    ['was done, and nobody heard', DONE],
  ])('is good for the next try when the rotation %s', async (_, fault) => {
    const { email, userId, page } = await begin();
    await rememberMe(stepgate, page, email);
    const value = page.device();
    faults.inject({ operation: 'TransactWriteItems', of: /"DEVICE#/, times: 2, fault });
    expect((await page.signIn(email, PASSWORD)).body.status).toBe('GENERAL_ERROR');
    expect(page.device()).toBe(value);
    faults.calm();
    expect(await isLetIn(page, email)).toBe(true);
    expect(page.device()).not.toBe(value);
    expect(await isLetIn(page, email)).toBe(true);
    expect(await storedDevices(stepgate, userId)).toHaveLength(1);
  });

  it('knows itself when only the answer of the rotation was lost', async () => {
    const { email, page } = await begin();
    await rememberMe(stepgate, page, email);
    faults.inject({ operation: 'TransactWriteItems', of: /"DEVICE#/, fault: DONE });
    expect(await isLetIn(page, email)).toBe(true);
    expect(faults.seen('TransactWriteItems', /"DEVICE#/)).toBe(2);
  });

  it('lets nobody in while the table is out and a stolen value is to be forgotten', async () => {
    const { email, page } = await begin();
    await rememberMe(stepgate, page, email);
    const value = page.device()!;
    expect(await isLetIn(page, email)).toBe(true);
    stepgate.clock.advance(31_000);
    faults.inject({ operation: 'TransactWriteItems', of: /device\.theft/, times: 2, fault: NOT_DONE });
    page.setDevice(value);
    expect((await page.signIn(email, PASSWORD)).body.status).toBe('GENERAL_ERROR');
    faults.calm();
    expect(await isLetIn(page, email)).toBe(false);
  });

  it('is let in by nothing when it is forgotten in the same moment', async () => {
    const { email, userId, page } = await begin();
    await rememberMe(stepgate, page, email);
    const [device] = await storedDevices(stepgate, userId);
    faults.inject({
      operation: 'TransactWriteItems',
      of: /"DEVICE#/,
      fault: { kind: 'meanwhile', run: () => stepgate.app().devices.forget(userId, device!.id, 'public') },
    });
    expect(await isLetIn(page, email)).toBe(false);
    expect(await storedDevices(stepgate, userId)).toEqual([]);
  });

  it('is let in by nothing when all sessions are ended in the same moment', async () => {
    const { email, userId, page } = await begin();
    await rememberMe(stepgate, page, email);
    faults.inject({
      operation: 'TransactWriteItems',
      of: /"DEVICE#/,
      fault: {
        kind: 'meanwhile',
        run: async () => {
          await stepgate.app().userAdmin.patch(userId, { status: 'disabled' });
          await stepgate.app().userAdmin.patch(userId, { status: 'active' });
        },
      },
    });
    await page.signIn(email, PASSWORD);
    expect((await page.mfaInfo()).status).toBe(401);
    expect(await isLetIn(page, email)).toBe(false);
  });
});
