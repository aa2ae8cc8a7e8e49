import { compileCondition, isFault } from './conditions.ts';
import { type FactorId, isKnownFactor } from './factor.ts';
import type { Facts } from './facts.ts';
import { unguardedReads } from './guards.ts';
import type { CompiledRule } from './compile-rule.ts';
import { compilePolicy, type Policy, type PolicyFault } from './policy.ts';
import { factorsIn } from './requirements.ts';

/**
 * What is checked when a policy is saved, beyond its shape: it compiles, names factors that exist and are offered, and
 * no condition needs metadata that a user may not have.
 *
 * @returns findings, errors first; a policy with errors is not saved.
 */
export async function validatePolicy(policy: Policy, offered: readonly FactorId[]): Promise<readonly PolicyFault[]> {
  const compiled = await compilePolicy(policy);
  if (!('rules' in compiled)) return compiled;
  return [
    ...policy.rules.flatMap((rule) =>
      (rule.require ?? []).flatMap(factorsIn).flatMap((factor) => factorFault(factor, offered, rule.id)),
    ),
    ...(await Promise.all(compiled.rules.map(unguarded))).flat(),
  ];
}

export function factorFault(factor: FactorId, offered: readonly FactorId[], ruleId?: string): readonly PolicyFault[] {
  const at = ruleId === undefined ? {} : { ruleId };
  if (!isKnownFactor(factor)) {
    return [{ level: 'error', code: 'unknown-factor', ...at, message: `${factor} is not a factor` }];
  }
  if (offered.includes(factor)) return [];
  return [
    {
      level: 'error',
      code: 'factor-not-offered',
      ...at,
      message: `${factor} is not offered by this tenant as a second factor (it offers ${offered.join(', ')})`,
    },
  ];
}

/** Fail closed must surprise nobody: such a condition counts against every user without what it reads. */
async function unguarded({ rule, applies, isExcepted }: CompiledRule): Promise<readonly PolicyFault[]> {
  const missing = [
    ...(await readsOf(rule.when)),
    ...failureOn(NOBODY, applies),
    ...(await readsOf(rule.unless)),
    ...failureOn(NOBODY, isExcepted),
  ];
  if (missing.length === 0) return [];
  const message = `fails on a user without the metadata it reads; guard it with has(…): ${missing[0]}`;
  return [{ level: 'error', code: 'unguarded-metadata', ruleId: rule.id, message }];
}

async function readsOf(expression: string | undefined): Promise<readonly string[]> {
  const condition = expression === undefined ? undefined : await compileCondition(expression);
  return condition === undefined || isFault(condition) ? [] : unguardedReads(condition.ast);
}

function failureOn(facts: Facts, ask: (facts: Facts) => boolean): readonly string[] {
  try {
    ask(facts);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message.split('\n')[0]! : 'cannot be evaluated'];
  }
}

/** A user with nothing but a beginning. */
const NOBODY: Facts = {
  user: {
    id: '',
    roles: [],
    permissions: [],
    emails: [],
    phones: [],
    requiredFactors: [],
    metadata: {},
    timeJoined: 0,
    factorsSetUp: [],
  },
  tenant: { id: '', requiredSecondaryFactors: [], metadata: {} },
  session: { firstFactor: 'emailpassword', completed: { emailpassword: 0 }, isNewDevice: true },
  request: { ip: '', country: '', userAgent: '' },
  now: 0,
};
