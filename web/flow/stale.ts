import type { App } from '../app.tsx';
import { statusOf } from '../service.ts';
import { proveFirst } from './proceed.ts';

/** Does it now, or, where the service wants a fresh proof, after one. */
export async function doFresh(step: () => Promise<void>, app: App): Promise<void> {
  await step().catch((refusal: unknown) => {
    if (statusOf(refusal) !== 403) throw refusal;
    return proveFirst(step, app);
  });
}
