/** Each question for a way to a provider writes an item, so one address may ask so often and no more. */
import { beforeAll, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { ask, configure, corp } from '../support/third-party.ts';

const stepgate = useStepgate({ config: { LIMIT_SCALE: '1' } });
const idp = useHostileIdp();

beforeAll(() => configure(stepgate, 'public', { mfaPolicy: { rules: [] }, providers: [corp(idp.issuer())] }));

it('tells the thirty-first question of a minute to wait, and takes it afterwards', async () => {
  stepgate.clock.freeze();
  const page = stepgate.browser('header');
  for (let i = 0; i < 30; i += 1) expect((await ask(page)).body.status).toBe('OK');
  const refused = await ask(page);
  expect(refused).toMatchObject({
    status: 200,
    body: { status: 'GENERAL_ERROR', message: 'Too many attempts. Please try again in a minute.' },
  });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  stepgate.clock.advance(61_000);
  expect((await ask(page)).body.status).toBe('OK');
});
