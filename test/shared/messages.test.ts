import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { humanSpan, otpEmail, otpSms, smsSegments, theftNotice } from '../../shared/messages.ts';

const email = (input: Partial<Parameters<typeof otpEmail>[0]> = {}) =>
  otpEmail({ appName: 'Acme', code: '012345', lifeSeconds: 600, publicHost: 'auth.example.com', ...input });
const sms = (input: Partial<Parameters<typeof otpSms>[0]> = {}) =>
  otpSms({ appName: 'Acme', code: '012345', lifeSeconds: 300, host: 'auth.example.com', ...input });

/** What a reader sees of a page: its text, with entities resolved. */
const visible = (html: string) =>
  html
    .replace(/^[^]*<body/, '<body')
    .replace(/<[^>]+>/g, '\n')
    .replace(/&#(\d+);/g, (_, number) => String.fromCharCode(Number(number)))
    .split('\n')
    .filter((line) => line.trim() !== '');

const hostile = `<img src=x onerror=alert(1)> & "'`;
const code = fc.stringMatching(/^\d{6,8}$/);
/** As the settings allow it: 1 to 20 UTF-16 units. */
const appName = fc
  .oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 20 }), fc.string())
  .map((name) => name.slice(0, 20))
  .filter((name) => name.length > 0);

describe('otpEmail', () => {
  it('keeps the code out of the subject and alone on its line', () => {
    const { subject, text } = email();
    expect(subject).toBe('Your sign-in code for Acme');
    expect(subject).not.toMatch(/\d/);
    expect(text.split('\n').filter((line) => line.includes('012345'))).toEqual(['012345']);
  });

  it('says where, for what and for how long', () => {
    const { text } = email({ tenantName: 'North' });
    expect(text).toContain('auth.example.com');
    expect(text).toContain('Acme (North)');
    expect(text).toContain('10 minutes');
  });

  it('speaks of setting up where a contact is being proven', () => {
    const { subject, text } = email({ purposeText: 'set-up' });
    expect(subject).toBe('Confirm your email address for Acme');
    expect(text).toContain('use this address when you sign in');
  });

  it('says the same in HTML, without images, links or scripts', () => {
    const { text, html } = email();
    expect(visible(html)).toEqual(text.split('\n').filter((line) => line !== ''));
    expect(html).not.toMatch(/<(img|a|script|link|iframe)\b|url\(/i);
  });

  it('escapes what operators name', () => {
    const { html, text } = email({ appName: hostile, tenantName: hostile, publicHost: hostile });
    expect(html).not.toContain('<img');
    expect(visible(html)).toEqual(text.split('\n').filter((line) => line !== ''));
  });

  it('is one line of subject and one lone line of code for every name', () => {
    fc.assert(
      fc.property(appName, code, (name, digits) => {
        const mail = email({ appName: name, code: digits });
        expect(mail.subject).not.toMatch(/[\r\n\0\u2028]/);
        expect(mail.text.split('\n')).toContain(digits);
        expect(mail.html).not.toMatch(/<(?!\/?(html|head|meta|title|style|body|table|tr|td|p)\b|!doctype)/);
      }),
    );
  });
});

describe('theftNotice', () => {
  const notice = theftNotice({ appName: 'Acme', at: Date.UTC(2026, 0, 31, 23, 5) });

  it('says when, what was done and what to do', () => {
    expect(notice.subject).toContain('Acme');
    expect(notice.text).toContain('31 January 2026 at 23:05 UTC');
    expect(notice.text).toContain('We ended that sign-in everywhere');
    expect(notice.text).toContain('change your password');
  });

  it('holds no link, and the same words in HTML', () => {
    expect(`${notice.text}${notice.html}`).not.toMatch(/https?:|www\.|href/);
    expect(visible(notice.html)).toEqual(notice.text.split('\n').filter((line) => line !== ''));
  });

  it('escapes the name', () => {
    expect(theftNotice({ appName: hostile, at: 0 }).html).not.toContain('<img');
  });
});

describe('humanSpan', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [45, '45 seconds'],
    [59, '59 seconds'],
    [60, '1 minute'],
    [119, '1 minute'],
    [300, '5 minutes'],
    [600, '10 minutes'],
    [3599, '59 minutes'],
    [3600, '1 hour'],
    [5400, '1.5 hours'],
    [7199, '1.9 hours'],
    [86_400, '24 hours'],
  ])('%i seconds → %s', (seconds, expected) => {
    expect(humanSpan(seconds)).toBe(expected);
  });
});

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
