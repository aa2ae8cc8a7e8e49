import * as v from 'valibot';
import type { TenantDocument } from '../../account/tenant-schema.ts';
import { PolicySchema } from '../policy-schema.ts';
import { assuranceFindings, policyAssurance } from './assurance.ts';
import { contextOf, type LintContext, type LintOptions } from './context.ts';
import { lintExpression, writtenIn } from './expressions.ts';
import { factorFindings } from './factors.ts';
import { type Finding, worstFirst } from './finding.ts';
import { malformedFindings } from './malformed.ts';
import { fieldFindings } from './rule-fields.ts';
import { satisfiableFindings } from './satisfiable.ts';
import { shadowFindings } from './shadowed.ts';

/**
 * What is wrong, or probably not meant, in a policy of this tenant: everything that is asked before it is saved.
 *
 * A policy with errors is not saved. There is an error only where a rule cannot do what it says for anybody, or would do
 * it to everybody; what can work and is doubtful is a warning. Nothing is read but what is given.
 *
 * @returns errors first, each with a code, where it is, and the section of docs/policy-lint.md that explains it.
 */
export async function lintPolicy(
  document: unknown,
  tenant: TenantDocument,
  options: LintOptions = {},
): Promise<readonly Finding[]> {
  const parsed = v.safeParse(PolicySchema, document);
  if (!parsed.success) return malformedFindings(document, parsed.issues);
  return lintContext(contextOf(parsed.output, tenant, options));
}

/** The same, of a policy that has been parsed. */
export async function lintContext(context: LintContext): Promise<readonly Finding[]> {
  const ofRules = await Promise.all(context.policy.rules.map((_, at) => lintRule(at, context)));
  return worstFirst([...ofRules.flat(), ...shadowFindings(context), ...policyAssurance(context)]);
}

async function lintRule(at: number, context: LintContext): Promise<readonly Finding[]> {
  const rule = context.policy.rules[at]!;
  const ofConditions = await Promise.all(writtenIn(rule, at).map((written) => lintExpression(written, context)));
  return [
    ...factorFindings(rule, at, context),
    ...ofConditions.flat(),
    ...satisfiableFindings(rule, at, context),
    ...assuranceFindings(rule, at, context),
    ...fieldFindings(rule, at, context),
  ];
}

export const hasErrors = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === 'error');
