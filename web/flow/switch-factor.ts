import type { App } from '../app.tsx';
import { factorName } from '../i18n/factor-name.ts';
import { redirect } from '../router.tsx';
import { changeFactor, type Factor } from '../service.ts';
import { readMfaInfo, startFactor } from './proceed.ts';
import { reasonFor } from './reason.ts';
import { doFresh } from './stale.ts';

/**
 * Switches a factor on or off. What is not set up proves its address first; what needs a fresh code gets one and is
 * done after it.
 */
export async function switchFactor(factor: Factor, required: boolean, app: App): Promise<void> {
  app.memory.steps.length = 0;
  if (!required || factor.setUp) return doFresh(() => apply(factor, required, app), app);
  app.memory.steps.push(() => doFresh(() => apply(factor, true, app), app));
  await startFactor(factor.factorId, await readMfaInfo(), app);
}

async function apply(factor: Factor, required: boolean, app: App): Promise<void> {
  const { memory, t } = app;
  const changed = await changeFactor(factor.factorId, required);
  const name = factorName(factor.factorId, t);
  memory.notice =
    changed.status === 'OK'
      ? { tone: 'good', text: required ? t.switchedOn(name) : t.switchedOff(name) }
      : { tone: 'bad', text: reasonFor(changed, t) };
  redirect('/settings');
}
