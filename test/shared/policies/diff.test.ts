import * as fc from 'fast-check';
import { applyPatch } from 'diff';
import { describe, expect, it } from 'vitest';
import { diffPolicies, type PolicyChange } from '../../../shared/policies/diff.ts';

const rule = (id: string, about: object = {}) => ({ id, require: ['otp-email'], ...about });
const rules = (...ids: string[]) => ({ rules: ids.map((id) => rule(id)) });
const changes = (before: unknown, after: unknown) => diffPolicies(before, after).changes;

describe('diffPolicies', () => {
  it.each<[string, unknown, unknown, readonly PolicyChange[]]>([
    ['nothing', rules('a', 'b'), rules('a', 'b'), []],
    ['a rule more', rules('a'), rules('a', 'b'), [{ ruleId: 'b', kind: 'added', after: rule('b') }]],
    ['a rule less', rules('a', 'b'), rules('b'), [{ ruleId: 'a', kind: 'removed', before: rule('a') }]],
    [
      'a field of a rule',
      { rules: [rule('a', { when: 'true' })] },
      { rules: [rule('a', { when: 'false', rollout: 10 })] },
      [
        { ruleId: 'a', kind: 'changed', path: 'when', before: 'true', after: 'false' },
        { ruleId: 'a', kind: 'changed', path: 'rollout', after: 10 },
      ],
    ],
    [
      'a field that is gone',
      { merge: 'any', rules: [rule('a', { unless: 'true' })] },
      rules('a'),
      [
        { kind: 'changed', path: 'merge', before: 'any' },
        { ruleId: 'a', kind: 'changed', path: 'unless', before: 'true' },
      ],
    ],
    [
      'one rule in another place, and not those it passed',
      rules('a', 'b', 'c', 'd'),
      rules('d', 'a', 'b', 'c'),
      [{ ruleId: 'd', kind: 'moved', before: 3, after: 0 }],
    ],
    [
      'a rule that moved and changed, among others that come and go',
      rules('a', 'b', 'c'),
      { rules: [rule('c', { when: 'true' }), rule('x'), rule('a')] },
      [
        { ruleId: 'c', kind: 'changed', path: 'when', after: 'true' },
        { ruleId: 'x', kind: 'added', after: rule('x') },
        { ruleId: 'a', kind: 'moved', before: 0, after: 2 },
        { ruleId: 'b', kind: 'removed', before: rule('b') },
      ],
    ],
  ])('finds %s', (_, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });

  it('means the default where there is none', () => {
    expect(changes(null, undefined)).toEqual([]);
    expect(changes(null, { rules: [] })).toEqual([
      { ruleId: 'user', kind: 'removed', before: { id: 'user', requireFrom: 'user' } },
      { ruleId: 'tenant', kind: 'removed', before: { id: 'tenant', requireFrom: 'tenant' } },
    ]);
  });

  it.each([[{ rules: 'none' }], [{ rules: [{ require: [] }] }], [rules('a', 'a')], ['text'], [[]]])(
    'takes as a whole what has no rules with ids of their own: %j',
    (odd) => {
      expect(changes(rules('a'), odd)).toEqual([{ kind: 'changed', before: rules('a'), after: odd }]);
      expect(diffPolicies(rules('a'), odd).text).not.toBe('');
    },
  );

  it('prints a unified diff, fields in the order people write them', () => {
    const { text } = diffPolicies(
      { rules: [{ require: ['otp-email'], when: 'true', id: 'a' }] },
      { rules: [{ when: 'false', require: ['otp-email'], id: 'a' }], merge: 'any' },
      { before: 'version 1', after: 'version 2' },
    );
    expect(text).toBe(
      [
        '--- version 1',
        '+++ version 2',
        '@@ -1,8 +1,9 @@',
        ' {',
        '+  "merge": "any",',
        '   "rules": [',
        '     {',
        '       "id": "a",',
        '-      "when": "true",',
        '+      "when": "false",',
        '       "require": [',
        '         "otp-email"',
        '       ]',
        '',
      ].join('\n'),
    );
  });

  it('finds no difference in another order of names', () => {
    expect(diffPolicies({ merge: 'all', rules: [] }, { rules: [], merge: 'all' })).toEqual({ changes: [], text: '' });
  });

  it('gives up the shortest way where two large policies have nothing in common, and is done in seconds', () => {
    const large = (name: string) => ({
      rules: Array.from({ length: 75 }, (_, i) => ({
        id: `${name}${i}`,
        require: Array.from({ length: 20 }, (__, j) => ({
          allOfInAnyOrder: Array.from({ length: 10 }, (___, k) => `${name}-${i}-${j}-${k}`),
        })),
      })),
    });
    const began = performance.now();
    const { text, changes: found } = diffPolicies(large('a'), large('b'));
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(found).toHaveLength(150);
    const pretty = (name: string) => `${JSON.stringify(large(name), null, 2)}\n`;
    expect(applyPatch(pretty('a'), text)).toBe(pretty('b'));
  });

  const ids = fc.uniqueArray(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { maxLength: 8 });

  it('says of every rule whether it came, went or moved, so that the new order can be told from the old one', () => {
    fc.assert(
      fc.property(ids, ids, (before, after) => {
        const found = changes(rules(...before), rules(...after));
        const of = (kind: string) => found.filter((each) => each.kind === kind).map(({ ruleId }) => ruleId);
        expect(of('added')).toEqual(after.filter((id) => !before.includes(id)));
        expect(of('removed')).toEqual(before.filter((id) => !after.includes(id)));
        const stayed = (of_: readonly string[]) =>
          of_.filter((id) => before.includes(id) && after.includes(id) && !of('moved').includes(id));
        expect(stayed(before)).toEqual(stayed(after));
        const isSameOrder =
          before.filter((id) => after.includes(id)).join() === after.filter((id) => before.includes(id)).join();
        expect(of('moved').length > 0).toBe(!isSameOrder);
      }),
    );
  });
});
