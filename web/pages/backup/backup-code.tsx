import { useEffect } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { goOn } from '../../flow/go-on.ts';
import { wrongGuess } from '../../flow/guess.ts';
import { proceed, readMfaInfo } from '../../flow/proceed.ts';
import { go, redirect } from '../../router.tsx';
import { useBackupCode } from '../../account.ts';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { SignOut } from '../../ui/sign-out.tsx';
import { Session } from '../../sdk.ts';

/** A code from paper, where another method is owed and cannot be used. */
export function BackupCode() {
  const app = useApp();
  const { t, memory } = app;
  const arrival = useAction();
  const { run, busy, error } = useAction();
  useEffect(() => {
    arrival.run(async () => {
      if (!(await Session.doesSessionExist())) return redirect('/');
      const { factors } = await readMfaInfo();
      if (!factors.next.includes('backup-code')) await proceed(app);
    });
  }, []);
  const use = (code: string): void =>
    run(async () => {
      const reply = await useBackupCode(code);
      if (reply.status !== 'OK') return wrongGuess(reply, t);
      memory.notice = { tone: 'good', text: t.backupUsed(reply.codesLeft) };
      await goOn(app);
    });
  return (
    <Page title={t.useBackup} lead={t.useBackupText}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const typed = new FormData(event.currentTarget).get('backup-code');
          if (!busy && typeof typed === 'string') use(typed);
        }}
      >
        <div class="code long">
          <Field
            name="backup-code"
            label={t.backupCode}
            input={{
              autocomplete: 'off',
              autocapitalize: 'characters',
              spellcheck: false,
              required: true,
              'aria-invalid': error !== '',
            }}
          />
        </div>
        <Notice tone="bad">{error || arrival.error}</Notice>
        <Button busy={busy}>{t.verify}</Button>
      </form>
      <Button look="link" onPress={() => go('/factors')}>
        {t.otherMethod}
      </Button>
      <SignOut />
    </Page>
  );
}
