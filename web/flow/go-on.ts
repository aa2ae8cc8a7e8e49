import type { App } from '../app.tsx';
import { redirect } from '../router.tsx';
import { explain } from '../ui/action.ts';
import { proceed } from './proceed.ts';
import { Passwordless } from '../sdk.ts';

/** After a proof: what waited for it, else wherever the session has to go next. */
export async function goOn(app: App): Promise<void> {
  await Passwordless.clearLoginAttemptInfo();
  const step = app.memory.steps.pop();
  if (step === undefined) return proceed(app);
  await step().catch((reason: unknown) => {
    app.memory.notice = { tone: 'bad', text: explain(reason, app) };
    redirect('/settings');
  });
}
