import { describe, expect, it } from 'vitest';
import { firstLines } from '../../shared/import/first-lines.ts';
import { imported, lines } from '../support/importing.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const way = (email: string, about: object = {}) => ({ recipeId: 'passwordless', email, ...about });
const phone = (phoneNumber: string) => ({ recipeId: 'passwordless', phoneNumber });
const google = (userId: string) => ({ recipeId: 'thirdparty', thirdParty: { id: 'google', userId } });
const user = (id: string, ...loginMethods: readonly object[]) => ({ id, loginMethods });

describe('two lines of one file', () => {
  const records = [
    user('a', way('a@twice.example')),
    user('a', way('other@twice.example')),
    user('b', way('A@twice.example')),
    user('c', phone('+36 30 123 4567')),
    user('d', phone('+36301234567')),
    user('e', google('117')),
    user('f', google('117')),
    // An address is one primary user's, by whatever way.
    user('g', way('g@twice.example'), phone('+36301110000')),
    user('h', { recipeId: 'emailpassword', email: 'g@twice.example' }, phone('+36301110001')),
    user('i', way('i@twice.example', { tenantIds: ['public'] })),
    user('a', way('a@twice.example')),
    user('none', way('not an address')),
    user('none', way('none@twice.example')),
  ];
  const told = [
    ['a', 'created', undefined, undefined],
    ['a', 'refused', 1, 'repeated: line 1 has the same id'],
    ['b', 'refused', 1, 'repeated: line 1 has the same address of a code or link in tenant public'],
    ['c', 'created', undefined, undefined],
    ['d', 'refused', 4, 'repeated: line 4 has the same phone number of a code or link in tenant public'],
    ['e', 'created', undefined, undefined],
    ['f', 'refused', 6, 'repeated: line 6 has the same identity at a provider in tenant public'],
    ['g', 'created', undefined, undefined],
    ['h', 'refused', 8, 'repeated: line 8 has the same address in tenant public'],
    ['i', 'created', undefined, undefined],
    ['a', 'unchanged', 1, undefined],
    [undefined, 'refused', undefined, 'loginMethods.0.email: is not an address'],
    ['none', 'created', undefined, undefined],
  ];
  const run = (about: { readonly dryRun?: boolean; readonly concurrency?: number }) =>
    imported(stepgate.app(), lines(records), about);

  it.each([
    ['a dry run', true, 16],
    ['a dry run, one after the other', true, 1],
    ['a run', false, 16],
  ])('are held against each other by %s: the first is taken, whichever is faster', async (_, dryRun, concurrency) => {
    const { reports } = await run({ dryRun, concurrency });
    expect(reports.map(({ id, status, repeats, reason }) => [id, status, repeats, reason])).toEqual(told);
    expect(reports[10]?.notes).toEqual(['line 1 says the same']);
  });

  it('are the same two when the file is run again', async () => {
    const { reports } = await run({});
    const again = told.map(([id, status, ...rest]) => [id, status === 'created' ? 'unchanged' : status, ...rest]);
    expect(reports.map(({ id, status, repeats, reason }) => [id, status, repeats, reason])).toEqual(again);
  });

  it('behind the bound are held against those that are kept, and the sums say from where', async () => {
    const many = Array.from({ length: 12 }, (_, i) => user(`many-${i}`, way(`many-${i}@twice.example`)));
    const late = [user('late', way('many-0@twice.example')), user('late', way('late@twice.example'))];
    const { reports, summary } = await imported(stepgate.app(), lines([...many, ...late]), {
      dryRun: true,
      mostKept: 9,
      concurrency: 8,
    });
    expect(summary).toMatchObject({ created: 13, refused: 1, comparedUpTo: 3 });
    expect(reports[12]).toMatchObject({ status: 'refused', repeats: 1 });
  });
});

describe('firstLines', () => {
  it('finds every repetition among a hundred thousand things, and nothing else, while its tables grow', () => {
    const said = firstLines();
    for (let line = 1; line <= 100_000; line += 1) expect(said.say(`thing ${line}`, line)).toBeUndefined();
    for (let line = 1; line <= 100_000; line += 997) expect(said.say(`thing ${line}`, 7)).toBe(line);
    expect(said.isFull()).toBe(false);
  });
});
