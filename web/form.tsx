import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import STGeneralError from 'supertokens-web-js/utils/error';

export function Page({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title;
    if (document.activeElement === document.body) heading.current?.focus();
  }, [title]);
  return (
    <main>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </main>
  );
}

/** Runs one action at a time and says what went wrong: in the service's words where it has some for people. */
export function useAction(fallback: string) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const run = (action: () => Promise<string | void>): void => {
    setBusy(true);
    setError('');
    action()
      .then((text) => setError(text ?? ''))
      .catch((reason: unknown) => setError(STGeneralError.isThisError(reason) ? reason.message : fallback))
      .finally(() => setBusy(false));
  };
  return {
    run,
    busy,
    alert: (
      <p role="alert" class="error">
        {error}
      </p>
    ),
  };
}
