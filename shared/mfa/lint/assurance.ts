import { FACTORS, type FactorId, isKnownFactor, isSameWay } from '../factor.ts';
import { factorsIn, type Requirement } from '../requirements.ts';
import { type LintContext, type LintedRule, requirementPath, requirementsOf } from './context.ts';
import { type Finding, finding } from './finding.ts';
import { canMeet } from './satisfiable.ts';

/**
 * Whether a rule is worth what it seems to be worth.
 *
 * @see NIST SP 800-63B-4 §3.1.3.1, OWASP ASVS 5.0 §6.3.6, §6.5.5, §6.6.1
 */
export function assuranceFindings(rule: LintedRule, at: number, context: LintContext): readonly Finding[] {
  const requirements = requirementsOf(rule, context);
  // What a factor that is not offered would be worth: factorFindings says enough.
  if (requirements.flatMap(factorsIn).some((factor) => !context.offered.includes(factor))) return [];
  return [
    ...requirements.flatMap((requirement, index) =>
      sameChannel(requirement, context, { ruleId: rule.id, path: requirementPath(at, rule, index) }),
    ),
    ...onlyWay(requirements, { ruleId: rule.id, path: requirementPath(at, rule, 0) }),
    ...(/aal[23]/i.test(rule.id) && requirements.length > 0 && requirements.every(isMetByMail)
      ? [
          finding(
            'warning',
            'aal2-by-email',
            `"${rule.id}" can be met with codes by mail, which reach no assurance level above the first`,
            { ruleId: rule.id, path: `rules.${at}`, suggestion: 'require totp, or call the rule otherwise' },
          ),
        ]
      : []),
  ];
}

/** Once for a policy: what lets a mailbox alone in, and how long a code is good for. */
export function policyAssurance(context: LintContext): readonly Finding[] {
  const { policy, firstFactors, otpSeconds } = context;
  const asked = policy.rules.flatMap((rule) =>
    requirementsOf(rule, context).map((requirement) => ({ rule, requirement })),
  );
  const byMail = asked.find(({ requirement }) => onlyChannel(requirement) === 'email');
  const findings: Finding[] = [];
  if (byMail !== undefined && firstFactors.includes('emailpassword')) {
    const message = 'who holds the mailbox can reset the password and read the code: both go the same way';
    findings.push(finding('info', 'reset-by-same-mailbox', message, { ruleId: byMail.rule.id }));
  }
  if (
    otpSeconds !== undefined &&
    otpSeconds > MAX_CODE_SECONDS &&
    asked.some(({ requirement }) => hasCodes(requirement))
  ) {
    const message = `codes live for ${otpSeconds} seconds, and should not for more than ${MAX_CODE_SECONDS}`;
    findings.push(finding('warning', 'code-life', message, { suggestion: `OTP_SECONDS=${MAX_CODE_SECONDS}` }));
  }
  return findings;
}

const MAX_CODE_SECONDS = 600;

const isMetByMail = (requirement: Requirement): boolean =>
  typeof requirement === 'object' && 'oneOf' in requirement
    ? requirement.oneOf.some(isMail)
    : factorsIn(requirement).every(isMail);

const channelOf = (factor: FactorId): string => (isKnownFactor(factor) ? FACTORS[factor].channel : factor);
const isMail = (factor: FactorId): boolean => channelOf(factor) === 'email';
const hasCodes = (requirement: Requirement): boolean =>
  factorsIn(requirement).some((factor) => ['email', 'phone'].includes(channelOf(factor)));

/** The one channel that meets it; undefined where there is a choice of channels, or two are needed. */
function onlyChannel(requirement: Requirement): string | undefined {
  const channels = new Set(factorsIn(requirement).map(channelOf));
  return channels.size === 1 ? [...channels][0] : undefined;
}

/** Beside an app or a mailbox a text message does no harm. */
function onlyWay(requirements: readonly Requirement[], where: { ruleId: string; path: string }): readonly Finding[] {
  const channels = new Set(requirements.map(onlyChannel));
  const channel = channels.size === 1 ? [...channels][0] : undefined;
  if (channel === 'phone') {
    const message = 'a text message is the only way: numbers are taken over, and whoever has no phone at hand is out';
    return [finding('warning', 'sms-only', message, { ...where, suggestion: '{"oneOf": ["totp", "otp-phone"]}' })];
  }
  if (channel === 'backup') {
    const message = 'backup codes are the only way, and they run out';
    return [
      finding('warning', 'backup-code-only', message, { ...where, suggestion: '{"oneOf": ["totp", "backup-code"]}' }),
    ];
  }
  return [];
}

/** The second step goes the way of every first one, or may. */
function sameChannel(
  requirement: Requirement,
  context: LintContext,
  where: { ruleId: string; path: string },
): readonly Finding[] {
  const { firstFactors, distinctChannels, offered } = context;
  const same = firstFactors.filter((first) => factorsIn(requirement).every((factor) => isSameWay(factor, first)));
  if (same.length === 0) return [];
  if (!distinctChannels) {
    const message = `who begins with ${same.join(' or ')} proves the same mailbox or phone twice, and it counts`;
    return [finding('warning', 'same-channel', message, { ...where, suggestion: '"distinctChannels": true' })];
  }
  if (same.length < firstFactors.length || !same.some((first) => canMeet(requirement, first, context))) return [];
  const instead = offered.filter(
    (factor) => !same.some((first) => isSameWay(factor, first)) && factor !== 'backup-code',
  );
  const message = `every session begins the same way (${same.join(', ')}), so that it is never asked: ${instead.join(' or ')} is, instead`;
  return [finding('warning', 'same-channel', message, { ...where, suggestion: `require ${instead.join(' or ')}` })];
}
