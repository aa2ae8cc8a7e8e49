// Guesses are counted per user and per address. Whoever is counted at somebody else's address, or refused by one of
// the two counts, must not use up what the other person needs. @see CVE-2024-1722; security.md §3.4

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { budgetKey } from '../../shared/dynamo/budgets.ts';
import type { Budget } from '../../shared/ports.ts';
import {
  codeSent,
  EVERYBODY,
  everyItem,
  fullySignedIn,
  guessWrong,
  halfway,
  otherThan,
  proveEmail,
  signedIn,
} from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));
beforeEach(() => stepgate.clock.freeze());

const userBudget = (subject: string): Budget => ({ scope: 'otp-user', tenantId: 'public', subject });

async function stored(budget: Budget) {
  const { pk } = await budgetKey(stepgate.app().keys, budget);
  return (await everyItem(stepgate)).find((item) => item['pk'] === pk);
}

/** Every count of guesses at an address, whatever it is kept under. */
const countsAtAddresses = async () =>
  (await everyItem(stepgate)).filter(({ pk }) => String(pk).startsWith('LIMIT#otp-to#'));

/** A user with a complete session, which may enrol any address. */
async function member(email: string) {
  const userId = await stepgate.user(email);
  return { userId, page: await fullySignedIn(stepgate, email) };
}

describe('SEC-16: guesses that hit others', () => {
  it.each([
    ['proved before', 'victim@example.com', true],
    ['never proved yet', 'newcomer@example.com', false],
  ])('do not lock the owner of an address that was %s', async (_, email, proved) => {
    await stepgate.user(email);
    if (proved) await proveEmail(stepgate, await signedIn(stepgate, email), email);
    const { page: outsider } = await member(`outsider-of-${email}`);
    await guessWrong(stepgate, outsider, email, 10);
    const device = await codeSent(outsider, { email });
    expect((await outsider.consume(device, stepgate.lastCode(email))).body.status).toBe('GENERAL_ERROR');

    const owner = await signedIn(stepgate, email);
    const own = await codeSent(owner, { email });
    expect((await owner.consume(own, stepgate.lastCode(email))).body.status).toBe('OK');
  });

  it('counts guesses of several users at one address together', async () => {
    const target = 'nobodys@example.com';
    for (const email of ['first@example.com', 'second@example.com']) {
      await guessWrong(stepgate, (await member(email)).page, target, 5);
    }
    const { page: third } = await member('third@example.com');
    const device = await codeSent(third, { email: target });
    const refused = await third.consume(device, stepgate.lastCode(target));
    expect(refused).toMatchObject({ status: 200, body: { status: 'GENERAL_ERROR' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(890);
  });

  it('gives the user’s guess back when the address’s count refuses it', async () => {
    const { userId, page } = await member('given-back@example.com');
    const target = 'full@example.com';
    for (const email of ['x@example.com', 'y@example.com']) {
      await guessWrong(stepgate, (await member(email)).page, target, 5);
    }
    const device = await codeSent(page, { email: target });
    for (let i = 0; i < 4; i += 1) {
      expect((await page.consume(device, '000000')).body.status).toBe('GENERAL_ERROR');
    }
    expect(await stored(userBudget(userId))).toMatchObject({ allowance: 10, consecutive: 0 });
  });

  it('gives the address’s guess back when the user’s count refuses it', async () => {
    const { userId, page, device, code } = await halfway(stepgate, 'locked@example.com');
    const { budgets } = stepgate.app();
    await Promise.all(Array.from({ length: 10 }, () => budgets.claim(userBudget(userId), stepgate.clock.now())));
    const before = await countsAtAddresses();
    for (const guess of [code, otherThan(code), code]) {
      expect((await page.consume(device, guess)).body.status).toBe('GENERAL_ERROR');
    }
    const fresh = (await countsAtAddresses()).filter(({ pk }) => !before.some((old) => old['pk'] === pk));
    expect(fresh).toHaveLength(1);
    expect(fresh[0]).toMatchObject({ allowance: 10, consecutive: 0 });
  });
});
