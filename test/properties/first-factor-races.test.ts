/**
 * However many strangers guess in parallel at one address, no more guesses are compared than it has; and whatever they
 * do, the owner's password and second factor go on working.
 *
 * Why: a first factor by code asks nobody who they are, so its counters are all there is. @see security.md §3.4
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, Device } from '../support/browser.ts';
import { codeSent, EVERYBODY, otherThan, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

/** The code was looked at: it was right, or the answer tells of attempts that are left, or it was the device's last. */
const compared = (answers: readonly Answer[]): number =>
  answers.filter(({ body }) => body.status === 'INCORRECT_USER_INPUT_CODE_ERROR').length;

let run = 0;

describe('one address', { timeout: 120_000 }, () => {
  it('has at most ten guesses compared, over any number of devices and strangers in parallel', async () => {
    await stepgate.tenant('public', EVERYBODY);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 3, max: 12 }),
        fc.boolean(),
        async (devices, guesses, hasAccount) => {
          stepgate.clock.advance(600_000);
          const email = `guessed-${(run += 1)}@example.com`;
          if (hasAccount) await stepgate.user(email);
          const opened: { device: Device; code: string }[] = [];
          for (let i = 0; i < devices; i += 1) {
            const { body } = await stepgate.browser('header').startCode({ email });
            opened.push({ device: body, code: stepgate.lastCode(email) });
          }
          const answers = await Promise.all(
            opened.flatMap(({ device, code }) =>
              Array.from({ length: guesses }, () => stepgate.browser('header').enterCode(device, otherThan(code))),
            ),
          );
          expect(answers.every(({ status }) => status === 200)).toBe(true);
          // Of each device the fifth comparison is told as RESTART_FLOW_ERROR.
          expect(compared(answers)).toBeLessThanOrEqual(Math.min(10, devices * 4));
          if (!hasAccount) return;
          const owner = await signedIn(stepgate, email);
          const own = await codeSent(owner, { email });
          expect((await owner.consume(own, stepgate.lastCode(email))).body.status).toBe('OK');
        },
      ),
      { numRuns: 12 },
    );
  });

  it('opens once for any number of parallel right codes and links', async () => {
    await stepgate.tenant('public', { flowType: 'USER_INPUT_CODE_AND_MAGIC_LINK' });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 8 }), async (codes, links) => {
        stepgate.clock.advance(600_000);
        const email = `opened-${(run += 1)}@example.com`;
        const { body: device } = await stepgate.browser('header').startCode({ email });
        const [code, link] = [stepgate.lastCode(email), stepgate.lastLink(email)];
        const answers = await Promise.all([
          ...Array.from({ length: codes }, () => stepgate.browser('header').enterCode(device, code)),
          ...Array.from({ length: links }, () => stepgate.browser('header').enterLink(link)),
        ]);
        expect(answers.filter(({ body }) => body.status === 'OK')).toHaveLength(1);
      }),
      { numRuns: 12 },
    );
  });
});
