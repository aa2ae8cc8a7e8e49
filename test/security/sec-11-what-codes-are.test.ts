// A code that is not drawn evenly is guessed sooner, and a code that is read leniently has several right answers.
// @see OWASP ASVS 5.0 V6.5.3, V15.3.5

import { beforeAll, describe, expect, it } from 'vitest';
import { newCode, sealLink } from '../../shared/otp/code.ts';
import { deriveSecrets } from '../../shared/keys/secrets.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const email = 'typist@example.com';
beforeAll(() => stepgate.tenant('public', {}));

/** Chi-square of counts that should be equal. */
const chiSquare = (counts: readonly number[]): number => {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
};

describe('SEC-11: codes as they are made', () => {
  it.each([6, 8] as const)('have %i digits always, and every digit in every place as often (p > 0.001)', (digits) => {
    const codes = Array.from({ length: 10_000 }, () => newCode(digits));
    expect(codes.every((code) => new RegExp(`^\\d{${digits}}$`).test(code))).toBe(true);
    expect(codes.some((code) => code.startsWith('0'))).toBe(true);
    for (let place = 0; place < digits; place += 1) {
      const counts = Array.from(
        { length: 10 },
        (_, digit) => codes.filter((code) => code[place] === String(digit)).length,
      );
      // 9 degrees of freedom: 27.88 at p = 0.001, shared by the places that are tested.
      expect(chiSquare(counts)).toBeLessThan(40);
    }
    expect(new Set(codes).size).toBeGreaterThan(9_900);
  });

  it('are 256 bits where nobody types them', () => {
    const secrets = deriveSecrets('r1', Buffer.alloc(32, 1));
    const bound = {
      tenantId: 'public',
      purpose: 'first-factor',
      preAuthSessionId: 'p',
      userId: '',
      sessionHandle: '',
      factorId: 'otp-email',
      contact: email,
    } as const;
    const links = Array.from({ length: 1_000 }, () => sealLink(secrets, bound, 'salt').linkCode);
    expect(new Set(links).size).toBe(1_000);
    expect(links.every((link) => Buffer.from(link, 'base64url').length === 32)).toBe(true);
  });
});

describe('SEC-11: codes as they are typed in', () => {
  const begun = async () => {
    const page = stepgate.browser();
    stepgate.clock.advance(1_000);
    const { body } = await page.startCode({ email });
    const device = { deviceId: body.deviceId, preAuthSessionId: body.preAuthSessionId };
    const enter = (userInputCode: unknown) => page.post('/auth/signinup/code/consume', { ...device, userInputCode });
    return { code: stepgate.lastCode(email), enter };
  };

  it.each<[string, (code: string) => unknown]>([
    ['a number', Number],
    ['a list', (code) => [code]],
    ['an object', (code) => ({ code })],
    ['null', () => null],
    ['10 kB of text', () => '1'.repeat(10_000)],
  ])('%s is a malformed request and no attempt', async (_, spelling) => {
    const { code, enter } = await begun();
    expect((await enter(spelling(code))).status).toBe(400);
    expect((await enter('0')).body).toMatchObject({ failedCodeInputAttemptCount: 1 });
    expect((await enter(code)).body.status).toBe('OK');
  });

  it.each<[string, (code: string) => string]>([
    ['full-width digits', (code) => code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))],
    ['a space in between', (code) => `${code.slice(0, 3)} ${code.slice(3)}`],
    ['a digit too many', (code) => `${code}0`],
    ['a digit too few', (code) => code.slice(1)],
    ['nothing', () => ''],
  ])('%s is a wrong code, counted once', async (_, spelling) => {
    const { code, enter } = await begun();
    expect((await enter(spelling(code))).body).toMatchObject({
      status: 'INCORRECT_USER_INPUT_CODE_ERROR',
      failedCodeInputAttemptCount: 1,
    });
    expect((await enter(code)).body.status).toBe('OK');
  });

  it('takes a code with spaces around it, as phones paste it', async () => {
    const { code, enter } = await begun();
    expect((await enter(` ${code} \n`)).body.status).toBe('OK');
  });
});
