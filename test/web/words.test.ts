import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPassword } from '../../shared/account/password.ts';
import { tooMany } from '../../shared/account/sign-in.ts';
import { NOT_DELIVERED } from '../../shared/otp/deliver.ts';
import { notAllowed } from '../../shared/otp/send-code.ts';
import { deviceName } from '../../web/flow/device-name.ts';
import { reasonFor } from '../../web/flow/reason.ts';
import { en } from '../../web/i18n/en.ts';
import { hu } from '../../web/i18n/hu.ts';
import { speechFor } from '../../web/i18n/languages.ts';
import { inOurWords, spanOf } from '../../web/i18n/service-texts.ts';

/** Every line of the service: a sentence that is no longer in it is no longer to be known. */
async function sources(): Promise<string> {
  const files = await Array.fromAsync(glob(join(import.meta.dirname, '../../shared/**/*.ts')));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}

describe('inOurWords', () => {
  it('knows what the service says of passwords, deliveries, limits and refusals', async () => {
    const said = [
      await checkPassword('short', 8),
      await checkPassword('x'.repeat(129), 8),
      await checkPassword('password1', 8),
      ...Object.values(NOT_DELIVERED),
      tooMany({ allowed: false, retryAfterMs: 30_000 }).message,
      tooMany({ allowed: false, retryAfterMs: 600_000 }).message,
      notAllowed('ERR_CODE_002').reason,
      notAllowed('ERR_CODE_013').reason,
    ];
    for (const text of said) expect(inOurWords(text!, hu), text).not.toBe(text);
  });

  it.each([
    ['We could not send a mail to this address.', ' Please contact support.'],
    ["We couldn't send the mail right now.", ' Please try again in a minute.'],
    ["We couldn't check the code right now.", ' Please try again.'],
    ['We sent you an email.', ' Follow its link to go on.'],
    ['This is yours already', ''],
    ['You have 5', ' authenticator apps. Please remove one first.'],
    ['Backup codes stand in for a second step.', ' Please set one up first.'],
    ['This sign-in was not started here, or it took too long.', ' Please try again.'],
    ["We couldn't sign you in with Corp", ' right now. Please try again in a minute, or sign in another way.'],
    ['You have not signed in with Corp', '. Please try again.'],
    ['Codes are switched off for this address', ' after too many wrong ones. Ask for a new message: it has a link.'],
    ['You signed in with a code or link,', ' and the same mailbox or phone is no second factor.'],
    [
      'Reset password link was not created because of account',
      ' take over risk. Please contact support. (ERR_CODE_001)',
    ],
    [
      'Cannot sign in / up because',
      ' new email cannot be applied to existing account. Please contact support. (ERR_CODE_005)',
    ],
  ])('knows “%s…”, which the service still says', async (start, end) => {
    expect(inOurWords(start + end, hu)).not.toBe(start + end);
    const said = await sources();
    expect(said.includes(start) || said.includes(end.replace(/ \(ERR.*/, ''))).toBe(true);
  });

  it('keeps the numbers', () => {
    expect(inOurWords('A code was sent just now. Please wait 30 seconds before asking for another.', hu)).toBe(
      'Az imént küldtünk kódot. Újabbat ennyi idő múlva kérhet: 30 másodperc.',
    );
    expect(inOurWords('Too many attempts. Please try again in a minute.', en)).toContain('in 1 minute.');
    expect(inOurWords("Password's length must be lesser than 129 characters", en)).toContain('128');
  });

  it('names factors as people do', () => {
    const text = 'Your account needs otp-phone or totp, which cannot be set up here. Please contact support.';
    expect(inOurWords(text, hu)).toContain('SMS vagy Hitelesítő alkalmazás');
  });

  it('shows a sentence it does not know as it is', () => {
    expect(inOurWords('Something new.', hu)).toBe('Something new.');
  });
});

it.each([
  [200, '1 second'],
  [61_000, '2 minutes'],
  [3_600_000, '1 hour'],
])('spanOf(%s) is %s: never less than what is left', (ms, expected) => {
  expect(spanOf(ms, en)).toBe(expected);
});

it.each([
  ['hu', ['en-GB'], undefined, 'hu'],
  [null, ['fi', 'hu-HU', 'en'], undefined, 'hu'],
  [null, ['fi'], 'hu', 'hu'],
  ['constructor', ['__proto__'], undefined, 'en'],
])('speechFor(%s, %s, %s) is %s', async (asked, preferred, tenants, expected) => {
  const speech = await speechFor(asked, preferred, tenants);
  expect(speech.language).toBe(expected);
  expect(speech.t).toBe({ en, hu }[expected]);
});

it.each([
  ['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36', 'Chrome on Android'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
    'Safari on Mac',
  ],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['', 'Unknown device'],
])('deviceName(%s) is %s', (userAgent, expected) => {
  expect(deviceName(userAgent, en)).toBe(expected);
});

it.each([
  [{ requiredBy: ['tenant'] }, 'Your organisation asks for it.'],
  [{ requiredBy: ['rule:admins', 'user', 'rule:paid'] }, 'Required for your account by the rule “admins”, “paid”.'],
  [
    { requiredBy: ['tenant'], alternatives: ['otp-phone'] },
    'Your organisation asks for it. Text message will do instead.',
  ],
  [
    { requiredBy: [], alternatives: ['otp-email', 'otp-phone'] },
    'Not needed while you have this: E-mail or Text message.',
  ],
  [{ requiredBy: [] }, ''],
])('reasonFor(%j) is %s', (factor, expected) => {
  expect(reasonFor(factor, en)).toBe(expected);
});

it('Hungarian says nothing in English', () => {
  const same = Object.entries(en).filter(
    ([key, text]) => typeof text === 'string' && text === hu[key as keyof typeof hu],
  );
  expect(same.map(([key]) => key)).toEqual(['email', 'mail']);
});
