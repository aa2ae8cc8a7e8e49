import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { readMfaInfo } from '../../flow/proceed.ts';
import { doFresh } from '../../flow/stale.ts';
import { Told } from '../../flow/told.ts';
import { inOurWords } from '../../i18n/service-texts.ts';
import { go, redirect } from '../../router.tsx';
import { changePassword } from '../../account.ts';
import { statusOf } from '../../service.ts';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { Session } from '../../sdk.ts';

/** A new password for whoever is signed in and knows the present one. */
export function ChangePassword() {
  const app = useApp();
  const { t, methods, memory } = app;
  const arrival = useAction();
  const { run, busy, error } = useAction();
  const [faults, setFaults] = useState<{ readonly current?: string; readonly next?: string }>({});
  const [email, setEmail] = useState('');
  useEffect(() => {
    arrival.run(async () => {
      if (!(await Session.doesSessionExist())) return redirect('/');
      setEmail((await readMfaInfo()).emails['emailpassword']?.[0] ?? '');
    });
  }, []);
  const change = async (currentPassword: string, newPassword: string): Promise<void> => {
    const reply = await changePassword({ currentPassword, newPassword }).catch((refusal: unknown) => {
      throw statusOf(refusal) === 400 ? new Told(t.noPassword) : refusal;
    });
    if (reply.status === 'WRONG_CREDENTIALS_ERROR') {
      setFaults({ current: t.wrongPassword });
      // After a proof in between, this form is no longer there to say it.
      if (location.pathname !== '/password') throw new Told(t.wrongPassword);
    } else if (reply.status === 'FIELD_ERROR') {
      const next = inOurWords(reply.formFields[0]!.error, t);
      setFaults({ next });
      if (location.pathname !== '/password') throw new Told(next);
    } else {
      memory.notice = { tone: 'good', text: t.passwordChanged };
      redirect('/settings');
    }
  };
  return (
    <Page title={t.changePassword} lead={t.changePasswordText}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          const [current, next] = [data.get('current'), data.get('password')];
          if (busy || typeof current !== 'string' || typeof next !== 'string') return;
          setFaults({});
          run(() => doFresh(() => change(current, next), app));
        }}
      >
        {/* So that password managers know whose password changes. */}
        <input type="email" name="email" autocomplete="username" value={email} readOnly hidden />
        <PasswordField
          name="current"
          label={t.currentPassword}
          error={faults.current}
          autocomplete="current-password"
        />
        <PasswordField
          label={t.newPassword}
          hint={t.passwordHint(methods.passwordMinLength)}
          error={faults.next}
          autocomplete="new-password"
        />
        <Notice tone="bad">{error}</Notice>
        <Button busy={busy}>{t.savePassword}</Button>
      </form>
      <Button look="plain" onPress={() => go('/settings')}>
        {t.cancel}
      </Button>
    </Page>
  );
}
