// A code that is echoed proves nothing: it must be in the message to its address and nowhere else, neither in replies
// and headers, nor in the log, nor in the table. @see security.md §2.1 (OTP echoed in the JSON response), V16.2.5

import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../support/browser.ts';
import { EVERYBODY, everyItem, otherThan } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const email = 'secret@example.com';
const phoneNumber = '+36301234567';
const answers: Answer[] = [];

/** Whether a text holds a number, standing alone: eight digits, so that no time of day looks like a code. */
const holds = (text: string, code: string): boolean => new RegExp(`(?<!\\d)${code}(?!\\d)`).test(text);
const textOf = ({ body, headers, setCookies }: Answer): string =>
  JSON.stringify([body, [...headers], setCookies, ...setCookies.map(decodeURIComponent)]);
/** Tokens are base64url of JSON: what is inside them counts as said. */
const unpacked = (text: string): string =>
  [...text.matchAll(/[\w-]{20,}={0,2}/g)].map(([run]) => Buffer.from(run, 'base64url').toString('latin1')).join('\n');

beforeAll(async () => {
  await stepgate.tenant('public', { ...EVERYBODY, otpDigits: 8 });
  await stepgate.user(email);
  const page = stepgate.browser('header');
  const say = async (answer: Promise<Answer>) => {
    answers.push(await answer);
    return answers.at(-1)!.body;
  };

  await say(page.signIn(email, PASSWORD));
  await say(page.mfaInfo());
  const device = await say(page.sendCode({ email }));
  await say(page.consume(device, otherThan(stepgate.lastCode(email))));
  await say(page.resendCode(device));
  stepgate.clock.advance(30_000);
  await say(page.resendCode(device));
  stepgate.aws.failNext('ses', 'MessageRejected');
  await say(page.sendCode({ email }));
  await say(page.post('/auth/signinup/code/consume', { ...device, userInputCode: stepgate.lastCode(email) }));
  await say(page.post('/auth/signinup/code/consume', `"${stepgate.lastCode(email)}"`));
  await say(page.consume({ ...device, deviceId: 'AAAA' }, stepgate.lastCode(email)));
  await say(page.consume(device, stepgate.lastCode(email)));
  await say(page.consume(device, stepgate.lastCode(email)));
  const phone = await say(page.sendCode({ phoneNumber }));
  await say(page.consume(phone, otherThan(stepgate.lastCode(phoneNumber))));
  stepgate.aws.failNext('sns', 'Throttling');
  await say(page.sendCode({ phoneNumber }));
  await say(page.consume(phone, stepgate.lastCode(phoneNumber)));
  await say(page.get('/auth/mfa/factors'));
  await say(page.get('/auth/sessions'));
  await say(page.refresh());
  await say(page.me());
  await say(page.signOut());
});

const codes = (): readonly string[] =>
  stepgate.aws
    .inbox()
    .messages()
    .flatMap(({ code }) => (code === undefined ? [] : [code]));

describe('SEC-10: what was sent', () => {
  it('went to its address alone, and was used', () => {
    expect(codes()).toHaveLength(3);
    const statuses = answers.map(({ status, body }) => body?.status ?? status);
    expect(statuses.filter((status) => status === 'OK').length).toBeGreaterThan(8);
    expect(statuses).toContain('INCORRECT_USER_INPUT_CODE_ERROR');
    expect(statuses).toContain('GENERAL_ERROR');
  });

  it('is in no reply and no header, not even inside a token', () => {
    for (const code of codes()) {
      for (const answer of answers) {
        const text = textOf(answer);
        expect(holds(text, code)).toBe(false);
        expect(holds(unpacked(text), code)).toBe(false);
      }
    }
  });

  it('is in no line of the log, and neither are addresses and passwords', () => {
    const lines = stepgate.logged.map((line) => JSON.stringify(line));
    expect(lines.length).toBeGreaterThan(2);
    for (const secret of [...codes(), email, phoneNumber, PASSWORD]) {
      expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    }
  });

  it('is stored nowhere', async () => {
    const items = (await everyItem(stepgate)).map((item) => JSON.stringify(item));
    for (const code of codes()) expect(items.filter((item) => holds(item, code))).toEqual([]);
  });

  it('is not in the subject of the mail, which lock screens show', () => {
    for (const { subject, code } of stepgate.aws.inbox().messages()) {
      expect(holds(subject, code!)).toBe(false);
    }
  });
});
