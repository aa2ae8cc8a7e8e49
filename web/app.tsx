import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Speech } from './i18n/languages.ts';
import type { PendingChange } from './account.ts';
import type { Methods } from './service.ts';

/** A step that waits for a fresh code. */
export type Step = () => Promise<void>;

/** What is kept between two pages, and gone with the tab: no link can bring it about. */
export interface Memory {
  /** The last one is done first. */
  readonly steps: Step[];
  /** Said once, on the page that comes next. */
  notice: { readonly tone: 'good' | 'bad'; readonly text: string } | undefined;
  /** Backup codes that were just made: shown once. */
  codes: readonly string[] | undefined;
  /** A new address or number whose code is on its way. */
  change: PendingChange | undefined;
}

export interface App extends Speech {
  readonly methods: Methods;
  readonly memory: Memory;
}

export const AppContext = createContext<App | undefined>(undefined);

/** @throws Error outside of the pages. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('There is no app around this component.');
  return app;
}
