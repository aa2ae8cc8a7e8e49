// Whoever has only a stolen password must not be the one who says where the code goes: it goes to what the account
// already has. The refusal says no more than any other, and nothing is sent. @see security.md §0.1 decision 3, §3.7

import { beforeAll, describe, expect, it } from 'vitest';
import { EVERYBODY, itemsUnder, proveEmail, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(async () => {
  await stepgate.tenant('public', EVERYBODY);
  await stepgate.tenant('phones', { mfaPolicy: { rules: [{ id: 'phone', require: ['otp-phone'] }] } });
  await stepgate.tenant('quiet', { mfaPolicy: { rules: [] } });
});

const REFUSED = {
  status: 'SIGN_IN_UP_NOT_ALLOWED',
  reason:
    'Cannot sign in / up due to security reasons. Please try a different login method or contact support. (ERR_CODE_002)',
};

describe('SEC-23: the first second factor', () => {
  it('does not go to an address of a thief’s choice, be it anybody’s or nobody’s', async () => {
    await stepgate.user('victim@example.com');
    await stepgate.user('somebody@example.com');
    const thief = await signedIn(stepgate, 'victim@example.com');
    for (const email of ['thief@example.com', 'somebody@example.com', 'victim+1@example.com', 'victim@example.org']) {
      expect(await thief.sendCode({ email })).toMatchObject({ status: 200, body: REFUSED });
      expect(stepgate.aws.inbox().messages(email)).toEqual([]);
    }
    expect(await itemsUnder(stepgate, 'OTP#')).toEqual([]);
    expect(await itemsUnder(stepgate, 'LIMIT#codes-user')).toEqual([]);
  });

  it('goes to the account’s own address, unverified as it may be, in whatever spelling', async () => {
    await stepgate.user('own@example.com');
    const page = await signedIn(stepgate, 'own@example.com');
    expect((await page.sendCode({ email: ' OWN@Example.com' })).body.status).toBe('OK');
    expect(stepgate.lastMessage('own@example.com')?.to).toBe('own@example.com');
  });

  it('asks for the account’s own mailbox first where the policy wants a phone the account does not have', async () => {
    await stepgate.user('phone@example.com', { tenantId: 'phones' });
    const page = await signedIn(stepgate, 'phone@example.com', 'phones');
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    const refused = await page.sendCode({ phoneNumber: '+36301234567' });
    expect(refused.status).toBe(403);
    expect(stepgate.aws.inbox().messages('+36301234567')).toEqual([]);

    await proveEmail(stepgate, page, 'phone@example.com');
    expect((await page.sendCode({ phoneNumber: '+36301234567' })).body.status).toBe('OK');
    expect((await page.me()).status).toBe(403);
  });

  it('does not go elsewhere either where nobody is asked for a second factor', async () => {
    await stepgate.user('quiet@example.com', { tenantId: 'quiet' });
    const page = await signedIn(stepgate, 'quiet@example.com', 'quiet');
    expect((await page.sendCode({ phoneNumber: '+36301234568' })).body).toEqual(REFUSED);
    expect((await page.sendCode({ email: 'elsewhere@example.com' })).body).toEqual(REFUSED);
    expect(stepgate.aws.inbox().messages('+36301234568')).toEqual([]);
    expect((await page.sendCode({ email: 'quiet@example.com' })).body.status).toBe('OK');
  });

  it('may go anywhere in the session that made the account', async () => {
    const page = stepgate.browser();
    await page.signUp('new@example.com', 'a long enough password');
    expect((await page.sendCode({ email: 'also-mine@example.com' })).body.status).toBe('OK');

    const later = stepgate.browser();
    stepgate.clock.advance(2_000);
    await later.signIn('new@example.com', 'a long enough password');
    expect((await later.sendCode({ email: 'third@example.com' })).body).toEqual(REFUSED);
  });
});
