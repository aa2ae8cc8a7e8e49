import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { goOn } from '../../flow/go-on.ts';
import { wrongGuess } from '../../flow/guess.ts';
import { remembering } from '../../flow/remembering.ts';
import { choices, proceed, readMfaInfo } from '../../flow/proceed.ts';
import { go, redirect } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { CodeForm } from '../../ui/code-form.tsx';
import { Page } from '../../ui/page.tsx';
import { Remember } from '../../ui/remember.tsx';
import { SignOut } from '../../ui/sign-out.tsx';
import { StepUp } from '../../ui/step-up.tsx';
import { Totp } from '../../recipes/totp.ts';
import { Session } from '../../sdk.ts';

/** What every authenticator app shows. */
export const APP_DIGITS = 6;

export function AppCode() {
  const app = useApp();
  const { t, memory } = app;
  const arrival = useAction();
  const { run, busy, error } = useAction();
  const [isRemembered, setRemembered] = useState(false);
  const [hasOthers, setOthers] = useState(false);
  useEffect(() => {
    arrival.run(async () => {
      if (!(await Session.doesSessionExist())) return redirect('/');
      const info = await readMfaInfo();
      if (info.factors.next.length === 0 && memory.steps.length === 0) return proceed(app);
      setOthers(choices(info).length > 1);
    });
  }, []);
  const verify = (totp: string): void =>
    run(async () => {
      const reply = await Totp.verifyCode({ totp, ...remembering(isRemembered) });
      return reply.status === 'OK' ? goOn(app) : wrongGuess(reply, t);
    });
  return (
    <Page title={t.appCode} lead={memory.steps.length > 0 ? `${t.appCodeText} ${t.appCodeStepUp}` : t.appCodeText}>
      <CodeForm digits={APP_DIGITS} busy={busy} error={error || arrival.error} onCode={verify}>
        <Remember isTicked={isRemembered} onTick={setRemembered} />
      </CodeForm>
      {hasOthers && (
        <Button look="link" onPress={() => go('/factors')}>
          {t.otherMethod}
        </Button>
      )}
      <StepUp />
      <SignOut />
    </Page>
  );
}
