/**
 * SEC-90: a write that is killed leaves everything as it was, and the same request then works; one whose answer is lost
 * has happened once. No lookup is left behind, and no address is blocked.
 */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../support/browser.ts';
import { useFaults } from '../support/fault-proxy.ts';
import {
  askChange,
  askVerification,
  changeContact,
  confirmChange,
  lastLink,
  redeemReset,
  redeemVerification,
  resetToken,
  revert,
} from '../support/links.ts';
import { itemsUnder, OPEN, proveEmail, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
const NEW = 'a lantern beside the quiet harbour';
beforeAll(() => stepgate.tenant('public', OPEN));
afterEach(() => faults.calm());

let made = 0;
async function member(proven = true) {
  const email = `whole-${(made += 1)}@example.com`;
  const userId = await stepgate.user(email);
  const page = await signedIn(stepgate, email);
  if (proven) await proveEmail(stepgate, page, email);
  return { email, userId, page, next: `next-${made}@example.com` };
}

/** What is ready to be done, by whom, and for whom. */
interface Prepared {
  readonly userId: string;
  readonly run: () => Promise<Answer>;
}

const PREPARED: Readonly<Record<string, () => Promise<Prepared>>> = {
  'a reset': async () => {
    const { email, userId } = await member();
    const token = await resetToken(stepgate, email);
    return { userId, run: () => redeemReset(stepgate.browser(), token, NEW) };
  },
  'a change of password': async () => {
    const { userId, page } = await member();
    const body = { currentPassword: PASSWORD, newPassword: NEW };
    return { userId, run: () => page.post('/auth/user/password/change', body) };
  },
  'a proof of address': async () => {
    const { email, userId, page } = await member(false);
    await askVerification(page);
    const { token } = lastLink(stepgate, email);
    return { userId, run: () => redeemVerification(page, token) };
  },
  'a change of address': async () => {
    const { userId, page, next } = await member();
    const { body: device } = await askChange(page, { email: next });
    const code = stepgate.lastCode(next);
    return { userId, run: () => confirmChange(page, 'email', device, code) };
  },
  'a way back': async () => {
    const { email, userId, page, next } = await member();
    await changeContact(stepgate, page, { email: next });
    const { token } = lastLink(stepgate, email);
    return { userId, run: () => revert(stepgate.browser(), token) };
  },
};

const stateOf = async (userId: string) => ({
  user: await stepgate.app().users.load(userId),
  lookups: (await itemsUnder(stepgate, 'LOOKUP#')).filter((item) => String(item['userId']).endsWith(userId)),
  links: await itemsUnder(stepgate, `USER#${userId}`).then((items) =>
    items.filter((item) => String(item['sk']).startsWith('TOKENS')),
  ),
});

describe.each(Object.entries(PREPARED))('SEC-90: %s', (_, prepare) => {
  it('that is killed changes nothing, and works when it is repeated', async () => {
    const { userId, run } = await prepare();
    const before = await stateOf(userId);
    faults.inject({ operation: 'TransactWriteItems', times: 100, fault: { kind: 'drop-before' } });
    expect((await run()).body).toMatchObject({ status: 'GENERAL_ERROR' });
    expect(await stateOf(userId)).toEqual(before);
    faults.calm();
    expect((await run()).body).toEqual({ status: 'OK' });
    expect(await stateOf(userId)).not.toEqual(before);
  });

  it('whose answer is lost has happened, once', async () => {
    const { userId, run } = await prepare();
    const { user: before } = await stateOf(userId);
    faults.inject({ operation: 'TransactWriteItems', fault: { kind: 'apply-then-drop' } });
    expect((await run()).body).toEqual({ status: 'OK' });
    const { user: after } = await stateOf(userId);
    expect((after?.epoch ?? 0) - (before?.epoch ?? 0)).toBeLessThanOrEqual(1);
    expect(after).not.toEqual(before);
  });
});
