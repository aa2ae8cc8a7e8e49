import type { TargetedInputEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app.tsx';
import { plainPhone } from '../flow/passwordless.ts';
import { readMfaInfo, startFactor } from '../flow/proceed.ts';
import { doFresh } from '../flow/stale.ts';
import { redirect } from '../router.tsx';
import { useAction } from '../ui/action.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SignOut } from '../ui/sign-out.tsx';
import { StepUp } from '../ui/step-up.tsx';
import { Session } from '../sdk.ts';

/** Asks for the address or number that a factor needs and the account lacks. */
export function Enrol() {
  const app = useApp();
  const { t } = app;
  const arrival = useAction();
  const { run, busy, error } = useAction();
  const [contact, setContact] = useState('');
  const factorId = new URLSearchParams(location.search).get('factor') ?? 'otp-phone';
  const isMail = factorId === 'otp-email';
  useEffect(() => {
    arrival.run(async () => ((await Session.doesSessionExist()) ? undefined : redirect('/')));
  }, []);
  const send = async (): Promise<void> => {
    const given = isMail ? contact.trim() : plainPhone(contact);
    await doFresh(async () => startFactor(factorId, await readMfaInfo(), app, given), app);
  };
  const onInput = (event: TargetedInputEvent<HTMLInputElement>): void => setContact(event.currentTarget.value);
  return (
    <Page title={isMail ? t.enrolMail : t.enrolPhone} lead={t.enrolText}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) run(send);
        }}
      >
        <Field
          name="contact"
          label={isMail ? t.email : t.phone}
          hint={isMail ? undefined : t.phoneHint}
          input={
            isMail
              ? { type: 'email', autocomplete: 'email', required: true, onInput }
              : { type: 'tel', autocomplete: 'tel', required: true, onInput }
          }
        />
        <Notice tone="bad">{error}</Notice>
        <Button busy={busy}>{t.verify}</Button>
      </form>
      <StepUp />
      <SignOut />
    </Page>
  );
}
