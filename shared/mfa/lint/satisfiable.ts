import { distinctProofs } from '../distinct.ts';
import { FACTORS, type FactorId, isKnownFactor } from '../factor.ts';
import { factorsIn, type Requirement, unmet } from '../requirements.ts';
import { type LintContext, type LintedRule, requirementPath, requirementsOf } from './context.ts';
import { type Finding, finding } from './finding.ts';

/**
 * Requirements that cannot be met by a user who has everything the tenant offers: by nobody, or by nobody whose session
 * begins in one of the ways the tenant allows.
 */
export function satisfiableFindings(rule: LintedRule, at: number, context: LintContext): readonly Finding[] {
  const { offered, firstFactors } = context;
  if (firstFactors.length === 0) return [];
  return requirementsOf(rule, context).flatMap((requirement, index) => {
    const factors = factorsIn(requirement);
    // Said by factorFindings already.
    if (factors.some((factor) => !offered.includes(factor))) return [];
    const where = { ruleId: rule.id, path: requirementPath(at, rule, index) };
    const stuck = firstFactors.filter((first) => !canMeet(requirement, first, context));
    if (stuck.length === firstFactors.length) {
      const level = rule.mode === 'observe' ? 'warning' : 'error';
      return [finding(level, 'unsatisfiable', `nobody can meet it: ${whyNot(requirement, context)}`, where)];
    }
    return [...partly(rule, stuck, context, where), ...unsent(factors, context, where)];
  });
}

/** Whoever begins so is locked out, unless the condition speaks of how a session began. */
function partly(
  rule: LintedRule,
  stuck: readonly FactorId[],
  { tenant }: LintContext,
  where: Parameters<typeof finding>[3],
): readonly Finding[] {
  if (stuck.length === 0 || `${rule.when ?? ''} ${rule.unless ?? ''}`.includes('session.firstFactor')) return [];
  const begun = stuck.join(' or ');
  const message = `who begins with ${begun} cannot meet it: it would prove the same mailbox or phone twice, and nothing else is offered`;
  const suggestion =
    tenant.firstFactors === undefined
      ? `offer totp besides (secondFactors), or leave ${begun} out of firstFactors`
      : `offer totp besides (secondFactors), or take ${begun} out of firstFactors`;
  return [finding('warning', 'unsatisfiable-for-some', message, { ...where, suggestion })];
}

function unsent(
  factors: readonly FactorId[],
  context: LintContext,
  where: Parameters<typeof finding>[3],
): readonly Finding[] {
  if (!factors.includes('otp-phone')) return [];
  const reason = noTextMessages(context) ?? noCountries(context);
  return reason === undefined ? [] : [finding('warning', 'sms-nowhere', `no text message is sent: ${reason}`, where)];
}

/** Could somebody whose session began so meet it, with everything set up that the tenant offers? */
export function canMeet(
  requirement: Requirement,
  firstFactor: FactorId,
  context: LintContext,
  without: (factor: FactorId) => boolean = () => false,
): boolean {
  const { offered, tenant, distinctChannels } = context;
  const reachable = offered.filter(
    (factor) => !without(factor) && !(factor === 'otp-phone' && noTextMessages(context) !== undefined),
  );
  const proofs = distinctProofs({ distinctChannels, secondFactors: offered }, { firstFactor });
  const shown = Object.fromEntries([...(without(firstFactor) ? [] : [firstFactor]), ...reachable].map((id) => [id, 0]));
  const replaces: readonly FactorId[] = tenant.backupCodeReplaces ?? [];
  const isReplaced = (one: Requirement): boolean =>
    reachable.includes('backup-code') &&
    !(typeof one === 'object' && 'allOfInAnyOrder' in one) &&
    factorsIn(one).some((factor) => replaces.includes(factor));
  return proofs
    .elsewhere(requirement)
    .every((one) => unmet(one, proofs.counted(shown)).length === 0 || isReplaced(one));
}

function whyNot(requirement: Requirement, context: LintContext): string {
  const noMessages = noTextMessages(context);
  if (noMessages !== undefined && factorsIn(requirement).includes('otp-phone')) {
    return `no text message is sent: ${noMessages}`;
  }
  const channels = new Set(factorsIn(requirement).map((id) => (isKnownFactor(id) ? FACTORS[id].channel : id)));
  return `every session begins with the same ${[...channels].join(' and ')}, and one mailbox or phone is one factor`;
}

/** What of the tenant alone keeps text messages from being sent. */
function noTextMessages({ tenant }: LintContext): string | undefined {
  if (tenant.smsCountries?.length === 0) return 'smsCountries is empty';
  const price = tenant.smsPriceUsd ?? 0.1;
  const budget = tenant.smsDailyBudgetUsd;
  return budget !== undefined && budget < price
    ? `smsDailyBudgetUsd (${budget}) is less than one message costs (${price})`
    : undefined;
}

const noCountries = ({ tenant, smsCountries }: LintContext): string | undefined =>
  tenant.smsCountries === undefined && smsCountries?.length === 0
    ? 'the service has no SMS_COUNTRIES and the tenant no smsCountries'
    : undefined;
