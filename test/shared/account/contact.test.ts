import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalEmail, canonicalPhone, maskContact, subjectOfAbuse } from '../../../shared/account/contact.ts';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
const nearlyEmail = fc
  .tuple(anyText, fc.constantFrom('@', '＠', '@@', ',', ''), anyText, fc.constantFrom('.com', '。com', '.', ''))
  .map((parts) => parts.join(''));

function emailOfLength(bytes: number): string {
  const domain = `dddd.${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.com`;
  return `${'x'.repeat(bytes - domain.length - 1)}@${domain}`;
}

describe('canonicalEmail', () => {
  it.each([
    ['a plain address', 'ann@example.com', 'ann@example.com'],
    ['upper case', 'Ann.B@Example.COM', 'ann.b@example.com'],
    ['spaces around', '  ann@example.com ', 'ann@example.com'],
    ['a tag, which is another address', 'ann+shop@gmail.com', 'ann+shop@gmail.com'],
    ['Gmail dots, which are another address', 'a.n.n@gmail.com', 'a.n.n@gmail.com'],
    ['every sign a dot-atom may have', "!#$%&'*+/=?^_`{|}~-a@example.com", "!#$%&'*+/=?^_`{|}~-a@example.com"],
    ['SEC-58 a full-width @', 'ann＠example.com', 'ann@example.com'],
    ['a full-width domain', 'ann@ｅｘａｍｐｌｅ．ｃｏｍ', 'ann@example.com'],
    ['an ideographic full stop', 'ann@example。com', 'ann@example.com'],
    ['an international domain', 'ann@Bücher.de', 'ann@xn--bcher-kva.de'],
    ['the same domain as A-label', 'ann@XN--BCHER-KVA.de', 'ann@xn--bcher-kva.de'],
    ['sharp s, which is not ss', 'ann@faß.de', 'ann@xn--fa-hia.de'],
    ['SEC-58 a Cyrillic homograph', 'ann@exаmple.com', 'ann@xn--exmple-4nf.com'],
    ['dotless i in the domain', 'ann@gıthub.com', 'ann@xn--gthub-n4a.com'],
    ['a name that ends like a made-up one', 'ann@fakeemail.com', 'ann@fakeemail.com'],
    ['64 bytes of local part', `${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('accepts %s', (_, input, expected) => {
    expect(canonicalEmail(input)).toBe(expected);
  });

  it.each([
    ['nothing', ''],
    ['no @', 'example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'ann@'],
    ['SEC-58 two @', 'ann@evil.com@example.com'],
    ['SEC-58 a full-width second @', 'ann＠evil.com@example.com'],
    ['SEC-58 a quoted local part', '"ann"@example.com'],
    ['SEC-58 a quoted local part with another address', '"a@evil.com x"@example.com'],
    ['SEC-58 a comma list', 'ann@example.com,eve@evil.com'],
    ['SEC-58 a full-width comma', 'ann@example.com，eve@evil.com'],
    ['a semicolon list', 'ann@example.com;eve@evil.com'],
    ['a display name', 'Ann <ann@example.com>'],
    ['a comment', 'ann(x)@example.com'],
    ['a compatibility character that becomes a comment', 'ann@⑴.com'],
    ['SEC-58 CRLF', 'ann@example.com\r\nBcc: eve@evil.com'],
    ['a trailing line feed', 'ann@example.com\n'],
    ['a tab before', '\tann@example.com'],
    ['NUL', 'ann\0@example.com'],
    ['a right-to-left override', 'ann\u202e@example.com'],
    ['a soft hyphen in the domain', 'ann@exa\u00admple.com'],
    ['a space inside', 'an n@example.com'],
    ['SEC-58 KELVIN SIGN, which folds to k', '\u212aate@example.com'],
    ['full-width letters in the local part', 'ａnn@example.com'],
    ['dotless i in the local part', 'mıke@example.com'],
    ['sharp s in the local part', 'strauß@example.com'],
    ['long s, which folds to s', 'ſam@example.com'],
    ['a leading dot', '.ann@example.com'],
    ['a trailing dot', 'ann.@example.com'],
    ['a double dot', 'a..n@example.com'],
    ['a dotless domain', 'ann@localhost'],
    ['a trailing dot in the domain', 'ann@example.com.'],
    ['a leading dot in the domain', 'ann@.example.com'],
    ['a double dot in the domain', 'ann@example..com'],
    ['an IP literal', 'ann@[127.0.0.1]'],
    ['an IPv6 literal', 'ann@[IPv6:::1]'],
    ['an IP address', 'ann@127.0.0.1'],
    ['an IP address in hexadecimal', 'ann@0x7f.1'],
    ['an IP address in full-width digits', 'ann@１２７.0.0.1'],
    ['a port', 'ann@example.com:25'],
    ['a path, which a URL host would drop', 'ann@example.com/x.evil.com'],
    ['a query', 'ann@example.com?x.evil.com'],
    ['a fragment', 'ann@example.com#x.evil.com'],
    ['percent signs, which a URL host would decode', 'ann@ex%61mple.com'],
    ['an underscore in the domain', 'ann@a_b.com'],
    ['a hyphen before the domain', 'ann@-a.com'],
    ['an A-label that decodes to nothing', 'ann@xn--a.com'],
    ['65 bytes of local part', `${'a'.repeat(65)}@example.com`],
    ['64 bytes in a label', `ann@${'a'.repeat(64)}.com`],
    ['a made-up address', 'x@stfakeemail.supertokens.com'],
    ['a made-up address in capitals', 'x@Some.FakeEmail.com'],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('SEC-58 refuses %s', (_, input) => {
    expect(canonicalEmail(input)).toBeUndefined();
  });

  it('accepts 254 bytes and refuses 255', () => {
    expect(emailOfLength(254)).toHaveLength(254);
    expect(canonicalEmail(emailOfLength(254))).toBe(emailOfLength(254));
    expect(canonicalEmail(emailOfLength(255))).toBeUndefined();
  });

  it('never throws, and is its own canonical form', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nearlyEmail, fc.emailAddress()), (input) => {
        const once = canonicalEmail(input);
        if (once === undefined) return;
        expect(canonicalEmail(once)).toBe(once);
        expect(once).toMatch(/^[\x21-\x7e]{3,254}$/);
        expect(once).not.toMatch(/[A-Z\s,<>()[\]\\;:"]/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('canonicalPhone', () => {
  it.each([
    ['+12133734253'],
    ['+1 (213) 373-4253'],
    ['0012133734253'],
    ['001 213 373 4253'],
    ['＋１２１３３７３４２５３'],
    ['００１２１３３７３４２５３'],
    ['+1\u00a0213\u2011373\u20114253'],
    [' +1.213.373.4253 '],
  ])('SEC-60 takes %j for the same number', async (input) => {
    expect(await canonicalPhone(input)).toEqual({ number: '+12133734253', country: 'US' });
  });

  it.each([
    ['+36 20 123 4567', { number: '+36201234567', country: 'HU' }],
    ['+36 06 20 123 4567', { number: '+36201234567', country: 'HU' }],
    ['+44 (0)7400 123456', { number: '+447400123456', country: 'GB' }],
    ['+447911123456', { number: '+447911123456', country: 'GG' }],
    ['+7 701 123 4567', { number: '+77011234567', country: 'KZ' }],
    ['+1 202 555 0123', { number: '+12025550123', country: 'US' }],
  ])('knows the country of %s', async (input, expected) => {
    expect(await canonicalPhone(input)).toEqual(expected);
  });

  it.each([
    ['a number no plan has assigned', '+1 (555) 010-0123'],
    ['an extension', '+1 213 373 4253 ext. 5'],
    ['a short extension', '+12133734253x5'],
    ['an RFC 3966 extension', '+12133734253;ext=5'],
    ['a tel: address', 'tel:+12133734253'],
    ['a pause', '+12133734253,5'],
    ['premium, US', '+1 900 555 1234'],
    ['premium, HU', '+36 90 123456'],
    ['premium, international', '+979123456789'],
    ['toll-free', '+1 800 555 0199'],
    ['toll-free, international', '+80012345678'],
    ['a personal number', '+447012345678'],
    ['a landline', '+36 1 234 5678'],
    ['a satellite, +881', '+8816 1234 5678'],
    ['a network, +882', '+88213012345'],
    ['a network, +883', '+883510001234567'],
    ['Inmarsat, +870', '+870773111632'],
    ['a satellite with 00', '00881612345678'],
    ['a short code', '12345'],
    ['a short code with +', '+12345'],
    ['an emergency number', '112'],
    ['a national number', '06201234567'],
    ['a number without +', '12133734253'],
    ['the US exit code', '01112133734253'],
    ['a digit too many', '+121337342531'],
    ['a second +', '+1+2133734253'],
    ['two numbers', '+12133734253, +36201234567'],
    ['a vanity number', '+1 213 FLOWERS'],
    ['nothing', ''],
    ['a megabyte', '+'.repeat(1_000_000)],
  ])('SEC-60 refuses %s', async (_, input) => {
    expect(await canonicalPhone(input)).toBeUndefined();
  });

  it('never throws, and is its own canonical form', async () => {
    const nearly = fc
      .tuple(
        fc.constantFrom('+', '00', '+36', '+1 ', '+44', ''),
        fc.string({ unit: fc.constantFrom(...Array.from('0123456789 ()-')) }),
      )
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, nearly), async (input) => {
        const once = await canonicalPhone(input);
        if (once === undefined) return;
        expect(await canonicalPhone(once.number)).toEqual(once);
        expect(once.number).toMatch(/^\+[1-9]\d{6,14}$/);
        expect(once.country).toMatch(/^[A-Z]{2}$/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('maskContact', () => {
  it.each([
    ['email', 'ann@example.com', 'a•••@example.com'],
    ['email', 'a@example.com', 'a•••@example.com'],
    ['email', 'a-very-long-name@example.com', 'a•••@example.com'],
    ['phone', '+36201234567', '+36 •••• 567'],
    ['phone', '+12133734253', '+1 •••• 253'],
    ['phone', '+77011234567', '+7 •••• 567'],
    ['phone', '+420601123456', '+420 •••• 456'],
  ] as const)('%s %s → %s', (kind, value, expected) => {
    expect(maskContact(kind, value)).toBe(expected);
  });

  it('never throws and never shows more of a local part than its first letter', () => {
    fc.assert(
      fc.property(anyText, fc.stringMatching(/^[a-z]{2,20}$/), (junk, local) => {
        maskContact('email', junk);
        maskContact('phone', junk);
        expect(maskContact('email', `${local}@x.test`)).toBe(`${local[0]}•••@x.test`);
      }),
    );
  });
});

describe('subjectOfAbuse', () => {
  it.each([
    ['ann@example.com', 'ann@example.com'],
    ['Ann+1@Example.com', 'ann@example.com'],
    ['ann+a+b@example.com', 'ann@example.com'],
    ['a.n.n@example.com', 'a.n.n@example.com'],
    ['a.n.n+x@gmail.com', 'ann@gmail.com'],
    ['a.n.n@googlemail.com', 'ann@gmail.com'],
    ['+ann@example.com', '+ann@example.com'],
  ])('counts %s as %s', (email, expected) => {
    expect(subjectOfAbuse(email)).toBe(expected);
  });

  it('never throws, and names a subject after itself', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.emailAddress()), (email) => {
        subjectOfAbuse(email);
        const canonical = canonicalEmail(email);
        if (canonical === undefined) return;
        expect(subjectOfAbuse(subjectOfAbuse(canonical))).toBe(subjectOfAbuse(canonical));
      }),
    );
  });
});
