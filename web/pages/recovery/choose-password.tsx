import { EmailPassword } from '../../sdk.ts';
import { useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { inOurWords } from '../../i18n/service-texts.ts';
import { href } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { PasswordField } from '../../ui/password-field.tsx';

/** The password that a link was asked for. It signs nobody in. */
export function ChoosePassword({ onAskAgain }: { readonly onAskAgain: () => void }) {
  const { t, methods } = useApp();
  const { run, busy, error } = useAction();
  const [fault, setFault] = useState('');
  const [state, setState] = useState<'open' | 'saved' | 'gone'>('open');
  const save = (password: string): void =>
    run(async () => {
      setFault('');
      const reply = await EmailPassword.submitNewPassword({ formFields: [{ id: 'password', value: password }] });
      if (reply.status === 'FIELD_ERROR') setFault(inOurWords(reply.formFields[0]!.error, t));
      else setState(reply.status === 'OK' ? 'saved' : 'gone');
    });
  if (state === 'saved') {
    return (
      <Page key="saved" title={t.choosePassword}>
        <Notice tone="good">{t.passwordSaved}</Notice>
        <a class="button main" href={href('/')}>
          {t.signIn}
        </a>
      </Page>
    );
  }
  if (state === 'gone') {
    return (
      <Page key="gone" title={t.choosePassword}>
        <Notice tone="bad">{t.linkEnded}</Notice>
        <Button onPress={onAskAgain}>{t.askAgain}</Button>
      </Page>
    );
  }
  return (
    <Page title={t.choosePassword} lead={t.choosePasswordText}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const typed = new FormData(event.currentTarget).get('password');
          if (!busy && typeof typed === 'string') save(typed);
        }}
      >
        <PasswordField
          label={t.newPassword}
          hint={t.passwordHint(methods.passwordMinLength)}
          error={fault}
          autocomplete="new-password"
        />
        <Notice tone="bad">{error}</Notice>
        <Button busy={busy}>{t.savePassword}</Button>
      </form>
    </Page>
  );
}
