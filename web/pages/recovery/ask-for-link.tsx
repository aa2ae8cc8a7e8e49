import { EmailPassword } from '../../sdk.ts';
import { useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { inOurWords } from '../../i18n/service-texts.ts';
import { href } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';

/** The answer is the same whether there is such an account or not. */
export function AskForLink() {
  const { t } = useApp();
  const { run, busy, error } = useAction();
  const [email, setEmail] = useState('');
  const [fault, setFault] = useState('');
  const [sentTo, setSentTo] = useState<string>();
  const send = (): void =>
    run(async () => {
      setFault('');
      const reply = await EmailPassword.sendPasswordResetEmail({ formFields: [{ id: 'email', value: email }] });
      if (reply.status === 'OK') setSentTo(email.trim());
      else if (reply.status === 'PASSWORD_RESET_NOT_ALLOWED') return inOurWords(reply.reason, t);
      else setFault(inOurWords(reply.formFields[0]!.error, t));
    });
  const back = (
    <a class="button link" href={href('/')}>
      {t.signIn}
    </a>
  );
  if (sentTo !== undefined) {
    return (
      <Page key="sent" title={t.checkMail} lead={t.resetSent(sentTo)}>
        {back}
      </Page>
    );
  }
  return (
    <Page key="ask" title={t.reset} lead={t.resetText}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) send();
        }}
      >
        <Field
          name="email"
          label={t.email}
          error={fault}
          input={{
            type: 'email',
            autocomplete: 'username',
            required: true,
            onInput: (event) => setEmail(event.currentTarget.value),
          }}
        />
        <Notice tone="bad">{error}</Notice>
        <Button busy={busy}>{t.sendLink}</Button>
      </form>
      {back}
    </Page>
  );
}
