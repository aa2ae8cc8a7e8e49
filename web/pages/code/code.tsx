import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import type { Attempt } from '../../flow/attempt.ts';
import type { Messages } from '../../i18n/en.ts';
import { go, href } from '../../router.tsx';
import { Button } from '../../ui/button.tsx';
import { CodeForm } from '../../ui/code-form.tsx';
import { Notice } from '../../ui/notice.tsx';
import { focusHeading, Page } from '../../ui/page.tsx';
import { Remember } from '../../ui/remember.tsx';
import { SignOut } from '../../ui/sign-out.tsx';
import { StepUp } from '../../ui/step-up.tsx';
import { useChallenge } from './challenge.ts';
import { useCountdown } from './countdown.ts';

/** Where it went, and what to do with it. */
function sentence({ factorId, flowType, shownTo }: Attempt, t: Messages): string {
  if (flowType === 'MAGIC_LINK') return t.linkSent(shownTo);
  const sent = factorId === 'otp-email' ? t.sentByMail(shownTo) : t.sentBySms(shownTo);
  return flowType === 'USER_INPUT_CODE_AND_MAGIC_LINK' ? `${sent} ${t.orOpenLink}` : sent;
}

export function Code() {
  const { t, methods, memory } = useApp();
  const { attempt, state, busy, error, news, consume, sendAgain } = useChallenge();
  const [isRemembered, setRemembered] = useState(false);
  const wait = useCountdown(attempt?.sentAt, methods.resendSeconds);
  const hasLink = attempt?.flowType.includes('LINK') === true;
  const canType = state === 'open' && attempt?.flowType !== 'MAGIC_LINK';
  // Where there is no field any more, reading goes on at the top.
  useEffect(() => (canType ? undefined : focusHeading()), [canType]);
  if (attempt === undefined) return <Page title={t.code}>{error && <Notice tone="bad">{error}</Notice>}</Page>;
  const lead = sentence(attempt, t);
  const left = attempt.attemptsLeft;
  const again = hasLink ? t.resendMessage : t.resend;
  return (
    <Page
      title={attempt.flowType === 'MAGIC_LINK' ? t.checkMessages : t.code}
      lead={memory.steps.length > 0 ? `${lead} ${t.stepUp}` : lead}
    >
      {canType && (
        <CodeForm
          digits={methods.otpDigits}
          busy={busy}
          error={error}
          news={news}
          hint={left === undefined || error !== '' ? t.codeHint(methods.otpDigits) : t.attemptsLeft(left)}
          onCode={(code) => consume(code, isRemembered)}
        >
          {attempt.sessionHandle !== '' && <Remember isTicked={isRemembered} onTick={setRemembered} />}
        </CodeForm>
      )}
      {!canType && state !== 'open' && (
        <Notice tone="bad">{error || (state === 'expired' ? t.expired : t.ended)}</Notice>
      )}
      {!canType && state === 'open' && (
        <>
          <Notice tone="bad">{error}</Notice>
          <Notice tone="good">{news}</Notice>
        </>
      )}
      <Button
        look={state === 'open' ? 'link' : 'main'}
        busy={busy}
        disabled={state === 'open' && wait > 0}
        onPress={sendAgain}
      >
        {state === 'open' && wait > 0 ? t.resendIn(again, wait) : again}
      </Button>
      {attempt.hasOthers && (
        <Button look="link" onPress={() => go('/factors')}>
          {t.otherMethod}
        </Button>
      )}
      <StepUp />
      {attempt.sessionHandle === '' ? (
        <a class="button link" href={href('/')}>
          {t.cancel}
        </a>
      ) : (
        <SignOut />
      )}
    </Page>
  );
}
