import { useEffect, useState } from 'preact/hooks';
import Passwordless from 'supertokens-web-js/recipe/passwordless';
import { go, proceed, type Methods } from './flow.ts';
import { Page, useAction } from './form.tsx';
import { t } from './messages.ts';
import { SignOut } from './parts.tsx';

export function Code({ methods }: { readonly methods: Methods }) {
  const { run, busy, alert } = useAction(t.failed);
  const [code, setCode] = useState('');
  const [wait, setWait] = useState(methods.resendSeconds);
  useEffect(() => {
    const timer = setInterval(() => setWait((left) => Math.max(0, left - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  const consume = (userInputCode: string): void =>
    run(async () => {
      const reply = await Passwordless.consumeCode({ userInputCode });
      if (reply.status === 'OK') {
        await Passwordless.clearLoginAttemptInfo();
        return proceed(methods);
      }
      setCode('');
      if (reply.status !== 'INCORRECT_USER_INPUT_CODE_ERROR') return t.expired;
      return `${t.wrongCode} ${reply.maximumCodeInputAttempts - reply.failedCodeInputAttemptCount}`;
    });
  const typed = (text: string): void => {
    const digits = text.replaceAll(/\D/g, '').slice(0, methods.otpDigits);
    setCode(digits);
    if (digits.length === methods.otpDigits && !busy) consume(digits);
  };
  const resend = (): void =>
    run(async () => {
      const { status } = await Passwordless.resendCode();
      setWait(methods.resendSeconds);
      return status === 'OK' ? undefined : t.expired;
    });
  return (
    <Page title={t.code}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          consume(code);
        }}
      >
        <label>
          {t.codeLabel}
          <input
            value={code}
            inputMode="numeric"
            autocomplete="one-time-code"
            onInput={(e) => typed(e.currentTarget.value)}
          />
        </label>
        {alert}
        <button disabled={busy}>{t.verify}</button>
      </form>
      <button class="link" disabled={wait > 0} onClick={resend}>
        {t.resend}
        {wait > 0 ? ` (${wait})` : ''}
      </button>
      <button class="link" onClick={() => go('/factors')}>
        {t.otherMethod}
      </button>
      <SignOut />
    </Page>
  );
}
