import type { Messages } from './en.ts';

/** To add a language: a file with its `Messages`, a line here, and its name in the tenant's `branding.language`. */
const LANGUAGES: Readonly<Record<string, () => Promise<Messages>>> = {
  en: async () => (await import('./en.ts')).en,
  hu: async () => (await import('./hu.ts')).hu,
};

export interface Speech {
  readonly language: string;
  readonly t: Messages;
}

/** The first language we have: asked for in the address, then what the browser prefers, then the tenant's, then English. */
export async function speechFor(
  asked: string | null,
  preferred: readonly string[],
  tenants: string | undefined,
): Promise<Speech> {
  const wanted = [asked, ...preferred, tenants].flatMap((tag) => tag?.slice(0, 2).toLowerCase() ?? []);
  const language = wanted.find((name) => Object.hasOwn(LANGUAGES, name)) ?? 'en';
  return { language, t: await LANGUAGES[language]!() };
}
