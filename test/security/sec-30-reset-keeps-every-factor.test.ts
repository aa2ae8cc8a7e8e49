/**
 * SEC-30: a new password by mail opens no session and skips no factor. Where the mail went to an address nobody had
 * proven, a factor from before stands between the password and everything else, whatever the policy says. @see T22
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { askReset, redeemReset, resetToken } from '../support/links.ts';
import { EVERYBODY, fullySignedIn, OPEN, proveEmail, provePhone, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const NEW = 'a lantern beside the quiet harbour';
const PHONE = '+36301234567';

beforeAll(async () => {
  await stepgate.tenant('public', EVERYBODY);
});

async function reset(email: string, tenantId?: string) {
  const token = await resetToken(stepgate, email, tenantId);
  const page = stepgate.browser();
  expect((await redeemReset(page, token, NEW, tenantId)).body).toEqual({ status: 'OK' });
}

describe('SEC-30: a reset of an account with a second factor', () => {
  const email = 'u@example.com';

  it('returns no session, ends those there were, and the next sign-in owes the factor', async () => {
    await stepgate.user(email);
    const [done, pending] = [await fullySignedIn(stepgate, email), await signedIn(stepgate, email)];
    const token = await resetToken(stepgate, email);
    const answer = await redeemReset(pending, token, NEW);
    expect(answer).toMatchObject({ body: { status: 'OK' }, setCookies: [] });
    expect((await done.refresh()).status).toBe(401);
    expect((await pending.sendCode({ email })).status).toBe(401);
    expect((await pending.refresh()).status).toBe(401);

    const page = stepgate.browser();
    await page.signIn(email, NEW);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.me()).status).toBe(403);
    await proveEmail(stepgate, page, email);
    expect((await page.me()).status).toBe(200);
  });
});

describe('SEC-30: a reset by the mailbox that also gets the codes', () => {
  const begun = async (name: string, distinctChannels: boolean) => {
    const email = `${name}@example.com`;
    await stepgate.tenant('public', { ...OPEN, distinctChannels });
    await stepgate.user(email);
    const page = await signedIn(stepgate, email);
    await proveEmail(stepgate, page, email);
    await provePhone(stepgate, page, name === 'one' ? '+36301234577' : '+36301234578');
    await stepgate.tenant('public', { ...EVERYBODY, distinctChannels });
    await reset(email);
    const fresh = stepgate.browser();
    await fresh.signIn(email, NEW);
    return { email, fresh };
  };

  it('is one channel: the account’s other factor is owed, and a code to the mailbox does not do', async () => {
    const { email, fresh } = await begun('one', true);
    expect((await fresh.mfaInfo()).body.factors.next).toEqual(['otp-phone']);
    await proveEmail(stepgate, fresh, email);
    expect((await fresh.me()).status).toBe(403);
    await provePhone(stepgate, fresh, '+36301234577');
    expect((await fresh.me()).status).toBe(200);
  });

  it('is two where the tenant says so', async () => {
    const { email, fresh } = await begun('two', false);
    await proveEmail(stepgate, fresh, email);
    expect((await fresh.me()).status).toBe(200);
  });
});

describe('T22: an account with a phone and an address nobody had proven', () => {
  const email = 'mistyped@example.com';

  it('is reset by the address, and asks for the phone although no policy does', async () => {
    await stepgate.tenant('public', { ...OPEN, contactMethod: 'PHONE' });
    await stepgate.user(email);
    await provePhone(stepgate, await signedIn(stepgate, email), PHONE);
    await reset(email);

    const page = stepgate.browser();
    await page.signIn(email, NEW);
    expect(page.claims()['st-mfa'].v).toBe(false);
    expect((await page.me()).status).toBe(403);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-phone']);
    // Whoever reads the mailbox alone gets no further, and cannot take up a phone of their own.
    expect((await page.sendCode({ phoneNumber: '+36301234568' })).body.status).not.toBe('OK');
    expect(
      (await page.post('/auth/user/password/change', { currentPassword: NEW, newPassword: PASSWORD })).status,
    ).toBe(403);
  });

  it('still asks after a second reset, whose address is proven by now', async () => {
    await reset(email);
    const page = stepgate.browser();
    await page.signIn(email, NEW);
    expect(page.claims()['st-mfa'].v).toBe(false);
  });

  it('asks no more once the phone was shown', async () => {
    const page = stepgate.browser();
    await page.signIn(email, NEW);
    await provePhone(stepgate, page, PHONE);
    expect((await page.me()).status).toBe(200);
    const later = stepgate.browser();
    await later.signIn(email, NEW);
    expect(later.claims()['st-mfa'].v).toBe(true);
  });

  it('asks no more once an operator has forgiven it', async () => {
    const lost = 'lost-phone@example.com';
    const userId = await stepgate.user(lost);
    await provePhone(stepgate, await signedIn(stepgate, lost), '+36301234579');
    await reset(lost);
    const page = stepgate.browser();
    const view = await page.get(`/admin/users/${userId}`);
    expect(view.body.user.owedFactors).toEqual(['otp-phone']);
    await page.send('PATCH', `/admin/users/${userId}`, { owedFactors: null });
    await page.signIn(lost, NEW);
    expect(page.claims()['st-mfa'].v).toBe(true);
  });

  it('is not reset where the phone could not be asked for, with the reference’s code', async () => {
    const stuck = 'stuck@example.com';
    await stepgate.user(stuck);
    await provePhone(stepgate, await signedIn(stepgate, stuck), '+36301234569');
    await stepgate.tenant('public', { ...OPEN, contactMethod: 'EMAIL' });
    const before = stepgate.aws.inbox().messages(stuck).length;
    const { body } = await askReset(stepgate.browser(), stuck);
    expect(body).toEqual({
      status: 'PASSWORD_RESET_NOT_ALLOWED',
      reason: expect.stringContaining('(ERR_CODE_001)'),
    });
    await stepgate.tenant('public', { ...OPEN, contactMethod: 'EMAIL', strictEnumeration: true });
    expect((await askReset(stepgate.browser(), stuck)).body).toEqual({ status: 'OK' });
    expect(stepgate.aws.inbox().messages(stuck)).toHaveLength(before);
  });
});

describe('pre-hijacking: somebody made the account with an address that is not theirs', () => {
  it('leaves them nothing after its reader has reset it: no password, no session, no link', async () => {
    await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
    const victim = 'victim@example.com';
    const attacker = stepgate.browser();
    await attacker.signUp(victim, PASSWORD);
    const first = await resetToken(stepgate, victim);
    const second = await resetToken(stepgate, victim);
    expect((await redeemReset(stepgate.browser(), second, NEW)).body.status).toBe('OK');
    expect((await attacker.refresh()).status).toBe(401);
    expect((await attacker.signIn(victim, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    expect((await redeemReset(attacker, first, PASSWORD)).body.status).toBe('RESET_PASSWORD_INVALID_TOKEN_ERROR');
  });
});
