import type { TargetedSubmitEvent } from 'preact';
import EmailPassword from 'supertokens-web-js/recipe/emailpassword';
import { go, proceed, type Methods } from './flow.ts';
import { Page, useAction } from './form.tsx';
import { t } from './messages.ts';

export function SignIn({ methods, isNew }: { readonly methods: Methods; readonly isNew: boolean }) {
  const { run, busy, alert } = useAction(t.failed);
  const fields = isNew ? methods.signUpFields : [];
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const formFields = [...data].map(([id, value]) => ({ id, value: typeof value === 'string' ? value : '' }));
    run(async () => {
      const reply = await (isNew ? EmailPassword.signUp({ formFields }) : EmailPassword.signIn({ formFields }));
      if (reply.status === 'OK') return proceed(methods);
      if (reply.status === 'FIELD_ERROR') return reply.formFields.map(({ error }) => error).join(' ');
      return 'reason' in reply ? reply.reason : t.wrong;
    });
  };
  const other = isNew ? '/' : '/sign-up';
  return (
    <Page title={isNew ? t.signUp : t.signIn}>
      <form onSubmit={submit}>
        <label>
          {t.email}
          <input name="email" type="email" autocomplete="username" required />
        </label>
        <label>
          {t.password}
          <input name="password" type="password" autocomplete={isNew ? 'new-password' : 'current-password'} required />
        </label>
        {fields.map(({ id, label, optional }) => (
          <label key={id}>
            {label ?? id}
            <input name={id} required={optional !== true} />
          </label>
        ))}
        {alert}
        <button disabled={busy}>{isNew ? t.signUp : t.signIn}</button>
      </form>
      <button class="link" onClick={() => go(other)}>
        {isNew ? t.signIn : t.signUp}
      </button>
    </Page>
  );
}
