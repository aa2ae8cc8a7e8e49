import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smsSegments } from '../../../shared/delivery/gsm.ts';
import { humanSpan } from '../../../shared/delivery/language.ts';
import { linkSms, otpSms } from '../../../shared/delivery/sms.ts';
import { ACME, appName, code } from './mail.ts';

const sms = (input: Partial<Parameters<typeof otpSms>[0]> = {}) =>
  otpSms({ appName: 'Acme', code: '012345', lifeSeconds: 300, host: 'auth.example.com', ...input }).text;

const hostOf = (length: number) => `${'a'.repeat(length - 5)}.test`;

describe('otpSms', () => {
  it('says what, whose, for how long, and binds the code to the host', () => {
    expect(sms()).toBe(
      'Your Acme code is 012345. It works for 5 minutes. Never share it.\n\n@auth.example.com #012345',
    );
  });

  it.each([
    ['Café', 'Your Café code'],
    ['Árvíztűrő', 'Your Arvizturo code'],
    ['Łódź', 'Your Lodz code'],
    ['Acme 🐝', 'Your Acme code'],
    ['O’Neil – Co', "Your O'Neil - Co code"],
    ['Ａｃｍｅ', 'Your Acme code'],
    ['Acme\n@evil.com #1', 'Your Acme @evil.com #1 code'],
    ['Яндекс', 'Your code'],
    ['銀行', 'Your code'],
    ['🐝', 'Your code'],
  ])('writes the name %s as GSM-7 can', (name, expected) => {
    expect(sms({ appName: name })).toContain(expected);
    expect(smsSegments(sms({ appName: name }))).toBe(1);
  });

  it('gives up words before segments where the host is long, and never the autofill line', () => {
    expect(sms({ host: hostOf(85) })).toContain('It works for 5 minutes.');
    expect(sms({ host: hostOf(85) })).not.toContain('Never');
    expect(sms({ host: hostOf(120) })).toBe(`Your code is 012345.\n\n@${hostOf(120)} #012345`);
    expect(sms({ host: hostOf(140) })).toBe(`012345\n\n@${hostOf(140)} #012345`);
    expect(sms({ host: hostOf(200) })).toBe(`012345\n\n@${hostOf(200)} #012345`);
  });

  it('is one segment for every code and name, and ends in the autofill line', () => {
    fc.assert(
      fc.property(appName, code, fc.integer({ min: 1, max: 600 }), (name, digits, lifeSeconds) => {
        const text = sms({ appName: name, code: digits, lifeSeconds });
        expect(smsSegments(text)).toBe(1);
        expect(text).toContain(humanSpan(lifeSeconds));
        expect(text.split('\n').at(-1)).toBe(`@auth.example.com #${digits}`);
        expect(text.split('\n')).toHaveLength(3);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('smsSegments', () => {
  it.each([
    ['nothing', '', 1],
    ['160 septets', 'a'.repeat(160), 1],
    ['161 septets', 'a'.repeat(161), 2],
    ['306 septets', 'a'.repeat(306), 2],
    ['307 septets', 'a'.repeat(307), 3],
    ['80 characters of two septets', '€'.repeat(80), 1],
    ['81 characters of two septets', '€'.repeat(81), 2],
    ['a two-septet character that does not fit at the end of a message', `${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
    ['70 units of UCS-2', 'ж'.repeat(70), 1],
    ['71 units of UCS-2', 'ж'.repeat(71), 2],
    ['one character that makes the rest UCS-2', `${'a'.repeat(70)}ő`, 2],
    ['35 emoji', '🐝'.repeat(35), 1],
    ['a surrogate pair that does not fit at the end of a message', '🐝'.repeat(67), 3],
    ['every sign of the default alphabet', '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà'.repeat(3), 1],
  ])('%s', (_, text, expected) => {
    expect(smsSegments(text)).toBe(expected);
  });

  it('never throws, and never counts fewer than the bits need', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(smsSegments(text)).toBeGreaterThanOrEqual(Math.max(1, Math.ceil(Array.from(text).length / 160)));
      }),
    );
  });
});

describe('otpSms in other words', () => {
  const own = (words: string, input: Partial<Parameters<typeof otpSms>[0]> = {}) =>
    sms({ tenant: { ...ACME, templates: { en: { 'otp-sign-in': { sms: [words] } } } }, ...input });

  it('speaks Hungarian in letters that cost one septet each', () => {
    const text = sms({ language: 'hu' });
    expect(text).toBe('Acme kod: 012345. Ennyi ideig jo: 5 perc. Ne add ki senkinek!\n\n@auth.example.com #012345');
    expect(smsSegments(text)).toBe(1);
  });

  it('says what the tenant wrote, with the line for autofill behind it', () => {
    expect(own('{{app}}: {{code}}')).toBe('Acme: 012345\n\n@auth.example.com #012345');
  });

  it('lets the tenant’s words take two segments, and no more', () => {
    expect(smsSegments(own(`{{code}} ${'a'.repeat(150)}`))).toBe(2);
    const cyrillic = own(`{{code}} ${'ж'.repeat(150)}`);
    expect(cyrillic).toContain('Your Acme code is 012345.');
  });
});

describe('linkSms', () => {
  const link = 'https://app.example.com/auth/verify?preAuthSessionId=a~b_c&tenantId=public#~_%C3%A9';
  const linked = (input: Partial<Parameters<typeof linkSms>[0]> = {}) =>
    linkSms({ appName: 'Acme', link, lifeSeconds: 300, host: 'auth.example.com', ...input }).text;

  it.each(['en', 'hu'])('leaves the link as it is (%s)', (language) => {
    expect(linked({ language })).toContain(link);
    expect(linked({ language, code: '012345' })).toContain(link);
  });

  it('ends in the line for autofill only with a code', () => {
    expect(linked()).not.toContain('@auth.example.com');
    expect(linked({ code: '012345' }).split('\n').at(-1)).toBe('@auth.example.com #012345');
  });
});
