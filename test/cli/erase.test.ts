import { expect, it } from 'vitest';
import { useCli } from '../support/cli.ts';
import { itemsUnder } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const cli = useCli(stepgate);

it('stepgate user erase: once more ends an erasure that broke off, and then there is nobody', async () => {
  const pk = 'USER#half-gone';
  await stepgate.put({ pk, sk: 'ERASING', removal: 'of an earlier process' });
  await stepgate.put({ pk, sk: 'FACTORS', required: new Set(['totp']) });
  expect(await cli.json(['user', 'erase', 'half-gone'])).toEqual({ userId: 'half-gone', erased: true });
  expect(await itemsUnder(stepgate, pk)).toEqual([]);
  expect((await cli.run(['user', 'erase', 'half-gone', '--yes'])).code).toBe(1);
});
