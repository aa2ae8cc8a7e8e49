import { beforeEach, describe, expect, it } from 'vitest';
import type { LocalFunction } from '../../../infra/local/lambda.ts';
import { lambdaMailer, lambdaTexter } from '../../../shared/delivery/lambda-sender.ts';
import { linkEmail, type LinkKind, noticeEmail, otpEmail } from '../../../shared/delivery/mails.ts';
import { linkSms, otpSms } from '../../../shared/delivery/sms.ts';
import type { EmailMessage, Log } from '../../../shared/ports.ts';
import { useAws } from '../../support/aws.ts';
import { ACME } from './mail.ts';

const aws = useAws();
const ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:sender:live';
const FROM = 'Acme <no-reply@acme.example>';
const context = { appName: 'Acme', publicHost: 'auth.example.com', tenant: ACME };
const link = 'https://app.example.com/auth/reset-password?token=abc';

const lines: (readonly [string, object | undefined])[] = [];
const log: Log = { info: () => {}, error: (event, fields) => lines.push([event, fields]) };
let events: unknown[] = [];
const answers = (answer: LocalFunction) =>
  aws.functions().set(ARN, (event) => {
    events.push(event);
    return answer(event);
  });

beforeEach(() => {
  events = [];
  lines.length = 0;
  answers(async () => ({ status: 'OK' }));
});

const mailer = () => lambdaMailer({ EMAIL_SENDER_ARN: ARN, MAIL_FROM: FROM }, log);
const texter = () => lambdaTexter({ SMS_SENDER_ARN: ARN }, log);
const sent = async (message: Omit<EmailMessage, 'to' | 'purpose'>) => {
  expect(await mailer().send({ to: 'ada@example.com', purpose: 'x', ...message })).toBe('sent');
  return events.at(-1);
};
const code = () => otpEmail({ ...context, code: '012345', lifeSeconds: 600 });
const linked = (kind: LinkKind) => linkEmail({ ...context, kind, link, lifeSeconds: 3_600, user: { id: 'u1' } });

describe('what a sender is called with', () => {
  it('is SuperTokens’ payload for a code, and the words we would have sent', async () => {
    const mail = code();
    expect(await sent({ ...mail, preAuthSessionId: 'pre' })).toEqual({
      type: 'PASSWORDLESS_LOGIN',
      email: 'ada@example.com',
      userInputCode: '012345',
      codeLifetime: 600_000,
      preAuthSessionId: 'pre',
      isFirstFactor: false,
      tenantId: 'acme',
      stepgate: {
        version: 1,
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        kind: 'otp-sign-in',
        purpose: 'x',
        language: 'en',
        content: { from: FROM, subject: mail.subject, text: mail.text, html: mail.html },
      },
    });
  });

  it('is the same for a text message, with the number', async () => {
    const sms = otpSms({ appName: 'Acme', host: 'auth.example.com', tenant: ACME, code: '012345', lifeSeconds: 300 });
    const message = { to: '+36301234567', purpose: 'enrol', preAuthSessionId: 'pre', ...sms };
    expect(await texter().send(message)).toBe('sent');
    expect(events).toMatchObject([
      {
        type: 'PASSWORDLESS_LOGIN',
        phoneNumber: '+36301234567',
        userInputCode: '012345',
        codeLifetime: 300_000,
        tenantId: 'acme',
        stepgate: { purpose: 'enrol', content: { text: sms.text } },
      },
    ]);
  });

  it('has the link of a sign-in by link', async () => {
    const sms = linkSms({ appName: 'Acme', host: 'auth.example.com', link, lifeSeconds: 300 });
    await texter().send({ to: '+36301234567', purpose: 'x', ...sms });
    expect(events[0]).toMatchObject({ urlWithLinkCode: link, isFirstFactor: true });
    expect(events[0]).not.toHaveProperty('userInputCode');
    expect(await sent(linked('magic'))).toMatchObject({ type: 'PASSWORDLESS_LOGIN', urlWithLinkCode: link });
  });

  it('is SuperTokens’ payload for a reset and a verification', async () => {
    expect(await sent(linked('reset'))).toMatchObject({
      type: 'PASSWORD_RESET',
      user: { id: 'u1', email: 'ada@example.com' },
      passwordResetLink: link,
      tenantId: 'acme',
    });
    expect(await sent(linked('verify'))).toMatchObject({
      type: 'EMAIL_VERIFICATION',
      user: { id: 'u1', recipeUserId: 'u1', email: 'ada@example.com' },
      emailVerifyLink: link,
    });
  });

  it('says which of our own mails it is', async () => {
    expect(await sent(linked('revert'))).toMatchObject({ type: 'OTHER', link, stepgate: { kind: 'revert' } });
    const notice = noticeEmail({ ...context, event: 'factor.enabled', at: 5, user: { id: 'u1' } });
    const event = await sent(notice);
    expect(event).toMatchObject({ type: 'OTHER', at: 5, user: { id: 'u1' }, stepgate: { kind: 'factor.enabled' } });
    expect(event).not.toHaveProperty('link');
  });

  it('never has the same id twice', async () => {
    const id = async () => ((await sent(code())) as { stepgate: { id: string } }).stepgate.id;
    expect(await id()).not.toBe(await id());
  });
});

describe('what a sender answers', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'sent'],
    ['OK', { status: 'OK', sid: 'SM1' }, 'sent'],
    ['UNDELIVERABLE', { status: 'UNDELIVERABLE' }, 'undeliverable'],
    ['something else', { statusCode: 200 }, 'failed'],
    ['a text', 'OK', 'failed'],
  ])('%s', async (_, answer, expected) => {
    answers(async () => answer);
    expect(await mailer().send({ to: 'ada@example.com', purpose: 'x', ...code() })).toBe(expected);
  });

  it('may be an error, of which only its name is logged: the rest may hold the code', async () => {
    answers(async (event) => {
      throw new Error(JSON.stringify(event));
    });
    expect(await mailer().send({ to: 'ada@example.com', purpose: 'x', ...code() })).toBe('failed');
    expect(lines).toEqual([['email.failed', { error: 'SenderFailed', purpose: 'x' }]]);
  });

  it('is not waited for longer than 4 seconds, nor asked for again', async () => {
    answers(() => new Promise(() => {}));
    const since = Date.now();
    expect(await mailer().send({ to: 'ada@example.com', purpose: 'x', ...code() })).toBe('failed');
    expect(Date.now() - since).toBeGreaterThan(3_500);
    expect(Date.now() - since).toBeLessThan(5_500);
    expect(events).toHaveLength(1);
  }, 10_000);

  it.each(['TooManyRequestsException', 'AccessDeniedException', 'ServiceException'])(
    'may be Lambda’s own %s: not now, and not again by itself',
    async (name) => {
      aws.failNext('lambda', name);
      expect(await mailer().send({ to: 'ada@example.com', purpose: 'x', ...code() })).toBe('failed');
      expect(lines).toEqual([['email.failed', { error: name, purpose: 'x' }]]);
      expect(events).toEqual([]);
    },
  );

  it('is missing where there is no such function', async () => {
    aws.functions().clear();
    expect(await texter().send({ to: '+36301234567', purpose: 'x', text: 'x', facts: code().facts })).toBe('failed');
    expect(lines).toEqual([['sms.failed', { error: 'ResourceNotFoundException', purpose: 'x' }]]);
  });

  it('is not asked for where a message has no facts', async () => {
    expect(await texter().send({ to: '+36301234567', purpose: 'x', text: 'x' })).toBe('failed');
    expect(events).toEqual([]);
  });
});
