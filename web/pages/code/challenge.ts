import { useEffect, useState } from 'preact/hooks';
import Passwordless from 'supertokens-web-js/recipe/passwordless';
import Session from 'supertokens-web-js/recipe/session';
import { type App, useApp } from '../../app.tsx';
import { type Attempt, noteAttempt, openAttempt } from '../../flow/attempt.ts';
import { proceed, readMfaInfo, startFactor } from '../../flow/proceed.ts';
import { redirect } from '../../router.tsx';
import { explain, useAction } from '../../ui/action.ts';

/** `open`: it can be typed in. `expired`: a new one can be sent. `ended`: only another attempt helps. */
type State = 'open' | 'expired' | 'ended';

/** The code that this session waits for, and what can be done with it. */
export function useChallenge() {
  const app = useApp();
  const { run, busy, error } = useAction();
  const [attempt, setAttempt] = useState<Attempt>();
  const [state, setState] = useState<State>('open');
  const [news, setNews] = useState('');
  useEffect(() => {
    run(async () => {
      if (!(await Session.doesSessionExist())) return redirect('/');
      const open = await openAttempt();
      if (open === undefined) return proceed(app);
      setAttempt(open);
    });
  }, []);

  const consume = (userInputCode: string): void =>
    run(async () => {
      setNews('');
      const reply = await Passwordless.consumeCode({ userInputCode });
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
      setNews(app.t.resent);
    });
  return { attempt, state, busy, error, news, consume, sendAgain };
}

/** What waited for the code, else wherever the session has to go next. */
async function goOn(app: App): Promise<void> {
  await Passwordless.clearLoginAttemptInfo();
  const step = app.memory.steps.pop();
  if (step === undefined) return proceed(app);
  await step().catch((reason: unknown) => {
    app.memory.notice = { tone: 'bad', text: explain(reason, app) };
    redirect('/settings');
  });
}

async function startAnew({ factorId, given }: Attempt, app: App): Promise<void> {
  await Passwordless.clearLoginAttemptInfo();
  await startFactor(factorId, await readMfaInfo(), app, given);
}
