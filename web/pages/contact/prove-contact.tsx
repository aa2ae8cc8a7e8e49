import { useState } from 'preact/hooks';
import { confirmContactChange, type PendingChange } from '../../account.ts';
import { useApp } from '../../app.tsx';
import { doFresh } from '../../flow/stale.ts';
import { go, redirect } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { CodeForm } from '../../ui/code-form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';

/** The code that went to the new address or number: with it, the change is made. */
export function ProveContact({ change }: { readonly change: PendingChange }) {
  const app = useApp();
  const { t, memory, methods } = app;
  const { run, busy, error } = useAction();
  const [ended, setEnded] = useState('');
  const isMail = change.kind === 'email';
  const end = (text: string): void => {
    memory.change = undefined;
    setEnded(text);
  };
  const confirm = async (code: string): Promise<string | void> => {
    const reply = await confirmContactChange(change, code);
    if (reply.status === 'INCORRECT_USER_INPUT_CODE_ERROR') {
      const left = reply.maximumCodeInputAttempts - reply.failedCodeInputAttemptCount;
      return left < 1 ? end(t.ended) : `${t.wrongCode} ${t.attemptsLeft(left)}`;
    }
    if (reply.status === 'EXPIRED_USER_INPUT_CODE_ERROR') return end(t.expired);
    if (reply.status === 'RESTART_FLOW_ERROR') return end(t.ended);
    if (reply.status !== 'OK') return end(t.takenContact);
    memory.notice = { tone: 'good', text: isMail ? t.mailChanged : t.phoneChanged };
    redirect('/settings');
  };
  return (
    <Page title={t.code} lead={isMail ? t.sentByMail(change.shownTo) : t.sentBySms(change.shownTo)}>
      {ended === '' ? (
        <CodeForm
          digits={methods.otpDigits}
          busy={busy}
          error={error}
          onCode={(code) =>
            run(async () => {
              let said: string | void = undefined;
              await doFresh(async () => void (said = await confirm(code)), app);
              return said;
            })
          }
        />
      ) : (
        <>
          <Notice tone="bad">{ended}</Notice>
          <Button onPress={() => redirect('/contact', { kind: change.kind })}>{t.retry}</Button>
        </>
      )}
      <Button look="plain" onPress={() => go('/settings')}>
        {t.cancel}
      </Button>
    </Page>
  );
}
