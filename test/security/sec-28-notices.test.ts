/**
 * SEC-28: every change of a credential or factor, and theft, is told once to each address that was the owner's before,
 * is written down once, and says nothing that helps whoever reads over a shoulder.
 *
 * Why: an intruder's first step is to make the account theirs; the owner has to hear of it where the intruder is not.
 *
 * @see ASVS 5.0 V6.3.7
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { setFactor } from '../../shared/admin/users.ts';
import type { Browser, Mode } from '../support/browser.ts';
import { codeSent, fullySignedIn, itemsUnder, OPEN, proveEmail, provePhone, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const notices = (to: string) =>
  stepgate.aws
    .inbox()
    .messages(to)
    .filter(({ purpose }) => purpose === 'notice');
const events = async (userId: string) => (await itemsUnder(stepgate, `AUDIT#${userId}#`)).map(({ event }) => event);

let count = 0;
/** Somebody with a proven address of their own, and a second one that nothing was proven of. */
async function owner(): Promise<{ email: string; userId: string; page: Browser }> {
  count += 1;
  const email = `owner-${count}@example.com`;
  const userId = await stepgate.user(email);
  const page = await fullySignedIn(stepgate, email);
  return { email, userId, page };
}

beforeEach(() => stepgate.tenant('public', OPEN));

describe('SEC-28: a way to sign in was added', () => {
  it('the address that was there before hears of it once; the phone hears nothing', async () => {
    const { email, userId, page } = await owner();
    expect(notices(email)).toEqual([]);
    const phone = '+36301110001';
    await provePhone(stepgate, page, phone);
    expect(notices(email)).toHaveLength(1);
    expect(notices(email)[0]!.subject).toContain('a way to sign in was added');
    expect(stepgate.aws.inbox().messages(phone)).toHaveLength(1);
    expect((await events(userId)).filter((event) => event === 'login-method.linked')).toHaveLength(2);
  });

  it('a new address is not told of itself, every older proven one is told once', async () => {
    const { email, page } = await owner();
    const second = `second-${email}`;
    await proveEmail(stepgate, page, second);
    expect(notices(second)).toEqual([]);
    expect(notices(email)).toHaveLength(1);
    const third = `third-${email}`;
    await proveEmail(stepgate, page, third);
    expect(notices(email)).toHaveLength(2);
    expect(notices(second)).toHaveLength(1);
    expect(notices(third)).toEqual([]);
  });

  it('a code that changes nothing is not news', async () => {
    const { email, page } = await owner();
    await proveEmail(stepgate, page, email);
    expect(notices(email)).toEqual([]);
  });
});

