import { useEffect, useState } from 'preact/hooks';
import { isGeneralError } from '../flow/general-error.ts';
import { useApp } from '../app.tsx';
import { proceed, readMfaInfo } from '../flow/proceed.ts';
import { inOurWords } from '../i18n/service-texts.ts';
import { href } from '../router.tsx';
import { useAction } from '../ui/action.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SignOut } from '../ui/sign-out.tsx';
import { Session } from '../sdk.ts';

/** Nobody can meet what is asked of this account; the service says what that is. */
export function Denied() {
  const app = useApp();
  const { t } = app;
  const { run, busy, error } = useAction();
  const [isSignedIn, setSignedIn] = useState(true);
  const [reason, setReason] = useState<string>();
  useEffect(() => {
    run(async () => {
      if (!(await Session.doesSessionExist())) return setSignedIn(false);
      await readMfaInfo().catch((refusal: unknown) => {
        if (!isGeneralError(refusal)) throw refusal;
        setReason(inOurWords(refusal.message, t));
      });
    });
  }, []);
  return (
    <Page title={t.denied} lead={reason ?? (isSignedIn && t.deniedText)}>
      <Notice tone="bad">{error}</Notice>
      {isSignedIn ? (
        <>
          <Button look="plain" busy={busy} onPress={() => run(() => proceed(app))}>
            {t.retry}
          </Button>
          <SignOut />
        </>
      ) : (
        <a class="button main" href={href('/')}>
          {t.signIn}
        </a>
      )}
    </Page>
  );
}
