// One code tried against many accounts: each account is far below its own limit, so the address that guesses is counted
// over all of them. @see security.md §2.1, inverted brute force
import { beforeAll, expect, it, vi } from 'vitest';
import { gateway } from '../support/gateway.ts';
import { EVERYBODY, otherThan } from '../support/otp.ts';
import { form } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

vi.setConfig({ testTimeout: 60_000 });

const stepgate = useStepgate({ config: { LIMIT_SCALE: '1' } });
beforeAll(() => stepgate.tenant('public', { ...EVERYBODY, contactMethod: 'EMAIL' }));

const THIEF = '203.0.113.66';
let others = 0;
const elsewhere = () => `198.51.100.${(others += 1)}`;

/** Somebody's session, begun from an address of its own, and the device of its code. */
async function pendingOf(email: string) {
  await stepgate.user(email);
  const call = gateway(stepgate.app());
  const ip = elsewhere();
  const headers = { 'st-auth-mode': 'header' };
  const { headers: tokens } = await call('POST', '/auth/signin', {
    body: form({ email, password: PASSWORD }),
    ip,
    headers,
  });
  const session = { ...headers, authorization: `Bearer ${tokens['st-access-token']}` };
  const body = { email, shouldTryLinkingWithSessionUser: true };
  const sent = await call('POST', '/auth/signinup/code', { body, ip, headers: session });
  return { session, device: sent.body };
}

const consume = async ({ session, device }: Awaited<ReturnType<typeof pendingOf>>, userInputCode: string, ip: string) =>
  gateway(stepgate.app())('POST', '/auth/signinup/code/consume', {
    body: {
      deviceId: device.deviceId,
      preAuthSessionId: device.preAuthSessionId,
      userInputCode,
      shouldTryLinkingWithSessionUser: true,
    },
    ip,
    headers: session,
  });

it('SEC-12: an address is stopped after 60 guesses in a minute, however many accounts it spreads them over', async () => {
  stepgate.clock.freeze();
  const pending = [];
  for (let i = 0; i < 16; i += 1) pending.push(await pendingOf(`victim-${i}@example.com`));
  const answers = [];
  for (let round = 0; round < 4; round += 1) {
    for (const one of pending) answers.push((await consume(one, '000000', THIEF)).body.status);
  }
  expect(answers.filter((status) => status === 'INCORRECT_USER_INPUT_CODE_ERROR').length).toBeLessThanOrEqual(60);
  expect(answers.slice(60)).toEqual(Array(4).fill('GENERAL_ERROR'));

  // The owners are not locked out by it: each has lost a few guesses of its own, no more.
  const owner = pending.at(-1)!;
  const right = await consume(owner, stepgate.lastCode('victim-15@example.com'), elsewhere());
  expect(right.body.status).toBe('OK');
});

it('SEC-12: an address that failed for twenty accounts in ten minutes is compared for no other, its own apart', async () => {
  const TEN_MINUTES = 600_000;
  stepgate.clock.advance(TEN_MINUTES - (stepgate.clock.now() % TEN_MINUTES));
  const pending: Awaited<ReturnType<typeof pendingOf>>[] = [];
  for (let i = 0; i < 21; i += 1) pending.push(await pendingOf(`target-${i}@example.com`));
  const wrong = (i: number) => consume(pending[i]!, otherThan(stepgate.lastCode(`target-${i}@example.com`)), THIEF);
  for (let i = 0; i < 20; i += 1) expect((await wrong(i)).body.status).toBe('INCORRECT_USER_INPUT_CODE_ERROR');
  const right = stepgate.lastCode('target-20@example.com');
  const refused = await consume(pending[20]!, right, THIEF);
  expect(refused.body).toMatchObject({ status: 'GENERAL_ERROR', message: expect.stringMatching(/^Too many attempts/) });
  expect(refused.headers['retry-after']).toBe('600');
  expect((await wrong(0)).body.status).toBe('INCORRECT_USER_INPUT_CODE_ERROR');
  expect((await consume(pending[20]!, right, elsewhere())).body.status).toBe('OK');
});