describe('SEC-28: a factor was switched on and off', () => {
  it('is told once each, to every proven address and to no other', async () => {
    const { email, userId, page } = await owner();
    const second = `second-${email}`;
    await proveEmail(stepgate, page, second);
    stepgate.aws.inbox().clear();
    expect((await page.put('/auth/mfa/factors/otp-email')).body).toEqual({ status: 'OK' });
    expect((await page.put('/auth/mfa/factors/otp-email')).body).toEqual({ status: 'OK' });
    expect((await page.delete('/auth/mfa/factors/otp-email')).body).toEqual({ status: 'OK' });
    for (const to of [email, second]) {
      expect(notices(to).map(({ subject }) => subject.replace(/ at .*$/, ''))).toEqual([
        'Security notice: a second step was switched on',
        'Security notice: a second step was switched off',
      ]);
    }
    expect(stepgate.aws.inbox().messages()).toHaveLength(4);
    expect((await events(userId)).filter((event) => String(event).startsWith('factor.'))).toEqual([
      'factor.enabled',
      'factor.disabled',
    ]);
  });

  it('is done all the same where the mail cannot be sent, and the log says so', async () => {
    const { userId, page } = await owner();
    stepgate.aws.failNext('ses', 'MessageRejected');
    expect((await page.put('/auth/mfa/factors/otp-email')).body).toEqual({ status: 'OK' });
    expect(stepgate.logged.filter(({ event }) => event === 'notice.failed').at(-1)?.fields).toEqual({
      event: 'factor.enabled',
      error: 'undeliverable',
      userId,
      tenantId: 'public',
    });
  });

  it('is told once where an operator does it, and not where nothing changes', async () => {
    const { email, userId } = await owner();
    for (const required of [true, true, false]) {
      await setFactor({ userId, factorId: 'otp-email', required }, stepgate.app());
    }
    expect(notices(email).map(({ subject }) => subject.replace(/ at .*$/, ''))).toEqual([
      'Security notice: a second step was switched on',
      'Security notice: a second step was switched off',
    ]);
  });

  it('waits 4 seconds for a mail and no longer', async () => {
    const email = `slow-${(count += 1)}@example.com`;
    await stepgate.user(email);
    const page = await signedIn(stepgate, email);
    const device = await codeSent(page, { phoneNumber: '+36301110009' });
    const since = Date.now();
    expect((await page.consume(device, stepgate.lastCode('+36301110009'))).body.status).toBe('OK');
    expect(Date.now() - since).toBeGreaterThan(3_500);
    expect(Date.now() - since).toBeLessThan(6_000);
    expect(stepgate.logged.filter(({ event }) => event === 'notice.failed').at(-1)?.fields['error']).toBe('late');
  }, 15_000);

  it('is told once where a code switches it on', async () => {
    await stepgate.tenant('public', { ...OPEN, optInOnConsume: true });
    const email = `opting-${(count += 1)}@example.com`;
    const userId = await stepgate.user(email);
    const page = await fullySignedIn(stepgate, email);
    await provePhone(stepgate, page, '+36301110002');
    expect(notices(email)).toHaveLength(1);
    expect((await events(userId)).toSorted()).toEqual([
      'factor.enabled',
      'factor.enabled',
      'login-method.linked',
      'login-method.linked',
    ]);
  });
});

describe.each<Mode>(['cookie', 'header'])('SEC-28: theft (%s mode)', (mode) => {
  it('is told once to each proven address', async () => {
    const { email, userId, page } = await owner();
    const second = `second-${email}`;
    await proveEmail(stepgate, page, second);
    stepgate.aws.inbox().clear();
    const victim = stepgate.browser(mode);
    await victim.signIn(email, 'correct horse battery staple');
    const first = victim.tokens();
    await victim.refresh();
    await victim.refresh();
    victim.present(first);
    expect((await victim.refresh()).body).toEqual({ message: 'token theft detected' });
    expect(notices(email)).toHaveLength(1);
    expect(notices(second)).toHaveLength(1);
    expect((await events(userId)).filter((event) => event === 'session.theft')).toHaveLength(1);
  });
});

describe('SEC-28: what a notice says', () => {
  it('holds no code, token, id or whole contact', async () => {
    const { email, userId, page } = await owner();
    const phone = '+36301110003';
    const device = await codeSent(page, { phoneNumber: phone });
    const code = stepgate.lastCode(phone);
    await page.consume(device, code);
    await page.put('/auth/mfa/factors/otp-phone');
    const told = notices(email);
    expect(told).toHaveLength(2);
    const { sessionHandle, rsub } = page.claims();
    const tokens = Object.values(page.tokens());
    for (const secret of [code, phone, phone.slice(1), userId, sessionHandle, rsub, device.deviceId, ...tokens]) {
      if (typeof secret !== 'string' || secret === '') continue;
      for (const { subject, text, html } of told) expect(`${subject}${text}${html}`).not.toContain(secret);
    }
  });

  it('goes to the address an account was made with where none was ever proven', async () => {
    const email = `unproven-${(count += 1)}@example.com`;
    await stepgate.user(email);
    const page = await signedIn(stepgate, email);
    await provePhone(stepgate, page, '+36301110004');
    expect(notices(email)).toHaveLength(1);
  });
});
