/** The local run rotates as the cloud does: whoever sets seconds sees in a minute what takes ninety days. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { keepRotating } from '../../../infra/local/rotation.ts';
import { allPorts } from '../../../shared/app.ts';
import { verifyAccessToken } from '../../../shared/session/access-token.ts';
import { PASSWORD, useStepgate } from '../../support/stepgate.ts';

const stepgate = useStepgate({ config: { KEY_ROTATION_SECONDS: '2', ACCESS_TOKEN_SECONDS: '1' } });

it('rotates by KEY_ROTATION_SECONDS, and refuses no token before its time', async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.user('local@example.com');
  keepRotating(stepgate.app());
  const page = stepgate.browser('header');
  const kids = new Set<string>();
  const until = Date.now() + 15_000;
  while (kids.size < 3 && Date.now() < until) {
    await page.signIn('local@example.com', PASSWORD);
    const { access } = page.tokens();
    const { kid } = await stepgate.app().keys.signer();
    kids.add(kid);
    // Its life is a second at most, and this machine may be busy: an expired one tells nothing of keys.
    const isOver = page.claims().exp * 1_000 <= stepgate.clock.now();
    const cold = allPorts(stepgate.app().config, { clock: stepgate.clock, log: { info: () => {}, error: () => {} } });
    const read = await verifyAccessToken(access!, { ...cold, clock: { now: () => page.claims().iat * 1_000 } });
    if (!isOver) expect(read).toMatchObject({ tId: 'public' });
    await sleep(200);
  }
  expect(kids.size).toBe(3);
  expect(stepgate.logged.some(({ event }) => event === 'keys.failed')).toBe(false);
}, 30_000);
