/** A customer's own functions send in place of SES and SNS: here the worked example, before a server shaped like Twilio. */
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { secretFrom, twilioSender } from '../../infra/example/handlers/twilio.ts';
import { boundPort } from '../../infra/local/ports.ts';
import type { EmailEvent, SmsEvent } from '../../shared/delivery/sender.ts';
import type { Browser } from '../support/browser.ts';
import { OPEN, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const arn = (name: string) => `arn:aws:lambda:eu-central-1:111122223333:function:${name}`;
const [MAILS, TEXTS] = [arn('mails'), arn('texts')];
const stepgate = useStepgate({ config: { EMAIL_SENDER_ARN: MAILS, SMS_SENDER_ARN: TEXTS } });

let mails: EmailEvent[] = [];
let taken: { readonly path: string; readonly authorization: string; readonly form: URLSearchParams }[] = [];
let refusal: number | undefined;

/** Twilio's Messages resource, and the extension that hands out the auth token. */
const server = createServer((request, response) => {
  void (async () => {
    const reply = await answer(request);
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
  })();
});

async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
  const path = request.url ?? '';
  if (path.startsWith('/secretsmanager/get')) {
    const known =
      request.headers['x-aws-parameters-secrets-token'] === 'role-token' && path.endsWith('secretId=twilio');
    return known ? { status: 200, body: { SecretString: 'auth-token' } } : { status: 400, body: {} };
  }
  const { authorization = '' } = request.headers;
  taken.push({ path, authorization, form: new URLSearchParams(await text(request)) });
  if (refusal !== undefined) return { status: 400, body: { code: refusal, message: 'No.', status: 400 } };
  return { status: 201, body: { sid: 'SM1', status: 'queued' } };
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = String(boundPort(server));
  const env = { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: port, AWS_SESSION_TOKEN: 'role-token' };
  const send = twilioSender({
    accountSid: 'AC1',
    messagingServiceSid: 'MG1',
    authToken: secretFrom(env, 'twilio'),
    url: `http://127.0.0.1:${port}`,
  });
  stepgate.aws.functions().set(TEXTS, (event) => send(event as SmsEvent));
  stepgate.aws.functions().set(MAILS, async (event) => void mails.push(event as EmailEvent));
  await stepgate.tenant('public', OPEN);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  [mails, taken, refusal] = [[], [], undefined];
});

let count = 0;
async function somebody(): Promise<{ page: Browser; email: string }> {
  const email = `sender-${(count += 1)}@example.com`;
  await stepgate.user(email);
  return { page: await signedIn(stepgate, email), email };
}

const codeOf = (event: EmailEvent | undefined) =>
  event?.type === 'PASSWORDLESS_LOGIN' ? (event.userInputCode ?? '') : '';

describe('a customer’s own senders', () => {
  it('carry codes and notices, and SES and SNS carry nothing', async () => {
    const { page, email } = await somebody();
    const mailed = await page.sendCode({ email });
    expect(mails).toMatchObject([
      { type: 'PASSWORDLESS_LOGIN', email, preAuthSessionId: mailed.body.preAuthSessionId },
    ]);
    expect((await page.consume(mailed.body, codeOf(mails[0]))).body.status).toBe('OK');

    const texted = await page.sendCode({ phoneNumber: '+36301230001' });
    expect(texted.body.status).toBe('OK');
    const [message] = taken;
    expect(message).toMatchObject({
      path: '/2010-04-01/Accounts/AC1/Messages.json',
      authorization: `Basic ${Buffer.from('AC1:auth-token').toString('base64')}`,
    });
    expect(message!.form.get('To')).toBe('+36301230001');
    expect(message!.form.get('MessagingServiceSid')).toBe('MG1');
    const code = /@localhost #(\d{6})$/.exec(message!.form.get('Body') ?? '')?.[1] ?? '';
    expect((await page.consume(texted.body, code)).body.status).toBe('OK');

    expect(mails.at(-1)).toMatchObject({
      type: 'OTHER',
      email,
      stepgate: { kind: 'login-method.linked', purpose: 'notice' },
    });
    expect(stepgate.aws.inbox().messages()).toEqual([]);
  });

  it.each([
    ['another method where Twilio will never reach a number', 21_614, 'Please use another method'],
    ['to try again where Twilio has a bad moment', 20_429, 'try again in a minute'],
  ])('have people told %s', async (_, code, expected) => {
    refusal = code;
    const { page } = await somebody();
    const { body } = await page.sendCode({ phoneNumber: `+3630123001${count}` });
    expect(body).toMatchObject({ status: 'GENERAL_ERROR', message: expect.stringContaining(expected) });
    expect(taken).toHaveLength(1);
    expect(stepgate.aws.inbox().messages()).toEqual([]);
  });

  it('leave no code in the log when they fail', async () => {
    const { page, email } = await somebody();
    let code = '';
    stepgate.aws.functions().set(MAILS, async (event) => {
      code = codeOf(event as EmailEvent);
      throw new Error(`cannot send ${code} to ${email}`);
    });
    expect((await page.sendCode({ email })).body.status).toBe('GENERAL_ERROR');
    expect(code).toMatch(/^\d{6}$/);
    const logged = JSON.stringify(stepgate.logged);
    expect(logged).toContain('SenderFailed');
    expect(logged).not.toContain(code);
    expect(logged).not.toContain(email);
  });
});

describe('the extension’s secret', () => {
  it('says so when it cannot be read', async () => {
    const env = { PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(boundPort(server)), AWS_SESSION_TOKEN: 'other' };
    await expect(secretFrom(env, 'twilio')()).rejects.toThrow('the secret cannot be read: 400');
  });
});
