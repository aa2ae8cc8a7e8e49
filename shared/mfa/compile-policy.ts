import { compileRule } from './compile-rule.ts';
import type { CompiledPolicy } from './policy.ts';
import type { Policy } from './policy-schema.ts';

/** Why a policy cannot be used; `ruleId` is absent where the document itself is at fault. */
export interface PolicyFault {
  readonly level: 'error' | 'warning';
  readonly code: string;
  readonly ruleId?: string;
  readonly message: string;
}

/** Compiles a parsed document. @returns the faults of its conditions instead where there are any. */
export async function compilePolicy(policy: Policy): Promise<CompiledPolicy | readonly PolicyFault[]> {
  const compiled = await Promise.all(policy.rules.map(compileRule));
  const faults = compiled.filter((result) => 'level' in result);
  if (faults.length > 0) return faults;
  return {
    rules: compiled.filter((result) => 'rule' in result),
    merge: policy.merge ?? 'all',
    immediate: policy.immediate ?? false,
  };
}
