import * as v from 'valibot';
import { policyHash } from './hash.ts';

/** Beside `mfaPolicy` in the tenant's item: which of its versions it is. Written by us alone. */
export const PolicyStateSchema = v.object({
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  hash: v.string(),
  /** Epoch milliseconds. */
  activatedAt: v.number(),
});

export type PolicyState = v.InferOutput<typeof PolicyStateSchema>;

export interface ActivePolicy {
  readonly hash: string;
  /** Absent where nobody recorded the policy yet: there never was one, or somebody edited the item by hand. */
  readonly state: PolicyState | undefined;
  readonly isEditedByHand: boolean;
}

/** What a tenant's stored attributes say of its policy. A state that cannot be read is none. */
export function activePolicy(stored: Readonly<Record<string, unknown>>): ActivePolicy {
  const { mfaPolicy, policyState } = stored;
  const hash = policyHash(mfaPolicy);
  const parsed = v.safeParse(PolicyStateSchema, policyState);
  const state = parsed.success && parsed.output.hash === hash ? parsed.output : undefined;
  const isUntouched = state !== undefined || (mfaPolicy === undefined && policyState === undefined);
  return { hash, state, isEditedByHand: !isUntouched };
}
