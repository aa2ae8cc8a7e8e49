import * as v from 'valibot';
import { RuleSchema } from './rule-schema.ts';

/** The tenant's `mfaPolicy` document as it is written. */
export const PolicySchema = v.pipe(
  v.strictObject({
    rules: v.pipe(v.array(RuleSchema), v.maxLength(200, 'has more than 200 rules')),
    /** `any`: what users and the tenant list becomes one `oneOf`, as in the reference. Weaker; off by default. */
    merge: v.optional(v.picklist(['all', 'any'])),
    /** A changed policy reaches sessions at their next request instead of their next refresh. */
    immediate: v.optional(v.boolean()),
  }),
  v.check(
    (policy) => new Set(policy.rules.map((rule) => rule.id)).size === policy.rules.length,
    'has two rules with one id',
  ),
);

export type Policy = v.InferOutput<typeof PolicySchema>;

/** What holds for a tenant without `mfaPolicy`: everything the user and the tenant list. */
export const DEFAULT_POLICY: Policy = {
  rules: [
    { id: 'user', requireFrom: 'user' },
    { id: 'tenant', requireFrom: 'tenant' },
  ],
};
