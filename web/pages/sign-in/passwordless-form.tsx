import type { InputHTMLAttributes } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { channelsOf, plainPhone, sendFirst } from '../../flow/passwordless.ts';
import { go } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';

/** Asks where the code or link is to go. */
export function PasswordlessForm() {
  const app = useApp();
  const { t, methods } = app;
  const { run, busy, error } = useAction();
  const [typed, setTyped] = useState('');
  const { mail, phone } = channelsOf(methods);
  const attributes: InputHTMLAttributes = mail
    ? phone
      ? { type: 'text', autocomplete: 'username' }
      : { type: 'email', autocomplete: 'username' }
    : { type: 'tel', autocomplete: 'tel' };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (busy) return;
        run(async () => {
          const contact = typed.includes('@') || !phone ? typed.trim() : plainPhone(typed);
          await sendFirst(contact, app);
          go('/code');
        });
      }}
    >
      <Field
        name="contact"
        label={mail ? (phone ? t.emailOrPhone : t.email) : t.phone}
        hint={phone ? t.phoneHint : undefined}
        input={{ ...attributes, required: true, onInput: (event) => setTyped(event.currentTarget.value) }}
      />
      <Notice tone="bad">{error}</Notice>
      <Button busy={busy}>{t.send}</Button>
    </form>
  );
}
