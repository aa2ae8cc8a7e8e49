import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { isGeneralError } from '../../flow/general-error.ts';
import { channelsOf } from '../../flow/passwordless.ts';
import { proceed } from '../../flow/proceed.ts';
import { inOurWords } from '../../i18n/service-texts.ts';
import { go } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { PasswordField } from '../../ui/password-field.tsx';
import { OtherWays } from './other-ways.tsx';
import { PasswordlessForm } from './passwordless-form.tsx';
import { EmailPassword, Session } from '../../sdk.ts';

export const SignIn = () => <Entrance isNew={false} />;
export const SignUp = () => <Entrance isNew />;

/** Every way in that the tenant has, a password first. */
function Entrance({ isNew }: { readonly isNew: boolean }) {
  const app = useApp();
  const { t, methods } = app;
  const arrival = useAction();
  useEffect(() => {
    arrival.run(async () => ((await Session.doesSessionExist()) ? proceed(app) : undefined));
  }, []);
  const hasPasswords = methods.firstFactors.includes('emailpassword');
  const { mail, phone } = channelsOf(methods);
  const name = methods.branding?.name;
  return (
    <Page title={isNew ? t.signUp : t.signIn} lead={name !== undefined && !isNew && t.tagline(name)}>
      <Notice tone="bad">{arrival.error}</Notice>
      {hasPasswords ? <Credentials isNew={isNew} /> : (mail || phone) && <PasswordlessForm />}
      <OtherWays hasForm={hasPasswords || mail || phone} isPasswordlessShown={!hasPasswords} />
      {hasPasswords && (
        <p class="aside">
          {isNew ? t.haveAccount : t.newHere}{' '}
          <Button look="link" onPress={() => go(isNew ? '/' : '/sign-up')}>
            {isNew ? t.signIn : t.signUp}
          </Button>
        </p>
      )}
    </Page>
  );
}

function Credentials({ isNew }: { readonly isNew: boolean }) {
  const app = useApp();
  const { t, methods } = app;
  const { run, busy, error } = useAction();
  const [news, setNews] = useState('');
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLInputElement>('[aria-invalid]')?.focus(), [faults]);
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (busy) return;
    const data = new FormData(event.currentTarget);
    const formFields = [...data].map(([id, value]) => ({ id, value: typeof value === 'string' ? value : '' }));
    setFaults({});
    run(async () => {
      setNews('');
      const reply = await (isNew ? signUp(formFields) : EmailPassword.signIn({ formFields }));
      if (reply === undefined) return setNews(t.signUpByMail);
      if (reply.status === 'OK') return proceed(app);
      if (reply.status !== 'FIELD_ERROR') return 'reason' in reply ? inOurWords(reply.reason, t) : t.wrong;
      setFaults(Object.fromEntries(reply.formFields.map((fault) => [fault.id, inOurWords(fault.error, t)])));
    });
  };
  return (
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
      {!isNew && (
        <p class="forgot">
          <Button look="link" onPress={() => go('/reset-password')}>
            {t.forgot}
          </Button>
        </p>
      )}
      <Notice tone="bad">{error}</Notice>
      <Notice tone="good">{news}</Notice>
      <Button busy={busy}>{isNew ? t.signUp : t.signIn}</Button>
    </form>
  );
}

/** @returns undefined where the tenant tells nobody whether there is an account, and a mail goes out instead. */
const signUp = (formFields: Parameters<typeof EmailPassword.signUp>[0]['formFields']) =>
  EmailPassword.signUp({ formFields }).catch((error: unknown) => {
    if (isGeneralError(error) && error.message.startsWith('We sent you an email')) return undefined;
    throw error;
  });
