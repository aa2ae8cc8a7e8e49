/**
 * SEC-54, SEC-55: time tells nothing either. Measured as an outsider would: many times, in turns, and by the median of
 * the differences between neighbours, so that what the machine does besides falls on both sides.
 */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { form, gateway } from '../support/gateway.ts';
import { startNewDay } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

vi.setConfig({ testTimeout: 120_000 });

const stepgate = useStepgate();
const KNOWN = ['known-1', 'known-2', 'known-3'].map((name) => `${name}@example.com`);
beforeAll(async () => {
  startNewDay(stepgate);
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  for (const email of KNOWN) await stepgate.user(email);
});

let calls = 0;
async function timed(path: string, body: unknown): Promise<number> {
  calls += 1;
  const began = performance.now();
  await gateway(stepgate.app())('POST', path, { body, ip: `198.51.${calls >> 8}.${calls & 255}` });
  return performance.now() - began;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Milliseconds by which the known address takes longer, and how long an answer takes. */
async function difference(pairs: number, ask: (email: string, pair: number) => Promise<number>) {
  const known = (pair: number) => ask(KNOWN[pair % KNOWN.length]!, pair);
  const unknown = (pair: number) => ask(`nobody-${pair}@example.com`, pair);
  await known(0);
  await unknown(0);
  const differences: number[] = [];
  const all: number[] = [];
  for (let pair = 1; pair <= pairs; pair += 1) {
    const inTurn = pair % 2 === 0;
    const first = await (inTurn ? known : unknown)(pair);
    const second = await (inTurn ? unknown : known)(pair);
    differences.push(inTurn ? first - second : second - first);
    all.push(first, second);
  }
  return { by: median(differences), of: median(all) };
}

describe('medians over many tries', () => {
  it('SEC-55: a wrong password takes as long for an account as for none', async () => {
    let spent = 0;
    const { by, of } = await difference(24, (email) => {
      // Ten wrong ones lock an account for a quarter: before that, another quarter begins.
      if ((spent += 1) % 12 === 0) stepgate.clock.advance(900_000);
      return timed('/auth/signin', { ...form({ email, password: 'wrong' }) });
    });
    expect(Math.abs(by)).toBeLessThan(Math.max(5, of / 5));
  });

  it('SEC-54: a reset is asked for as quickly where there is an account as where there is none', async () => {
    const { by, of } = await difference(10, (email) => {
      stepgate.clock.advance(3_600_000);
      return timed('/auth/user/password/reset/token', form({ email }));
    });
    expect(of).toBeGreaterThan(690);
    expect(Math.abs(by)).toBeLessThan(25);
  });
});
