import * as v from 'valibot';
import { type Kind, kindNames, placeholdersOf, RETIRED_KINDS, speaksOf } from './kinds.ts';

/**
 * A tenant's own words: `{ "hu": { "otp-sign-in": { "subject": "…", "body": "…" } } }`.
 *
 * Every field is optional where we have the language ourselves. Texts are plain: what looks like HTML is shown as such.
 */

const field = (max: number) => v.exactOptional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(max)));

const wording = v.strictObject({
  subject: field(150),
  heading: field(100),
  body: field(4_000),
  button: field(40),
  footer: field(500),
  sms: v.exactOptional(
    v.pipe(
      v.string(),
      v.trim(),
      v.minLength(1),
      v.maxLength(160),
      v.transform((text) => [text]),
    ),
  ),
});

/** Words for what is not sent any more close no tenant: it was saved when they were right. */
const withoutRetired = (kinds: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(kinds).filter(([kind]) => !RETIRED_KINDS.includes(kind)));

export const templatesSchema = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'must be a language such as hu or pt-BR')),
    v.pipe(
      v.record(v.string(), v.unknown()),
      v.transform(withoutRetired),
      v.record(v.picklist(kindNames, 'is not a mail we send'), wording),
    ),
  ),
  v.check((languages) => Object.keys(languages).length <= 20, 'must not be more than 20 languages'),
);

type Wording = v.InferOutput<typeof wording>;
export type Templates = Readonly<Record<string, Readonly<Partial<Record<Kind, Wording>>>>>;

/** Paths of what is stored and left out, `hu.change`, for whoever saves it. */
export const retiredIn = (templates: unknown): readonly string[] => {
  const stored = v.safeParse(v.record(v.string(), v.record(v.string(), v.unknown())), templates);
  if (!stored.success) return [];
  return Object.entries(stored.output).flatMap(([language, kinds]) =>
    Object.keys(kinds)
      .filter((kind) => RETIRED_KINDS.includes(kind))
      .map((kind) => `${language}.${kind}`),
  );
};

/** Languages with words of our own. In any other, a mail is written whole or not at all. */
const OURS = ['en', 'hu'];

/** One line per fault, with the attribute it is in. Empty where every mail could be sent. */
export const templateFaults = (templates: Templates): readonly string[] =>
  Object.entries(templates).flatMap(([language, kinds]) =>
    kindNames.flatMap((kind) => {
      const own = kinds[kind];
      const faults = own === undefined ? [] : [...missing(language, kind, own), ...faultsOf(kind, own)];
      return faults.map((fault) => `templates.${language}.${kind}.${fault}`);
    }),
  );

function missing(language: string, kind: Kind, own: Wording): readonly string[] {
  if (OURS.includes(language)) return [];
  const wanted = (['subject', 'heading', 'body', 'sms'] as const).filter(
    (name) => name !== 'sms' || speaksOf(kind).sms,
  );
  return wanted
    .filter((name) => own[name] === undefined)
    .map((name) => `${name}: is missing; in a language we do not have, all of it must be there`);
}

function faultsOf(kind: Kind, own: Wording): readonly string[] {
  const allowed: readonly string[] = placeholdersOf(kind);
  const needs: readonly string[] = speaksOf(kind).needs;
  return Object.entries(own).flatMap(([name, value]) => {
    const text = [value].flat().join('');
    if (name === 'sms' && !speaksOf(kind).sms) return ['sms: this is never sent as a text message'];
    const holds = name === 'body' || name === 'sms' ? needs : [];
    // A lock screen shows a subject, and its owner is not always who looks at it.
    const known =
      name === 'body' || name === 'sms' ? allowed : allowed.filter((each) => !['code', 'link'].includes(each));
    return [
      ...[...new Set(namesIn(text))]
        .filter((each) => !known.includes(each))
        .map((each) => `${name}: does not know {{${each}}}`),
      ...(/\{\{|\}\}/.test(text.replaceAll(PLACEHOLDER, '')) ? [`${name}: placeholders look like {{app}}`] : []),
      ...holds.filter((each) => !namesIn(text).includes(each)).map((each) => `${name}: must hold {{${each}}}`),
    ];
  });
}

const PLACEHOLDER = /(?<!\{)\{\{([a-z]+)\}\}(?!\})/gi;

/** The placeholders of a text, in order. */
export const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, name]) => name ?? '');
