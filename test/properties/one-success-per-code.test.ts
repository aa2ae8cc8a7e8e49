// Promise: a code is used once. Why it matters: two requests with one right code are two people, and one of them has
// only looked over a shoulder. However many arrive together, one session step, one new login method, one OK.

import { beforeAll, describe, expect, it } from 'vitest';
import { EVERYBODY, halfway, itemsUnder, storedSession } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));

describe('50 requests with one right code', () => {
  it.each([1, 2, 3])('have one success between them (run %i)', async (run) => {
    const { userId, page, device, code } = await halfway(stepgate, `fifty-${run}@example.com`);
    const answers = await Promise.all(Array.from({ length: 50 }, () => page.consume(device, code)));

    expect(answers.filter(({ body }) => body.status === 'OK')).toHaveLength(1);
    expect(answers.filter(({ headers }) => headers.has('front-token'))).toHaveLength(1);
    expect((await storedSession(stepgate, page)).generation).toBe(1);
    const proofs = (await itemsUnder(stepgate, `USER#${userId}`)).filter(({ recipeId }) => recipeId === 'passwordless');
    expect(proofs).toHaveLength(1);
  });

  it('have none when the right moment has passed', async () => {
    const { page, device, code } = await halfway(stepgate, 'too-late@example.com');
    stepgate.clock.advance(600_000 - 30_000);
    await page.refresh();
    stepgate.clock.advance(30_000);
    const answers = await Promise.all(Array.from({ length: 50 }, () => page.consume(device, code)));
    expect(answers.filter(({ body }) => body.status === 'OK')).toEqual([]);
    expect((await storedSession(stepgate, page)).completed).toEqual({ emailpassword: expect.any(Number) });
  });
});
