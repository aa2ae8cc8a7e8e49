import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindNames } from '../../../shared/delivery/kinds.ts';
import { humanSpan, languageFor, wishes } from '../../../shared/delivery/language.ts';
import { templateFaults } from '../../../shared/delivery/templates.ts';
import { textsFor } from '../../../shared/delivery/texts.ts';
import { ACME } from './mail.ts';

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

describe('humanSpan in other languages', () => {
  it('speaks as they do', () => {
    expect(humanSpan(600, 'hu')).toBe('10 perc');
    expect(humanSpan(5_400, 'hu')).toBe('1,5 óra');
  });
});

describe('wishes', () => {
  it.each<[string, readonly string[]]>([
    ['', []],
    ['*', []],
    ['hu', ['hu', 'hu']],
    ['en;q=0.5, hu-HU', ['hu-hu', 'hu', 'en', 'en']],
    ['en;q=0, de;q=0.1', ['de', 'de']],
    ['constructor, __proto__, hu;q=x', []],
  ])('%j → %j', (language, expected) => {
    expect(wishes(language)).toEqual(expected);
  });

  it('never throws and never grows', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (language) => {
        expect(wishes(language).length).toBeLessThanOrEqual(40);
      }),
    );
  });
});

describe('languageFor', () => {
  const client = { acceptLanguage: 'de' };
  it('asks the reader’s record first, then the browser', () => {
    expect(wishes(languageFor({ user: { metadata: { language: 'hu' } }, client }))).toEqual(['hu', 'hu', 'de', 'de']);
    expect(wishes(languageFor({ user: { metadata: { language: 7 } }, client }))).toEqual(['de', 'de']);
    expect(wishes(languageFor({}))).toEqual([]);
  });
});

describe('textsFor', () => {
  it.each<[string, string | undefined, string]>([
    ['hu', 'en', 'hu'],
    ['hu-HU', undefined, 'hu'],
    ['de', 'hu', 'hu'],
    ['de', undefined, 'en'],
    ['', 'hu', 'hu'],
  ])('of a reader who wants %j at a tenant that speaks %j: %s', (wanted, speaks, expected) => {
    const branding = speaks === undefined ? {} : { language: speaks as 'en' | 'hu' };
    expect(textsFor('reset', wanted, { ...ACME, branding }).language).toBe(expected);
  });

  it.each(['en', 'hu'])('has every kind of mail, with what it cannot do without (%s)', (language) => {
    for (const kind of kindNames) {
      const { sms = [], ...mail } = textsFor(kind, language, undefined).texts;
      const all = [mail, ...sms.map((wording) => ({ sms: [wording] }))];
      for (const texts of all) expect(templateFaults({ [language]: { [kind]: texts } })).toEqual([]);
    }
  });
});
