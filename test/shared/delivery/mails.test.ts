import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkEmail, noticeEmail, otpEmail } from '../../../shared/delivery/mails.ts';
import { NOTICE_EVENTS } from '../../../shared/notices/event.ts';
import { ACME, appName, code, visible, written } from './mail.ts';

const email = (input: Partial<Parameters<typeof otpEmail>[0]> = {}) =>
  otpEmail({ appName: 'Acme', code: '012345', lifeSeconds: 600, publicHost: 'auth.example.com', ...input });
const link = 'https://app.example.com/auth/reset-password?token=abc&tenantId=public';

const hostile = `<img src=x onerror=alert(1)> & "'`;

describe('otpEmail', () => {
  it('keeps the code out of the subject and alone on its line', () => {
    const { subject, text } = email();
    expect(subject).toBe('Your sign-in code for Acme');
    expect(subject).not.toMatch(/\d/);
    expect(text.split('\n').filter((line) => line.includes('012345'))).toEqual(['012345']);
  });

  it('says where, for what and for how long', () => {
    const { text } = email({ tenant: { ...ACME, name: 'North' } });
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
    expect(visible(html)).toEqual(written(text));
    expect(html).not.toMatch(/<(img|a|script|link|iframe)\b|url\(/i);
  });

  it('escapes what operators name', () => {
    const { html, text } = email({ appName: hostile, tenant: { ...ACME, name: `${hostile} 2` }, publicHost: hostile });
    expect(html).not.toContain('<img');
    expect(visible(html)).toEqual(written(text));
  });

  it('is one line of subject and one lone line of code for every name', () => {
    fc.assert(
      fc.property(appName, code, (name, digits) => {
        const mail = email({ appName: name, code: digits });
        expect(mail.subject).not.toMatch(/[\r\n\0\u2028]/);
        expect(mail.text.split('\n')).toContain(digits);
        expect(mail.html).not.toMatch(
          /<(?!\/?(html|head|meta|title|style|body|table|tbody|tr|td|div|span|xml|noscript|o:\w+)\b|!doctype|!--|!\[endif\])/,
        );
      }),
    );
  });
});

describe('noticeEmail of theft', () => {
  const notice = noticeEmail({
    event: 'session.theft',
    appName: 'Acme',
    publicHost: 'auth.example.com',
    at: Date.UTC(2026, 0, 31, 23, 5),
  });

  it('says when, what was done and what to do', () => {
    expect(notice.subject).toContain('Acme');
    expect(notice.text).toContain('31 January 2026 at 23:05 UTC');
    expect(notice.text).toContain('We ended that sign-in everywhere');
    expect(notice.text).toContain('change your password');
  });

  it('holds no link, and the same words in HTML', () => {
    expect(`${notice.text}${notice.html.replaceAll(/xmlns="[^"]*"/g, '')}`).not.toMatch(/https?:|www\.|href/);
    expect(visible(notice.html)).toEqual(written(notice.text));
  });

  it('escapes the name', () => {
    expect(
      noticeEmail({ event: 'session.theft', appName: hostile, publicHost: 'auth.example.com', at: 0 }).html,
    ).not.toContain('<img');
  });
});

const notice = (input: Partial<Parameters<typeof noticeEmail>[0]> = {}) =>
  noticeEmail({
    event: 'factor.enabled',
    appName: 'Acme',
    publicHost: 'auth.example.com',
    at: Date.UTC(2026, 0, 31, 23, 5),
    ...input,
  });

describe('noticeEmail', () => {
  it.each(NOTICE_EVENTS)('tells of %s in both languages: what, when, and what to do', (event) => {
    const english = notice({ event });
    const hungarian = notice({ event, language: 'hu' });
    expect(english.text).toContain('31 January 2026 at 23:05 UTC');
    expect(hungarian.text).toContain('2026. január 31. 23:05 UTC');
    for (const { subject, text, html } of [english, hungarian]) {
      expect(`${subject}${text}${html}`).not.toMatch(/\{\{|undefined/);
      expect(subject).toContain('Acme');
      expect(visible(html)).toEqual(written(text));
    }
    expect(english.subject).not.toBe(hungarian.subject);
  });

  it('says where a request came from where that is known, and not a word of it where it is not', () => {
    expect(notice({ ip: '203.0.113.7' }).text).toContain('The request came from the address 203.0.113.7.');
    expect(notice().text).not.toContain('The request came from');
  });

  it('has the way out as a button where there is one', () => {
    const { text, html } = notice({ notMeLink: link });
    expect(text).toContain(`This was not me\n${link}\n`);
    expect(html).toContain(`href="${link.replace('&', '&#38;')}"`);
    expect(notice().html).not.toContain('href');
  });
});

describe('linkEmail', () => {
  const kinds = ['magic', 'magic-code', 'reset', 'verify', 'revert', 'sign-up-exists'] as const;
  const linked = (input: Partial<Parameters<typeof linkEmail>[0]> = {}) =>
    linkEmail({
      kind: 'reset',
      link,
      code: '012345',
      lifeSeconds: 3_600,
      appName: 'Acme',
      publicHost: 'auth.example.com',
      ...input,
    });

  it.each(kinds)('%s has its link once as a button and once to copy, the same in text, in both languages', (kind) => {
    for (const language of ['en', 'hu']) {
      const { subject, text, html } = linked({ kind, language });
      expect(text.split('\n').filter((line) => line === link)).toHaveLength(1);
      expect(html.match(/href=/g)).toHaveLength(1);
      expect(visible(html)).toEqual(written(text));
      expect(`${subject}${text}${html}`).not.toMatch(/\{\{|undefined/);
      expect(subject).not.toContain('token');
    }
  });

  it('shows a code beside the link where a kind has both', () => {
    expect(written(linked({ kind: 'magic-code' }).text)).toContain('012345');
    expect(linked({ kind: 'magic' }).text).not.toContain('012345');
  });

  it('names the new address, masked, to the old one', () => {
    expect(linked({ kind: 'revert', contact: 'a•••@example.com' }).text).toContain('It is a•••@example.com now.');
    expect(linked({ kind: 'revert' }).text).not.toContain('It is');
  });

  it('remembers what it is about, for senders of the customer’s own', () => {
    expect(linked({ user: { id: 'u1' }, tenant: ACME, language: 'hu' }).facts).toEqual({
      kind: 'reset',
      tenantId: 'acme',
      language: 'hu',
      link,
      code: '012345',
      lifeSeconds: 3_600,
      user: { id: 'u1' },
    });
  });
});

describe('what a tenant makes of it', () => {
  it('is its name, its logo and its colour, with letters one can read on it', () => {
    const branding = { name: 'North', logoUrl: 'https://north.example/logo.png', color: '#ffdd00' };
    const { subject, html } = notice({ tenant: { ...ACME, branding }, notMeLink: link });
    expect(subject).toContain('North');
    expect(html).toContain('src="https://north.example/logo.png"');
    expect(html).toMatch(/<a\s+href="[^"]+" style="[^"]*background:#ffdd00;color:#000000/);
    const dark = notice({ tenant: { ...ACME, branding: { color: '#0b6b53' } }, notMeLink: link });
    expect(dark.html).toContain('background:#0b6b53;color:#ffffff');
  });

  it('leaves out a logo that mail programs would not show', () => {
    const branding = { logoUrl: 'data:image/png;base64,AAAA' };
    expect(notice({ tenant: { ...ACME, branding } }).html).not.toContain('<img');
  });

  it('is its own words, field by field, in its own language too', () => {
    const templates = {
      en: { 'otp-sign-in': { subject: 'Hello from {{app}}', footer: 'Acme Ltd, 1 Main Street' } },
      de: {
        'otp-sign-in': {
          subject: 'Dein Code',
          heading: 'Code',
          body: 'Hier, für {{life}}:\n\n{{code}}',
          sms: ['{{code}}'],
        },
      },
    };
    const tenant = { ...ACME, templates };
    const english = email({ tenant });
    expect(english.subject).toBe('Hello from Acme');
    expect(english.text).toContain('Nobody from Acme will ever ask');
    expect(written(english.text).at(-1)).toBe('Acme Ltd, 1 Main Street');
    expect(email({ tenant, language: 'de-AT,en;q=0.5' }).text).toBe('Code\n\nHier, für 10 Minuten:\n\n012345\n');
    expect(notice({ tenant, language: 'de-AT,hu;q=0.5' }).facts.language).toBe('hu');
  });

  it('cannot put markup or a second line where there should be none', () => {
    const templates = { en: { 'otp-sign-in': { subject: 'Hi\n{{app}}', body: '<b>{{app}}</b>\n\n{{code}}' } } };
    const mail = email({ tenant: { ...ACME, templates }, appName: '<i>\nBcc: x' });
    expect(mail.subject).toBe('Hi <i> Bcc: x');
    expect(mail.html).not.toMatch(/<[bi]>/);
    expect(visible(mail.html)).toContain('<b><i> Bcc: x</b>');
  });
});
