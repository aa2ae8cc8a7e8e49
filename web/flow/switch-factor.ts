import type { App } from '../app.tsx';
import { factorName } from '../i18n/factor-name.ts';
import { redirect } from '../router.tsx';
import { changeFactor, type Factor, statusOf } from '../service.ts';
import { proveFirst, readMfaInfo, startFactor } from './proceed.ts';
import { reasonFor } from './reason.ts';

/**
 * Switches a factor on or off. What is not set up proves its address first; what needs a fresh code gets one and is
 * done after it.
 */
export async function switchFactor(factor: Factor, required: boolean, app: App): Promise<void> {
  app.memory.steps.length = 0;
  if (!required || factor.setUp) return apply(factor, required, app);
  app.memory.steps.push(() => apply(factor, true, app));
  await startFactor(factor.factorId, await readMfaInfo(), app);
}

async function apply(factor: Factor, required: boolean, app: App): Promise<void> {
  const { memory, t } = app;
  const changed = await changeFactor(factor.factorId, required).catch((error: unknown) => {
    if (statusOf(error) === 403) return undefined;
    throw error;
  });
  if (changed === undefined) return proveFirst(() => apply(factor, required, app), app);
  const name = factorName(factor.factorId, t);
  memory.notice =
    changed.status === 'OK'
      ? { tone: 'good', text: required ? t.switchedOn(name) : t.switchedOff(name) }
      : { tone: 'bad', text: reasonFor(changed, t) };
  redirect('/settings');
}
