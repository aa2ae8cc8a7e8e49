import { useEffect } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { channelsOf } from '../../flow/passwordless.ts';
import { proceed } from '../../flow/proceed.ts';
import { go, redirect } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Page } from '../../ui/page.tsx';
import { PasswordlessForm } from './passwordless-form.tsx';
import { Session } from '../../sdk.ts';

/** Signing in with a code or link, where a password is the first way. */
export function PasswordlessSignIn() {
  const app = useApp();
  const { t, methods } = app;
  const { run } = useAction();
  const { mail, phone } = channelsOf(methods);
  useEffect(() => {
    run(async () => {
      if (!mail && !phone) return redirect('/');
      return (await Session.doesSessionExist()) ? proceed(app) : undefined;
    });
  }, []);
  const hasCodes = methods.firstFactors.some((id) => id.startsWith('otp-'));
  const hasLinks = methods.firstFactors.some((id) => id.startsWith('link-'));
  const lead = hasLinks ? (hasCodes ? t.codeOrLinkText : t.linkText) : t.codeText;
  return (
    <Page title={t.signIn} lead={lead}>
      <PasswordlessForm />
      <Button look="link" onPress={() => go('/')}>
        {t.passwordInstead}
      </Button>
    </Page>
  );
}
