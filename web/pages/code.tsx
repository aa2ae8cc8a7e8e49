import { useEffect, useRef, useState } from 'preact/hooks';
import Passwordless from 'supertokens-web-js/recipe/passwordless';
import Session from 'supertokens-web-js/recipe/session';
import { useApp } from '../app.tsx';
import { type Attempt, noteAttempt, openAttempt } from '../flow/attempt.ts';
import { proceed, readMfaInfo, startFactor } from '../flow/proceed.ts';
import { go, redirect } from '../router.tsx';
import { explain, useAction } from '../ui/action.ts';
import { Button } from '../ui/button.tsx';
import { CodeField } from '../ui/code-field.tsx';
import { Notice } from '../ui/notice.tsx';
import { focusHeading, Page } from '../ui/page.tsx';
import { SignOut } from '../ui/sign-out.tsx';
import { StepUp } from '../ui/step-up.tsx';
import { useCountdown } from '../ui/countdown.ts';

/** `open`: it can be typed in. `expired`: a new one can be sent. `ended`: only another attempt helps. */
type State = 'open' | 'expired' | 'ended';

export function Code() {
  const app = useApp();
  const { t, methods, memory } = app;
  const { run, busy, error } = useAction();
  const [attempt, setAttempt] = useState<Attempt>();
  const [state, setState] = useState<State>('open');
  const [news, setNews] = useState('');
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const wait = useCountdown(attempt?.sentAt, methods.resendSeconds);
  useEffect(() => {
    run(async () => {
      if (!(await Session.doesSessionExist())) return redirect('/');
      const open = await openAttempt();
      if (open === undefined) return proceed(app);
      setAttempt(open);
    });
  }, []);

  // Whoever comes here types the code next; where there is nothing to type any more, reading goes on at the top.
  useEffect(() => (state === 'open' ? field.current?.focus() : focusHeading()), [state, attempt === undefined]);

  const done = async (): Promise<void> => {
    await Passwordless.clearLoginAttemptInfo();
    const step = memory.steps.pop();
    if (step === undefined) return proceed(app);
    await step().catch((reason: unknown) => {
      memory.notice = { tone: 'bad', text: explain(reason, app) };
      redirect('/settings');
    });
  };
  const consume = (userInputCode: string): void =>
    run(async () => {
      setNews('');
      const reply = await Passwordless.consumeCode({ userInputCode });
      if (reply.status === 'OK') return done();
      setCode('');
      if (reply.status === 'INCORRECT_USER_INPUT_CODE_ERROR') {
        const attemptsLeft = reply.maximumCodeInputAttempts - reply.failedCodeInputAttemptCount;
        if (attemptsLeft < 1) return setState('ended');
        await noteAttempt({ attemptsLeft });
        setAttempt(await openAttempt());
        field.current?.focus();
        return `${t.wrongCode} ${t.attemptsLeft(attemptsLeft)}`;
      }
      setState(reply.status === 'EXPIRED_USER_INPUT_CODE_ERROR' ? 'expired' : 'ended');
    });
  const typed = (text: string): void => {
    const digits = text.replaceAll(/\D/g, '').slice(0, methods.otpDigits);
    setCode(digits);
    if (digits.length === methods.otpDigits && !busy) consume(digits);
  };
  const sendAgain = (): void =>
    run(async () => {
      const { status } = state === 'ended' ? { status: 'RESTART_FLOW_ERROR' } : await Passwordless.resendCode();
      if (status === 'OK') await noteAttempt({ sentAt: Date.now() });
      else await startAnew();
      setAttempt(await openAttempt());
      setState('open');
      setNews(t.resent);
      field.current?.focus();
    });
  const startAnew = async (): Promise<void> => {
    await Passwordless.clearLoginAttemptInfo();
    const info = await readMfaInfo();
    await startFactor(attempt!.factorId, info, app, attempt!.given);
  };

  if (attempt === undefined) return <Page title={t.code}>{error && <Notice tone="bad">{error}</Notice>}</Page>;
  const sentTo = attempt.factorId === 'otp-email' ? t.sentByMail(attempt.shownTo) : t.sentBySms(attempt.shownTo);
  const canType = state === 'open';
  return (
    <Page title={t.code} lead={memory.steps.length > 0 ? `${sentTo} ${t.stepUp}` : sentTo}>
      {canType && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy) consume(code);
          }}
        >
          <CodeField inputRef={field} code={code} isWrong={error !== ''} left={attempt.attemptsLeft} onTyped={typed} />
          <Notice tone="bad">{error}</Notice>
          <Notice tone="good">{news}</Notice>
          <Button busy={busy}>{t.verify}</Button>
        </form>
      )}
      {!canType && <Notice tone="bad">{error || (state === 'expired' ? t.expired : t.ended)}</Notice>}
      <Button look={canType ? 'link' : 'main'} busy={busy} disabled={canType && wait > 0} onPress={sendAgain}>
        {canType && wait > 0 ? t.resendIn(wait) : t.resend}
      </Button>
      {attempt.hasOthers && (
        <Button look="link" onPress={() => go('/factors')}>
          {t.otherMethod}
        </Button>
      )}
      <StepUp />
      <SignOut />
    </Page>
  );
}
