// A write that is killed must leave the old state or the new one: no address without an account, no account without a
// proof, and an address that can always be tried again. @see security.md §4.2, F8, F17

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useFaults } from '../support/fault-proxy.ts';
import { itemsUnder } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', {}));
afterEach(() => faults.calm());

let made = 0;
const entities = async () => ({
  lookups: (await itemsUnder(stepgate, 'LOOKUP#')).length,
  members: (await itemsUnder(stepgate, 'MEMBER#public')).length,
  users: (await itemsUnder(stepgate, 'USER#')).filter(({ sk }) => sk === 'PROFILE').length,
});

/** Every write of a first use, in the order they happen. */
const WRITES = [
  { operation: 'UpdateItem', of: /"OTP#/ },
  { operation: 'UpdateItem', of: /"LIMIT#otp1-to#/ },
  { operation: 'TransactWriteItems', of: /"OTP#/ },
  { operation: 'PutItem', of: /"SESSION#/ },
] as const;

describe.each(WRITES)('SEC-90: $operation of $of, killed', (write) => {
  it.each(['drop-before', 'apply-then-drop'] as const)('%s: all of an account or nothing', async (kind) => {
    const email = `killed-${(made += 1)}@example.com`;
    const before = await entities();
    const page = stepgate.browser();
    const { body: device } = await page.startCode({ email });
    const code = stepgate.lastCode(email);
    faults.inject({ ...write, times: 4, fault: { kind } });
    const answer = await page.enterCode(device, code);
    expect(answer.body.status).toBe('GENERAL_ERROR');
    faults.calm();

    const after = await entities();
    const grown = [after.lookups - before.lookups, after.members - before.members, after.users - before.users];
    expect([
      [0, 0, 0],
      [1, 1, 1],
    ]).toContainEqual(grown);

    // And once more from the beginning: the person is in, with one account.
    stepgate.clock.advance(1_000);
    const again = await page.startCode({ email });
    const entered = await page.enterCode(again.body, stepgate.lastCode(email));
    expect(entered.body).toMatchObject({ status: 'OK', createdNewRecipeUser: grown[0] === 0 });
    expect((await page.me()).status).toBe(200);
    const end = await entities();
    expect([end.lookups - before.lookups, end.members - before.members, end.users - before.users]).toEqual([1, 1, 1]);
  });

  it.each(['apply-then-drop', 'apply-then-error'] as const)(
    '%s once: the SDK’s repetition is the same',
    async (kind) => {
      const email = `repeated-${(made += 1)}@example.com`;
      const page = stepgate.browser();
      const { body: device } = await page.startCode({ email });
      const code = stepgate.lastCode(email);
      faults.inject({ ...write, fault: { kind } });
      expect((await page.enterCode(device, code)).body).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
      expect((await page.me()).status).toBe(200);
    },
  );
});
