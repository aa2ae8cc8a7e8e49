import { describe, expect, it } from 'vitest';
import { needOf } from '../../../shared/mfa/need.ts';
import type { Origin } from '../../../shared/mfa/policy.ts';
import type { Requirement } from '../../../shared/mfa/requirements.ts';

const EITHER = { oneOf: ['mail', 'phone'] };
const FREE = { requiredBy: [], alternatives: [] };

/** Of `mail`; each requirement by the rule of its number. */
const need = (requirements: readonly Requirement[], atHand: readonly string[] = []) =>
  needOf(
    'mail',
    requirements.map((requirement, at) => ({ requirement, origins: [`rule:${at}`] satisfies Origin[] })),
    new Set(atHand),
  );

describe('needOf', () => {
  it.each<[string, readonly Requirement[], readonly string[], ReturnType<typeof need>]>([
    ['nobody names it', ['phone', { oneOf: [] }], [], FREE],
    ['it is named by itself', ['mail'], ['phone'], { requiredBy: ['rule:0'], alternatives: [] }],
    [
      'it is one of several, all wanted',
      [{ allOfInAnyOrder: ['mail', 'phone'] }],
      ['phone'],
      { requiredBy: ['rule:0'], alternatives: [] },
    ],
    ['it is a choice of one', [{ oneOf: ['mail', 'mail'] }], [], { requiredBy: ['rule:0'], alternatives: [] }],
    ['nothing of the choice is there', [EITHER], [], { requiredBy: ['rule:0'], alternatives: ['phone'] }],
    ['it is all that is there', [EITHER], ['mail'], { requiredBy: ['rule:0'], alternatives: ['phone'] }],
    ['another of the choice is there', [EITHER], ['mail', 'phone'], { requiredBy: [], alternatives: ['phone'] }],
    ['another of the choice is wanted anyway', [EITHER, 'phone'], [], { requiredBy: [], alternatives: ['phone'] }],
    [
      'it is named by itself beside a choice',
      ['mail', EITHER],
      ['phone'],
      { requiredBy: ['rule:0'], alternatives: [] },
    ],
    [
      'no other one serves two choices',
      [EITHER, { oneOf: ['mail', 'totp'] }],
      ['phone'],
      { requiredBy: ['rule:1'], alternatives: [] },
    ],
    [
      'one other serves two choices',
      [EITHER, { oneOf: ['totp', 'phone', 'mail'] }],
      [],
      { requiredBy: ['rule:0', 'rule:1'], alternatives: ['phone'] },
    ],
  ])('when %s', (_, requirements, atHand, expected) => {
    expect(need(requirements, atHand)).toEqual(expected);
  });
});
