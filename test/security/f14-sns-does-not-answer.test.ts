// A publish that timed out may have been delivered, and nothing makes a second one the same: it is not repeated by
// itself, or people get and pay for two. @see security.md §3.3, F14

import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundPort } from '../../infra/local/ports.ts';
import { OPEN, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
let silent: Server;
let taken = 0;

beforeAll(async () => {
  await stepgate.tenant('public', OPEN);
  await stepgate.user('owner@example.com');
  silent = createServer((request) => {
    taken += 1;
    request.resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  process.env['AWS_ENDPOINT_URL_SNS'] = `http://127.0.0.1:${boundPort(silent)}`;
});
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
});

describe('F14: SNS takes a message and does not answer', () => {
  it('is asked once, for 4 seconds; the person is told to try again', async () => {
    const page = await signedIn(stepgate, 'owner@example.com');
    const before = Date.now();
    const answer = await page.sendCode({ phoneNumber: '+36301234567' });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        status: 'GENERAL_ERROR',
        message: "We couldn't send the code right now. Please try again in a minute.",
      },
    });
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(taken).toBe(1);
    expect(stepgate.logged.filter(({ event }) => event === 'sms.failed')).toEqual([
      { level: 'error', event: 'sms.failed', fields: { error: 'TimeoutError', purpose: 'enrol' } },
    ]);
  });
});
