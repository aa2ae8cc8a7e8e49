import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { go } from '../../router.tsx';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { focusHeading, Page } from '../../ui/page.tsx';
import { SignOut } from '../../ui/sign-out.tsx';
import { StepUp } from '../../ui/step-up.tsx';
import { useChallenge } from './challenge.ts';
import { CodeField } from './code-field.tsx';
import { useCountdown } from './countdown.ts';

export function Code() {
  const { t, methods, memory } = useApp();
  const { attempt, state, busy, error, news, consume, sendAgain } = useChallenge();
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const wait = useCountdown(attempt?.sentAt, methods.resendSeconds);
  const canType = state === 'open';
  // Whoever comes here types a code next, and again after a wrong one; where there is no field any more, reading goes
  // on at the top.
  useEffect(() => (canType ? field.current?.focus() : focusHeading()), [canType, attempt]);
  useEffect(() => setCode(''), [attempt]);

  const typed = (text: string): void => {
    const digits = text.replaceAll(/\D/g, '').slice(0, methods.otpDigits);
    setCode(digits);
    if (digits.length === methods.otpDigits && !busy) consume(digits);
  };
  if (attempt === undefined) return <Page title={t.code}>{error && <Notice tone="bad">{error}</Notice>}</Page>;
  const sentTo = attempt.factorId === 'otp-email' ? t.sentByMail(attempt.shownTo) : t.sentBySms(attempt.shownTo);
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
