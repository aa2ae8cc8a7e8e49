// SES and SNS say no in many ways. The person is told in a sentence, in time, and can try again or another way; the
// code that was not delivered is in no log. @see security.md §4.2, F11 to F14; SEC-85

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../support/browser.ts';
import { codeSent, halfway, OPEN, otherThan, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const FAILED = {
  status: 'GENERAL_ERROR',
  message: "We couldn't send the code right now. Please try again in a minute.",
};
const UNDELIVERABLE = {
  status: 'GENERAL_ERROR',
  message: 'We could not send a code to this address. Please use another method.',
};

beforeAll(() => stepgate.tenant('public', OPEN));
beforeEach(() => {
  stepgate.aws.inbox().clear();
  stepgate.logged.length = 0;
});

const expectTold = (answer: Answer, body: object) =>
  expect(answer).toMatchObject({ status: 200, body, setCookies: [] });

/** What was logged holds a name and a purpose, and nothing that is anybody's. */
function expectQuietLog(event: string, error: string, ...secrets: readonly string[]): void {
  expect(stepgate.logged.filter((line) => line.event === event)).toEqual([
    { level: 'error', event, fields: { error, purpose: expect.any(String) } },
  ]);
  const text = JSON.stringify(stepgate.logged);
  for (const secret of secrets) expect(text).not.toContain(secret);
}

let made = 0;
const member = async () => {
  const email = `member-${(made += 1)}@example.com`;
  await stepgate.user(email);
  return { email, page: await signedIn(stepgate, email) };
};

describe('F11: SES refuses a mail', () => {
  it.each([
    // Refused as often as the mailer tries: twice where another try may help.
    ['MessageRejected', 1, UNDELIVERABLE],
    ['MailFromDomainNotVerifiedException', 1, UNDELIVERABLE],
    ['BadRequestException', 1, UNDELIVERABLE],
    ['AccountSuspendedException', 1, FAILED],
    ['SendingPausedException', 1, FAILED],
    ['LimitExceededException', 2, FAILED],
    ['TooManyRequestsException', 2, FAILED],
    ['InternalServiceErrorException', 2, FAILED],
  ])('with %s: says so, and sends the next one', async (error, tries, told) => {
    const { email, page } = await member();
    stepgate.aws.failNext('ses', error, tries);
    expectTold(await page.sendCode({ email }), told);
    expect(stepgate.aws.inbox().messages()).toEqual([]);
    expectQuietLog('email.failed', error, email);

    const device = await codeSent(page, { email });
    expect((await page.consume(device, stepgate.lastCode(email))).body.status).toBe('OK');
  });

  it('with a throttle that passes: tries once more, and nobody notices', async () => {
    const { email, page } = await member();
    stepgate.aws.failNext('ses', 'TooManyRequestsException', 1);
    await codeSent(page, { email });
    expect(stepgate.aws.inbox().messages(email)).toHaveLength(1);
    expect(stepgate.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('for one address, as its sandbox does: other addresses get theirs', async () => {
    const { page } = await member();
    expectTold(await page.sendCode({ email: 'bounce@example.com' }), UNDELIVERABLE);
    await codeSent(page, { email: 'works@example.com' });
    await codeSent(page, { phoneNumber: '+36301234567' });
  });

  it('at a resend: the earlier code is gone, the device is not, and the next resend works', async () => {
    const { page, device, code } = await halfway(stepgate, 'resend@example.com');
    stepgate.clock.advance(30_000);
    stepgate.aws.failNext('ses', 'MessageRejected');
    expectTold(await page.resendCode(device), UNDELIVERABLE);
    expect((await page.consume(device, code)).body.status).toBe('INCORRECT_USER_INPUT_CODE_ERROR');
    stepgate.clock.advance(30_000);
    expect((await page.resendCode(device)).body).toEqual({ status: 'OK' });
    expect((await page.consume(device, stepgate.lastCode('resend@example.com'))).body.status).toBe('OK');
  });

  it('for hours: locks nobody, and costs no guess', async () => {
    const { email, page } = await member();
    for (let i = 0; i < 12; i += 1) {
      stepgate.aws.failNext('ses', 'MessageRejected');
      await page.sendCode({ email });
    }
    const device = await codeSent(page, { email });
    const code = stepgate.lastCode(email);
    expect((await page.consume(device, otherThan(code))).body).toMatchObject({ failedCodeInputAttemptCount: 1 });
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });
});

describe('F13: SNS refuses a message', () => {
  it.each([
    ['OptedOut', UNDELIVERABLE],
    ['InvalidParameter', UNDELIVERABLE],
    ['Throttling', FAILED],
    ['KMSThrottling', FAILED],
    ['InternalError', FAILED],
  ])('with %s: says so after one try, and sends the next one', async (error, told) => {
    const { page } = await member();
    const phoneNumber = '+36301234567';
    stepgate.aws.failNext('sns', error);
    expectTold(await page.sendCode({ phoneNumber }), told);
    expect(stepgate.aws.inbox().messages()).toEqual([]);
    const [line] = stepgate.logged.filter(({ event }) => event === 'sms.failed');
    expect(line?.fields['error']).toContain(error);
    expect(JSON.stringify(stepgate.logged)).not.toContain(phoneNumber.slice(1));

    await codeSent(page, { phoneNumber });
    expect(stepgate.aws.inbox().messages(phoneNumber)).toHaveLength(1);
  });

  it('SEC-86: for a number that has opted out or is none: mail still works', async () => {
    const { email, page } = await member();
    expectTold(await page.sendCode({ phoneNumber: '+36301231111' }), UNDELIVERABLE);
    expectTold(await page.sendCode({ phoneNumber: '+36301230000' }), UNDELIVERABLE);
    const device = await codeSent(page, { email });
    expect((await page.consume(device, stepgate.lastCode(email))).body.status).toBe('OK');
  });
});

describe('F14: SES takes a mail and does not answer', () => {
  it('is asked twice for 4 seconds each, with one code; the person is told to try again', async () => {
    const { page } = await member();
    // Answered after 10 seconds: what ends before is our own patience.
    const email = 'slow@example.com';
    expectTold(await page.sendCode({ email }), FAILED);
    const codes = stepgate.aws
      .inbox()
      .messages(email)
      .map(({ code }) => code);
    expect(codes).toEqual([codes[0], codes[0]]);
    expectQuietLog('email.failed', 'TimeoutError', stepgate.lastCode(email), email);
  });
});
