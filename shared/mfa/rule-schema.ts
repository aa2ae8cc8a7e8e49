import * as v from 'valibot';
import { isFactorId } from './factor.ts';
import { momentOf } from './moment.ts';

/** One rule of a policy as it is written, and what each field means. */

const factorId = v.pipe(v.string(), v.check(isFactorId, 'is not a factor id'));
const factorIds = v.pipe(v.array(factorId), v.minLength(1, 'names no factor'), v.maxLength(10));

const RequirementSchema = v.union(
  [factorId, v.strictObject({ oneOf: factorIds }), v.strictObject({ allOfInAnyOrder: factorIds })],
  'is not a factor id, {"oneOf": [...]} or {"allOfInAnyOrder": [...]}',
);

export const RuleSchema = v.pipe(
  v.strictObject({
    id: v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, - or _'),
      // Deadlines are kept by rule, and under this name no object keeps anything.
      v.notValue('__proto__', 'must not be __proto__'),
    ),
    /** Absent: always. */
    when: v.optional(v.string()),
    /** True: the rule does not apply. */
    unless: v.optional(v.string()),
    require: v.optional(v.pipe(v.array(RequirementSchema), v.minLength(1), v.maxLength(20))),
    requireFrom: v.optional(v.picklist(['user', 'tenant'])),
    /** False: asks on trusted devices as well. */
    rememberable: v.optional(v.boolean()),
    /** Per cent of users, always the same ones; more of them where it is raised. */
    rollout: v.optional(
      v.pipe(
        v.number('must be a number from 0 to 100'),
        v.minValue(0, 'must be a number from 0 to 100'),
        v.maxValue(100, 'must be a number from 0 to 100'),
      ),
    ),
    /** The rule does not apply before. */
    from: v.optional(
      v.pipe(
        v.string(),
        v.check(
          (text) => momentOf(text) !== undefined,
          'must be a date (2027-01-31, midnight UTC) or a time with its offset (2027-01-31T08:00:00+01:00)',
        ),
      ),
    ),
    /** From the first sign-in that it applies to, each user has this long to set up what it asks. */
    graceDays: v.optional(
      v.pipe(
        v.number('must be a whole number of days, 1 to 365'),
        v.integer('must be a whole number of days, 1 to 365'),
        v.minValue(1, 'must be a whole number of days, 1 to 365'),
        v.maxValue(365, 'must be a whole number of days, 1 to 365'),
      ),
    ),
    /** `observe`: demands nothing and is reported. */
    mode: v.optional(v.picklist(['enforce', 'observe'])),
  }),
  v.check(
    (rule) => (rule.require === undefined) !== (rule.requireFrom === undefined),
    'needs exactly one of "require" and "requireFrom"',
  ),
);

export type Rule = v.InferOutput<typeof RuleSchema>;
