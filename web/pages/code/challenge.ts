import { useEffect, useState } from 'preact/hooks';
import { type App, useApp } from '../../app.tsx';
import { type Attempt, noteAttempt, openAttempt } from '../../flow/attempt.ts';
import { goOn } from '../../flow/go-on.ts';
import { sendFirst } from '../../flow/passwordless.ts';
import { remembering } from '../../flow/remembering.ts';
import { proceed, readMfaInfo, startFactor } from '../../flow/proceed.ts';
import { redirect } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Passwordless, Session } from '../../sdk.ts';

/** `open`: it can be typed in. `expired`: a new one can be sent. `ended`: only another attempt helps. */
type State = 'open' | 'expired' | 'ended';

/** The code that this session waits for, or that begins one, and what can be done with it. */
export function useChallenge() {
  const app = useApp();
  const { run, busy, error } = useAction();
  const [attempt, setAttempt] = useState<Attempt>();
  const [state, setState] = useState<State>('open');
  const [news, setNews] = useState('');
  useEffect(() => {
    run(async () => {
      const open = await openAttempt();
      if (open !== undefined) return setAttempt(open);
      if (await Session.doesSessionExist()) return proceed(app);
      redirect('/');
    });
  }, []);

  const consume = (userInputCode: string, isRemembered: boolean): void =>
    run(async () => {
      setNews('');
      const reply = await Passwordless.consumeCode({ userInputCode, ...remembering(isRemembered) });
      if (reply.status === 'OK') return goOn(app);
      if (reply.status !== 'INCORRECT_USER_INPUT_CODE_ERROR') {
        return setState(reply.status === 'EXPIRED_USER_INPUT_CODE_ERROR' ? 'expired' : 'ended');
      }
      const attemptsLeft = reply.maximumCodeInputAttempts - reply.failedCodeInputAttemptCount;
      if (attemptsLeft < 1) return setState('ended');
      await noteAttempt({ attemptsLeft });
      setAttempt(await openAttempt());
      return `${app.t.wrongCode} ${app.t.attemptsLeft(attemptsLeft)}`;
    });
  const sendAgain = (): void =>
    run(async () => {
      const { status } = state === 'ended' ? { status: 'RESTART_FLOW_ERROR' } : await Passwordless.resendCode();
      if (status === 'OK') await noteAttempt({ sentAt: Date.now() });
      else await startAnew(attempt!, app);
      setAttempt(await openAttempt());
      setState('open');
      setNews(attempt?.flowType.includes('LINK') === true ? app.t.resentLink : app.t.resent);
    });
  return { attempt, state, busy, error, news, consume, sendAgain };
}

/** Another message, as the first one: to whoever is signed in, or wants to be. */
async function startAnew({ factorId, given, sessionHandle }: Attempt, app: App): Promise<void> {
  await Passwordless.clearLoginAttemptInfo();
  if (sessionHandle === '') await sendFirst(given!, app);
  else await startFactor(factorId, await readMfaInfo(), app, given);
}
