import { useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { proceed } from '../../flow/proceed.ts';
import { href } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { EmailVerification } from '../../recipes/email-verification.ts';
import { Session } from '../../sdk.ts';

/** A button, for a mail scanner that opens the link must not confirm the address. */
export function ConfirmEmail() {
  const app = useApp();
  const { t } = app;
  const { run, busy, error } = useAction();
  const [state, setState] = useState<'open' | 'done' | 'gone'>('open');
  const [isSignedIn, setSignedIn] = useState(false);
  const confirm = (): void =>
    run(async () => {
      const { status } = await EmailVerification.verifyEmail();
      setSignedIn(await Session.doesSessionExist());
      setState(status === 'OK' ? 'done' : 'gone');
    });
  return (
    <Page title={t.confirmMail} lead={state === 'open' && t.confirmMailText}>
      <Notice tone="bad">{state === 'gone' ? t.linkEnded : error}</Notice>
      <Notice tone="good">{state === 'done' && t.mailConfirmed}</Notice>
      {state === 'open' && (
        <Button busy={busy} onPress={confirm}>
          {t.confirm}
        </Button>
      )}
      {state !== 'open' && isSignedIn && (
        <Button busy={busy} onPress={() => run(() => proceed(app))}>
          {t.goOn}
        </Button>
      )}
      {state !== 'open' && !isSignedIn && (
        <a class="button main" href={href('/')}>
          {t.signIn}
        </a>
      )}
    </Page>
  );
}
