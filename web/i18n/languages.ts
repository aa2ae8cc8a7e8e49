import { en, type Messages } from './en.ts';
import { hu } from './hu.ts';

/** To add a language: a file with its `Messages`, a line here, and its name in the tenant's `branding.language`. */
const LANGUAGES: Readonly<Record<string, Messages>> = { en, hu };

export interface Speech {
  readonly language: string;
  readonly t: Messages;
}

/** The first language we have: asked for in the address, then what the browser prefers, then the tenant's, then English. */
export function speechFor(asked: string | null, preferred: readonly string[], tenants: string | undefined): Speech {
  const wanted = [asked, ...preferred, tenants].flatMap((tag) => tag?.slice(0, 2).toLowerCase() ?? []);
  const language = wanted.find((name) => Object.hasOwn(LANGUAGES, name)) ?? 'en';
  return { language, t: LANGUAGES[language] ?? en };
}
