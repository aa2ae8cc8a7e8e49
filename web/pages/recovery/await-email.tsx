import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { ownHandle } from '../../flow/attempt.ts';
import { proceed } from '../../flow/proceed.ts';
import { redirect } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { SignOut } from '../../ui/sign-out.tsx';
import { EmailVerification } from '../../recipes/email-verification.ts';
import { Session } from '../../sdk.ts';

/** The session whose link is out already: a reload sends no other. */
const SENT = 'stepgate-verification-sent';

/** Waits until the address is confirmed, in this browser or another. The first link goes out by itself. */
export function AwaitEmail() {
  const app = useApp();
  const { t } = app;
  // Apart, so that nobody presses a button in vain while the page finds out how things stand.
  const arrival = useAction();
  const { run, busy, error } = useAction();
  const [news, setNews] = useState('');
  const look = async (): Promise<boolean> => {
    const { isVerified } = await EmailVerification.isEmailVerified();
    if (isVerified) await proceed(app);
    return isVerified;
  };
  const send = async (): Promise<void> => {
    const { status } = await EmailVerification.sendVerificationEmail();
    sessionStorage.setItem(SENT, await ownHandle());
    if (status !== 'OK') await look();
  };
  useEffect(() => {
    arrival.run(async () => {
      if (!(await Session.doesSessionExist())) return redirect('/');
      if (!(await look()) && sessionStorage.getItem(SENT) !== (await ownHandle())) await send();
    });
    // Back from the mail.
    const notice = (): void => void (document.visibilityState === 'visible' && look().catch(() => undefined));
    document.addEventListener('visibilitychange', notice);
    return () => document.removeEventListener('visibilitychange', notice);
  }, []);
  return (
    <Page title={t.confirmMail} lead={t.confirmWait}>
      <Notice tone="bad">{error || arrival.error}</Notice>
      <Notice tone="good">{news}</Notice>
      <Button busy={busy} onPress={() => run(async () => ((await look()) ? undefined : t.notConfirmed))}>
        {t.isConfirmed}
      </Button>
      <Button
        look="link"
        busy={busy || arrival.busy}
        onPress={() =>
          run(async () => {
            setNews('');
            await send();
            setNews(t.linkResent);
          })
        }
      >
        {t.linkAgain}
      </Button>
      <SignOut />
    </Page>
  );
}
