/** What docs/policy-simulate.md shows is what the command prints. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useCli } from '../support/cli.ts';
import { furnish } from '../support/furnished.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const cli = useCli(stepgate);
const DOCUMENT = join(import.meta.dirname, '../../docs/policy-simulate.md');

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stepgate-docs-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const blockAfter = (text: string, mark: string): string =>
  /```\w*\n(?<block>[\s\S]*?)```/.exec(text.slice(text.indexOf(mark)))?.groups?.['block'] ?? '';

it('tries the policy of the example, and prints what stands there', async () => {
  const text = await readFile(DOCUMENT, 'utf8');
  const policy = join(dir, 'policy.json');
  await writeFile(policy, blockAfter(text, '`policy.json`:'));
  await stepgate.tenant('acme', { smsCountries: ['HU'], mfaPolicy: { rules: [] } });
  const tenantId = 'acme';
  const password = 'verified';
  const ids = await Promise.all([
    furnish(stepgate, { tenantId, email: 'ada@example.com', password, roles: ['admin'] }),
    furnish(stepgate, { tenantId, email: 'bob@example.com', password, metadata: { plan: 'paid' } }),
    furnish(stepgate, {
      tenantId,
      email: 'eve@example.com',
      password,
      byPhone: 'after',
      phone: '+4915112345678',
      metadata: { plan: 'paid' },
    }),
    furnish(stepgate, { tenantId, email: 'joe@example.com', password }),
  ]);
  const run = await cli.run(['policy', 'simulate', policy, '--tenant', 'acme', '--sms-usd', '0.06']);
  expect(run.code).toBe(2);
  const names = ['ada', 'bob', 'eve', 'joe'];
  const printed = ids.reduce((shown, { userId }, i) => shown.replaceAll(userId, `id-of-${names[i]!}`), run.stdout);
  const lines = (shown: string) =>
    shown
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd())
      .toSorted();
  if (process.env['STEPGATE_DEBUG'] !== undefined) process.stderr.write(printed);
  expect(lines(printed)).toEqual(lines(blockAfter(text, '--sms-usd 0.06')));
});
