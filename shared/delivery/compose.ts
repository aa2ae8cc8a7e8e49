import Mustache from 'mustache';
import type { Branding } from '../account/tenant-schema.ts';
import type { Placeholder, Texts } from './kinds.ts';
import { LAYOUT_HTML } from './layout-html.ts';
import { namesIn } from './templates.ts';

export type Values = Readonly<Partial<Record<Placeholder, string | undefined>>>;

type Part =
  | { readonly text: string }
  | { readonly code: string }
  | { readonly button: { readonly label: string; readonly url: string } };

/**
 * Fills words in and makes a mail of them: HTML through the layout, and the same as plain text.
 *
 * Texts become plain strings first and HTML once, at the end, where everything is escaped: neither an operator's words
 * nor a user's can become markup. A paragraph that speaks of something absent is left out.
 */
export function compose(
  texts: Texts,
  values: Values,
  about: { readonly language: string; readonly branding: Branding },
): { readonly subject: string; readonly text: string; readonly html: string } {
  const subject = fill(texts.subject, values);
  const heading = fill(texts.heading, values);
  const footer = texts.footer === undefined ? undefined : fill(texts.footer, values);
  const parts = partsOf(texts, values);
  const { logoUrl, color = '#1b1d21' } = about.branding;
  const view = {
    lang: about.language,
    app: values.app,
    // Mail programs do not show pictures that come as data.
    logo: logoUrl?.startsWith('https:') === true ? logoUrl : undefined,
    color,
    onColor: isDark(color) ? '#ffffff' : '#000000',
    subject,
    heading,
    footer,
    parts,
  };
  const lines = [heading, ...parts.flatMap(plain), ...(footer === undefined ? [] : [footer])];
  return { subject, text: `${lines.join('\n\n')}\n`, html: Mustache.render(LAYOUT_HTML, view, undefined, { escape }) };
}

/** One line, whatever was filled in: a subject is a header, and a code stands alone on its line. */
export const fill = (text: string, values: Values): string =>
  oneLine(Mustache.render(text, values, undefined, { escape: String }));

export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Z}]+/gu, ' ').trim();

const escape = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function partsOf(texts: Texts, values: Values): readonly Part[] {
  const given = new Set(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [name])));
  return texts.body
    .split(/\n\s*\n/)
    .filter((paragraph) => namesIn(paragraph).every((name) => given.has(name)))
    .map((paragraph): Part => {
      if (paragraph.trim() === '{{code}}') return { code: values.code ?? '' };
      if (paragraph.trim() !== '{{link}}') return { text: fill(paragraph, values) };
      const url = values.link ?? '';
      return { button: { label: texts.button === undefined ? url : fill(texts.button, values), url } };
    });
}

const plain = (part: Part): readonly string[] => {
  if ('text' in part) return [part.text];
  return 'code' in part ? [part.code] : [`${part.button.label}\n${part.button.url}`];
};

/** @see WCAG 2.2, relative luminance: below 0.18, white has more contrast than black. */
function isDark(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179;
}
