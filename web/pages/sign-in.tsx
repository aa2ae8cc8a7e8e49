import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import EmailPassword from 'supertokens-web-js/recipe/emailpassword';
import Session from 'supertokens-web-js/recipe/session';
import { useApp } from '../app.tsx';
import { proceed } from '../flow/proceed.ts';
import { inOurWords } from '../i18n/service-texts.ts';
import { go } from '../router.tsx';
import { useAction } from '../ui/action.ts';
import { Button } from '../ui/button.tsx';
import { Field, PasswordField } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';

export const SignIn = () => <Credentials isNew={false} />;
export const SignUp = () => <Credentials isNew />;

function Credentials({ isNew }: { readonly isNew: boolean }) {
  const app = useApp();
  const { t, methods } = app;
  const arrival = useAction();
  const { run, busy, error } = useAction();
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLInputElement>('[aria-invalid]')?.focus(), [faults]);
  useEffect(() => {
    arrival.run(async () => ((await Session.doesSessionExist()) ? proceed(app) : undefined));
  }, []);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (busy) return;
    const data = new FormData(event.currentTarget);
    const formFields = [...data].map(([id, value]) => ({ id, value: typeof value === 'string' ? value : '' }));
    setFaults({});
    run(async () => {
      const reply = await (isNew ? EmailPassword.signUp({ formFields }) : EmailPassword.signIn({ formFields }));
      if (reply.status === 'OK') return proceed(app);
      if (reply.status !== 'FIELD_ERROR') return 'reason' in reply ? inOurWords(reply.reason, t) : t.wrong;
      setFaults(Object.fromEntries(reply.formFields.map((fault) => [fault.id, inOurWords(fault.error, t)])));
    });
  };
  const name = methods.branding?.name;
  return (
    <Page title={isNew ? t.signUp : t.signIn} lead={name !== undefined && !isNew && t.tagline(name)}>
      <form ref={form} onSubmit={submit}>
        <Field
          name="email"
          label={t.email}
          error={faults['email']}
          input={{ type: 'email', autocomplete: 'username', required: true }}
        />
        <PasswordField
          error={faults['password']}
          hint={isNew ? t.passwordHint(methods.passwordMinLength) : undefined}
          autocomplete={isNew ? 'new-password' : 'current-password'}
        />
        {(isNew ? methods.signUpFields : []).map(({ id, label, optional }) => (
          <Field
            key={id}
            name={id}
            label={`${label ?? id}${optional === true ? ` (${t.optional})` : ''}`}
            error={faults[id]}
            input={{ required: optional !== true }}
          />
        ))}
        <Notice tone="bad">{error || arrival.error}</Notice>
        <Button busy={busy}>{isNew ? t.signUp : t.signIn}</Button>
      </form>
      <p class="aside">
        {isNew ? t.haveAccount : t.newHere}{' '}
        <Button look="link" onPress={() => go(isNew ? '/' : '/sign-up')}>
          {isNew ? t.signIn : t.signUp}
        </Button>
      </p>
    </Page>
  );
}
