/** What a deployment, the schedule and an operator say to the function, and that it does nothing else. */
import { beforeAll, expect, it } from 'vitest';
import { keySet } from '../support/keys.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const keys = keySet(stepgate);
let handler: (event: unknown) => Promise<{ readonly keys: string }>;

beforeAll(async () => {
  const { config } = stepgate.app();
  for (const name of ['TABLE_NAME', 'KMS_KEY_ID', 'PUBLIC_URL', 'MAIL_FROM'] as const) process.env[name] = config[name];
  // Here and not above: it reads the environment when it is imported, as Lambda has it.
  ({ handler } = await import('../../functions/keys/index.ts'));
});

it.each([[undefined], [null], [{}], [{ RequestType: 'Create' }]])('keeps keys that are there: %j', async (event) => {
  const before = await keys.stored();
  expect(await handler(event)).toEqual({ keys: 'kept' });
  expect(await keys.stored()).toEqual(before);
});

it('rotates by schedule, and only what is due', async () => {
  expect(await handler({ run: 'rotate' })).toEqual({ keys: 'waiting' });
});

it('takes a leaked key away when told to', async () => {
  const { next, current } = await keys.kids();
  expect(await handler({ force: 'compromised' })).toEqual({ keys: 'revoked' });
  const after = await keys.kids();
  expect(after).toMatchObject({ current: next, previous: undefined });
  expect(Object.values(after)).not.toContain(current);
});

it.each([[{ force: 'compromized' }], [{ run: 'rotated' }], ['rotate']])(
  'fails on a misspelt order: %j',
  async (event) => {
    const before = await keys.stored();
    await expect(handler(event)).rejects.toThrow('Invalid type');
    expect(await keys.stored()).toEqual(before);
  },
);
