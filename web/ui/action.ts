import { useState } from 'preact/hooks';
import { isGeneralError } from '../flow/general-error.ts';
import { type App, useApp } from '../app.tsx';
import { Told } from '../flow/told.ts';
import { inOurWords } from '../i18n/service-texts.ts';
import { redirect } from '../router.tsx';
import { Said, statusOf } from '../service.ts';

/** What went wrong, for people: in the service's words where it has some, in ours otherwise. */
export function explain(error: unknown, { t }: App): string {
  if (error instanceof Told) return error.message;
  if (isGeneralError(error) || error instanceof Said) return inOurWords(error.message, t);
  return statusOf(error) === 429 ? t.limited : t.failed;
}

/** Runs one action at a time. Whoever has no session any more signs in again. */
export function useAction() {
  const app = useApp();
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const run = (action: () => Promise<string | void>): void => {
    setBusy(true);
    setError('');
    action()
      .then((text) => setError(text ?? ''))
      .catch((reason: unknown) => {
        if (statusOf(reason) === 401) redirect('/');
        else setError(explain(reason, app));
      })
      .finally(() => setBusy(false));
  };
  return { run, busy, error };
}
