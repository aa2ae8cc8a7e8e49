/** What a reader wants: the language on their own record first, then those their browser asks for. */
export function languageFor(about: {
  readonly user?: { readonly metadata: Readonly<Record<string, unknown>> } | undefined;
  /** Leave out where the request may be somebody else's than the reader's. */
  readonly client?: { readonly acceptLanguage?: string | undefined } | undefined;
}): string {
  const own = about.user?.metadata['language'];
  return [typeof own === 'string' ? own : '', about.client?.acceptLanguage ?? ''].join(',');
}

const MAX_WISHES = 20;

/**
 * `hu` or `hu-HU,en;q=0.8`, best first, each with its base language behind it; what is not a language is left out.
 *
 * @see RFC 9110 §12.5.4
 */
export function wishes(language: string): readonly string[] {
  return language
    .slice(0, 500)
    .split(',', MAX_WISHES)
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { tag: tag.toLowerCase(), q: q === undefined ? 1 : Number(q) };
    })
    .filter(({ tag, q }) => q > 0 && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(tag))
    .toSorted((a, b) => b.q - a.q)
    .flatMap(({ tag }) => [tag, tag.replace(/-.*/, '')]);
}

/** Times in mails are UTC: a mail is read in more places than one. */
export const utcTime = (at: number, language: string): string =>
  `${new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(at)} UTC`;

/**
 * A span as people say it, rounded down so that it never promises too much: `45 seconds`, `10 minutes`, `1.5 hours`.
 *
 * @see wire.md §15
 */
export function humanSpan(seconds: number, language = 'en'): string {
  if (seconds < 60) return counted(Math.floor(seconds), 'second', language);
  if (seconds < 3600) return counted(Math.floor(seconds / 60), 'minute', language);
  return counted(Math.floor(seconds / 360) / 10, 'hour', language);
}

const counted = (count: number, unit: string, language: string) =>
  new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
