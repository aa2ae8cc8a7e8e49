/** Every recipe of docs/policy-cookbook.md can be saved, does what its table says, and some are signed in with. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintPolicy } from '../../shared/mfa/lint/lint.ts';
import { runTable } from '../../shared/policies/table-tests.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const page = await readFile(join(import.meta.dirname, '../../docs/policy-cookbook.md'), 'utf8');
const recipes = page
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const blocks = [...section.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text ?? ''));
    return { title: section.split('\n')[0]!, item: blocks[0], table: blocks[1], count: blocks.length };
  });
const recipe = (title: string) => recipes.find((one) => one.title === title)!;

describe.each(recipes)('$title', ({ item, table, count }) => {
  it('is an item and a table', () => expect(count).toBe(2));

  it('can be saved: the checks find no error', async () => {
    const { mfaPolicy, ...tenant } = item;
    const findings = await lintPolicy(mfaPolicy, tenant);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('does what its table says, and every rule is met by a case', async () => {
    const { mfaPolicy, ...tenant } = item;
    const outcome = await runTable(table, mfaPolicy, tenant);
    expect(outcome.cases.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`))).toEqual([]);
    expect(outcome.uncovered).toEqual([]);
    expect(outcome.passed).toBe(table.cases.length);
  });
});

describe('signing in by a recipe', () => {
  const stepgate = useStepgate();
  let people = 0;

  it.each<[string, Parameters<typeof stepgate.user>[1], readonly string[]]>([
    ['By role', { roles: ['admin'] }, ['otp-email']],
    ['By role', { roles: ['editor'] }, []],
    ['By paid plan', { metadata: { plan: 'paid' } }, ['otp-email', 'otp-phone']],
    ['By paid plan', {}, []],
    ['By role and tenant', { roles: ['admin'] }, ['otp-email']],
    ['Outside the office network', {}, ['otp-email']],
    ['Everybody but service accounts', { roles: ['service'] }, []],
    ['Everybody but service accounts', {}, ['otp-email']],
    ['Watch before you ask', { metadata: { seats: 500 } }, []],
  ])('%s, %j: asks for %j', async (title, about, asked) => {
    expect((await stepgate.browser().put('/admin/tenants/public', recipe(title).item)).status).toBe(200);
    const email = `cook-${(people += 1)}@example.com`;
    await stepgate.user(email, about);
    const tab = stepgate.browser();
    expect((await tab.signIn(email, PASSWORD)).body.status).toBe('OK');
    expect(tab.claims()['st-mfa'].v).toBe(asked.length === 0);
    const { body } = await tab.mfaInfo();
    // A phone the account has not yet is set up after a proof by its own mailbox.
    expect(asked.length === 0 ? body.factors.next : asked).toEqual(expect.arrayContaining(body.factors.next));
  });
});
