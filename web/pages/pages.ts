import type { ComponentType } from 'preact';
import type { PAGE_PATHS } from '../../infra/pages/headers.ts';
import { ChooseFactor } from './choose-factor.tsx';
import { Code } from './code/code.tsx';
import { Denied } from './denied.tsx';
import { Enrol } from './enrol.tsx';
import { Settings } from './settings/settings.tsx';
import { SignIn, SignUp } from './sign-in.tsx';

export { NotFound } from './not-found.tsx';

/** Every page, by its path: those that are served, and no others. */
export const PAGES = {
  '/': SignIn,
  '/sign-up': SignUp,
  '/code': Code,
  '/factors': ChooseFactor,
  '/enrol': Enrol,
  '/settings': Settings,
  '/denied': Denied,
} as const satisfies Readonly<Record<(typeof PAGE_PATHS)[number], ComponentType>>;
