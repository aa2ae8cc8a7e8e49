import type { ComponentType } from 'preact';
import { pageAt, type PagePath } from '../../infra/pages/headers.ts';

/** Every page, by its path: those that are served, and no others. Each is fetched when it is shown. */
const PAGES: Readonly<Record<PagePath, () => Promise<ComponentType>>> = {
  '/': async () => (await import('./sign-in/sign-in.tsx')).SignIn,
  '/sign-up': async () => (await import('./sign-in/sign-in.tsx')).SignUp,
  '/passwordless': async () => (await import('./sign-in/passwordless.tsx')).PasswordlessSignIn,
  '/verify': async () => (await import('./sign-in/magic-link.tsx')).MagicLink,
  '/callback/*': async () => (await import('./sign-in/callback.tsx')).Callback,
  '/reset-password': async () => (await import('./recovery/reset-password.tsx')).ResetPassword,
  '/verify-email': async () => (await import('./recovery/verify-email.tsx')).VerifyEmail,
  '/code': async () => (await import('./code/code.tsx')).Code,
  '/app-code': async () => (await import('./app/app-code.tsx')).AppCode,
  '/backup-code': async () => (await import('./backup/backup-code.tsx')).BackupCode,
  '/factors': async () => (await import('./choose-factor.tsx')).ChooseFactor,
  '/enrol': async () => (await import('./enrol.tsx')).Enrol,
  '/app': async () => (await import('./app/new-app.tsx')).NewApp,
  '/backup-codes': async () => (await import('./backup/new-codes.tsx')).NewCodes,
  '/password': async () => (await import('./recovery/change-password.tsx')).ChangePassword,
  '/contact': async () => (await import('./contact/change-contact.tsx')).ChangeContact,
  '/revert': async () => (await import('./recovery/revert.tsx')).Revert,
  '/not-me': async () => (await import('./recovery/not-me.tsx')).NotMe,
  '/settings': async () => (await import('./settings/settings.tsx')).Settings,
  '/denied': async () => (await import('./denied.tsx')).Denied,
};

/** @throws where it cannot be fetched. */
export async function loadPage(path: string): Promise<ComponentType> {
  const page = pageAt(path);
  return page === undefined ? (await import('./not-found.tsx')).NotFound : PAGES[page]();
}
