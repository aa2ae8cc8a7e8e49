import { useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { linkSecret } from '../../flow/secret.ts';
import { href } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';

export interface WasItYouProps {
  readonly text: string;
  /** What the button brings about, a sentence each. */
  readonly effects: readonly string[];
  readonly action: string;
  /** Said once it is done. */
  readonly done: string;
  readonly act: (tenantId: string | null, token: string) => Promise<{ readonly status: string }>;
}

/** Opened from a mail to an account's owner. Opening it does nothing yet, for mail scanners open links too. */
export function WasItYou({ text, effects, action, done, act }: WasItYouProps) {
  const { t } = useApp();
  const { run, busy, error } = useAction();
  const { token } = linkSecret;
  const [state, setState] = useState<'open' | 'done' | 'gone'>(token === undefined ? 'gone' : 'open');
  const confirm = (): void =>
    run(async () => {
      const { status } = await act(new URLSearchParams(location.search).get('tenantId'), token!);
      setState(status === 'OK' ? 'done' : 'gone');
    });
  return (
    <Page title={t.notMe} lead={state === 'open' && text}>
      {state === 'open' && (
        <ul class="effects">
          {effects.map((effect) => (
            <li key={effect}>{effect}</li>
          ))}
        </ul>
      )}
      <Notice tone="bad">{state === 'gone' ? t.linkEnded : error}</Notice>
      <Notice tone="good">{state === 'done' && done}</Notice>
      {state === 'open' ? (
        <>
          <Button busy={busy} onPress={confirm}>
            {action}
          </Button>
          <a class="button link" href={href('/')}>
            {t.wasMe}
          </a>
        </>
      ) : (
        <a class="button main" href={href(state === 'done' ? '/reset-password' : '/')}>
          {state === 'done' ? t.choosePassword : t.signIn}
        </a>
      )}
    </Page>
  );
}
