// Whoever asks for a code or link learns nothing of the address: not whether it has an account, not of which kind, not
// whether it is disabled. Work is counted and not timed. @see OWASP ASVS 5.0 V6.3.8

import { beforeAll, describe, expect, it } from 'vitest';
import { counting } from '../support/counting.ts';
import { gateway } from '../support/gateway.ts';
import { otherThan } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const ADDRESSES = ['unknown', 'password', 'disabled', 'mailbox', 'mailbox-disabled'].map(
  (name) => `${name}@example.com`,
);
const [, PASSWORD_ONLY, DISABLED, MAILBOX, MAILBOX_DISABLED] = ADDRESSES as [string, string, string, string, string];

async function signUp(email: string): Promise<string> {
  const page = stepgate.browser();
  const { body } = await page.enterCode((await page.startCode({ email })).body, stepgate.lastCode(email));
  return body.user.id;
}

beforeAll(async () => {
  const { userAdmin } = stepgate.app();
  await stepgate.user(PASSWORD_ONLY);
  await userAdmin.patch(await stepgate.user(DISABLED), { status: 'disabled' });
  await signUp(MAILBOX);
  await userAdmin.patch(await signUp(MAILBOX_DISABLED), { status: 'disabled' });
  stepgate.clock.advance(60_000);
});

let address = 0;
const post = (path: string, body: object) =>
  counting(stepgate, () =>
    gateway(stepgate.app())('POST', path, { body: JSON.stringify(body), ip: `198.51.100.${(address += 1)}` }),
  );

/** What is random in a reply stands for itself. */
const shape = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, item: unknown) => (/^(deviceId|preAuthSessionId)$/.test(key) ? key : item)));

describe('SEC-54: a first factor by code', () => {
  it('asks the table the same and says the same, whoever has the address', async () => {
    const seen = [];
    for (const email of ADDRESSES) {
      const started = await post('/auth/signinup/code', { email });
      const { deviceId, preAuthSessionId } = started.reply.body;
      const device = { deviceId, preAuthSessionId };
      const wrong = await post('/auth/signinup/code/consume', {
        ...device,
        userInputCode: otherThan(stepgate.lastCode(email)),
      });
      const tooSoon = await post('/auth/signinup/code/resend', device);
      stepgate.clock.advance(2_000);
      const again = await post('/auth/signinup/code/resend', device);
      seen.push(shape([started, wrong, tooSoon, again]));
    }
    for (const one of seen) expect(one).toEqual(seen[0]);
    expect(seen[0]).toMatchObject([
      { reply: { status: 200, body: { status: 'OK' } } },
      { reply: { status: 200, body: { status: 'INCORRECT_USER_INPUT_CODE_ERROR' } } },
      { reply: { status: 200, body: { status: 'GENERAL_ERROR' } } },
      { reply: { status: 200, body: { status: 'OK' } } },
    ]);
  });

  it('lets no disabled account in, by code or by link, and makes no second one of it', async () => {
    await stepgate.tenant('public', { flowType: 'USER_INPUT_CODE_AND_MAGIC_LINK' });
    for (const way of ['code', 'link']) {
      stepgate.clock.advance(60_000);
      const page = stepgate.browser();
      const { body: device } = await page.startCode({ email: MAILBOX_DISABLED });
      const enter = () =>
        way === 'code'
          ? page.enterCode(device, stepgate.lastCode(MAILBOX_DISABLED))
          : page.enterLink(stepgate.lastLink(MAILBOX_DISABLED));
      expect(await enter()).toMatchObject({
        status: 200,
        body: { status: 'SIGN_IN_UP_NOT_ALLOWED', reason: expect.stringContaining('(ERR_CODE_003)') },
        setCookies: [],
      });
      expect((await enter()).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    }
  });

  it('answers for an address that takes no mail as for any other, and says so when nothing can be sent', async () => {
    stepgate.clock.advance(60_000);
    stepgate.aws.failNext('ses', 'MessageRejected');
    expect((await stepgate.browser().startCode({ email: 'suppressed@example.com' })).body.status).toBe('OK');
    stepgate.aws.failNext('ses', 'TooManyRequestsException', 2);
    expect((await stepgate.browser().startCode({ email: 'later@example.com' })).body.status).toBe('GENERAL_ERROR');
  });

  it('is told by no exists endpoint where the tenant wants nothing told', async () => {
    await stepgate.tenant('public', { strictEnumeration: true });
    const page = stepgate.browser();
    for (const path of ['emailpassword/email', 'passwordless/email']) {
      for (const email of ADDRESSES) {
        expect((await page.get(`/auth/${path}/exists?email=${email}`)).body).toEqual({ status: 'OK', exists: false });
      }
    }
  });
});
