import type { FactorId } from './factor.ts';
import { contextOf } from './lint/context.ts';
import { factorFinding } from './lint/factors.ts';
import { lintContext } from './lint/lint.ts';
import type { Policy, PolicyFault } from './policy.ts';

/**
 * Why a policy may not be saved, where nothing of its tenant is known but the second factors it offers.
 *
 * @returns errors alone; what is doubtful needs the tenant: `lintPolicy`.
 */
export async function validatePolicy(policy: Policy, offered: readonly FactorId[]): Promise<readonly PolicyFault[]> {
  return errorsIn(await lintContext({ ...contextOf(policy, {}, {}), offered }));
}

export const factorFault = (factor: FactorId, offered: readonly FactorId[]): readonly PolicyFault[] =>
  errorsIn(factorFinding(factor, offered));

const errorsIn = (findings: ReturnType<typeof factorFinding>): readonly PolicyFault[] =>
  findings.flatMap(({ level, ...finding }) => (level === 'error' ? [{ level, ...finding }] : []));
