import { FACTORS, type FactorId, isKnownFactor, SECOND_FACTORS } from '../factor.ts';
import { factorsIn } from '../requirements.ts';
import type { LintContext, LintedRule } from './context.ts';
import { type Finding, finding } from './finding.ts';
import { closest } from './suggest.ts';

/** Factors that do not exist, or that this tenant does not offer as a second factor. */
export const factorFindings = (rule: LintedRule, at: number, { offered }: LintContext): readonly Finding[] =>
  (rule.require ?? []).flatMap((requirement, index) =>
    factorsIn(requirement).flatMap((factor) =>
      factorFinding(factor, offered, {
        ruleId: rule.id,
        path: `rules.${at}.require.${index}`,
        isObserved: rule.mode === 'observe',
      }),
    ),
  );

export function factorFinding(
  factor: FactorId,
  offered: readonly FactorId[],
  where: { readonly ruleId?: string; readonly path?: string; readonly isObserved?: boolean } = {},
): readonly Finding[] {
  if (offered.includes(factor)) return [];
  const { isObserved = false, ...at } = where;
  if (!isKnownFactor(factor)) {
    const near = closest(factor, Object.keys(FACTORS));
    const suggestion = near === undefined ? undefined : `did you mean ${near}?`;
    return [finding('error', 'unknown-factor', `${factor} is not a factor`, { ...at, suggestion })];
  }
  const message = SECOND_FACTORS.some((second) => second === factor)
    ? `${factor} is not offered by this tenant as a second factor (it offers ${offered.join(', ') || 'none'})`
    : `${factor} cannot be a second factor here (${SECOND_FACTORS.join(', ')} can)`;
  return [
    finding(isObserved ? 'warning' : 'error', 'factor-not-offered', message, { ...at, suggestion: howToOffer(factor) }),
  ];
}

const howToOffer = (factor: FactorId): string | undefined =>
  factor === 'otp-email' || factor === 'otp-phone'
    ? 'contactMethod (EMAIL_OR_PHONE sends both) and secondFactors decide what is offered'
    : SECOND_FACTORS.some((second) => second === factor)
      ? `add ${factor} to secondFactors`
      : undefined;
