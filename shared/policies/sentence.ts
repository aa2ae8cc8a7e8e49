import type { FactorId } from '../mfa/factor.ts';
import type { Origin, Waiver } from '../mfa/policy.ts';
import type { Requirement } from '../mfa/requirements.ts';
import type { DecisionRecord, MatchedRule, Occasion } from './decision-record.ts';
import type { ShownFacts } from './shown-facts.ts';

const WAYS: Readonly<Record<FactorId, string>> = {
  emailpassword: 'a password',
  thirdparty: 'a sign-in at a provider',
  'otp-email': 'a code by e-mail',
  'otp-phone': 'a code by text message',
  'link-email': 'a link by e-mail',
  'link-phone': 'a link by text message',
  totp: 'a code of an authenticator app',
  'backup-code': 'a backup code',
  webauthn: 'a passkey',
};
const OCCASIONS: Readonly<Record<Occasion, string>> = {
  'sign-in': 'at sign-in',
  'tenant-switch': 'on the way into another tenant',
  factor: 'after a factor was shown',
  refresh: 'at a refresh',
  'mfa-info': 'when a page asked',
};
const MAX_RULES = 3;

/** What a decision came to and why, for a person who never saw a policy. Plain English, whole sentences. */
export const sentenceOf = (decision: Omit<DecisionRecord, 'occasion' | 'ignored' | 'session'>, occasion?: Occasion) =>
  [
    `${headOf(decision, occasion === undefined ? '' : ` ${OCCASIONS[occasion]}`)}.`,
    ...aheadOf(decision),
    ...decision.waivers.map(waiverSentence),
    ...(decision.observed.length === 0
      ? []
      : [
          `${rulesNamed(decision.observed)} matched as well and only ${plural(decision.observed, 'observes', 'observe')}.`,
        ]),
    decision.policyVersion === undefined
      ? `The policy was no recorded version (${decision.policyHash}).`
      : `The policy was version ${decision.policyVersion}.`,
  ].join(' ');

function headOf(
  decision: Pick<DecisionRecord, 'result' | 'next' | 'required' | 'matched' | 'used' | 'more'>,
  when: string,
): string {
  switch (decision.result) {
    case 'challenged':
      return `Asked for ${waysOf(decision.next, decision.required)}${when}${reasonOf(decision)}`;
    case 'satisfied':
      return `Let through${when}, with everything shown that is asked${reasonOf(decision)}`;
    case 'waived':
      return `Let through${when} without being asked`;
    case 'not-asked':
      return `Let through${when}: nothing is asked`;
  }
}

/** One of them will do, unless it takes all of them. */
const waysOf = (next: readonly FactorId[], required: readonly Requirement[]): string =>
  listed(
    next.map((factor) => WAYS[factor] ?? factor),
    required.some((one) => typeof one === 'object' && 'allOfInAnyOrder' in one && isSubset(next, one.allOfInAnyOrder))
      ? 'and'
      : 'or',
  );

const isSubset = (some: readonly string[], of: readonly string[]): boolean => some.every((one) => of.includes(one));

function reasonOf({ matched, used, more = 0 }: Pick<DecisionRecord, 'matched' | 'used' | 'more'>): string {
  const asking = matched.filter(({ asks }) => asks);
  if (asking.length === 0) return '';
  const told = asking.slice(0, MAX_RULES).map((rule) => ruleInWords(rule, used));
  const left = asking.length - told.length + more;
  return `, because ${told.join('; ')}${left === 0 ? '' : `; and ${left} more`}`;
}

function ruleInWords({ ruleId, because, reads }: MatchedRule, used: ShownFacts): string {
  const facts = reads.flatMap((path) => (Object.hasOwn(used, path) ? [factInWords(path, used[path])] : []));
  const known = facts.length === 0 ? '' : `: ${listed(facts, 'and')}`;
  if (because === 'fault') return `the condition of rule ${ruleId} could not be evaluated, which counts as met${known}`;
  return because === 'always' && facts.length === 0
    ? `rule ${ruleId} is for everybody`
    : `rule ${ruleId} matched${known}`;
}

/** `user.roles contains admin`, `user.metadata.plan is paid`, `user.phones is empty`. */
export function factInWords(path: string, value: unknown): string {
  if (value === null || value === undefined) return `${path} is not set`;
  if (Array.isArray(value)) {
    return value.length === 0 ? `${path} is empty` : `${path} contains ${value.map(said).join(', ')}`;
  }
  return value === '' ? `${path} is empty` : `${path} is ${said(value)}`;
}

const said = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function aheadOf({ ahead }: Pick<DecisionRecord, 'ahead'>): readonly string[] {
  if (ahead === undefined) return [];
  return ahead === 'owed-factor'
    ? ['A factor from before the password was reset is owed first, whatever the policy asks.']
    : ['That comes first: before a new factor is set up, the account’s own mailbox has to be shown.'];
}

function waiverSentence({ requirement, origins, by, until }: Waiver): string {
  const what = `What ${listed(origins.map(originInWords), 'and')} asked (${requirementInWords(requirement)}) is waived`;
  const end = until === undefined ? '' : ` until ${isoOf(until)}`;
  switch (by) {
    case 'trusted-device':
      return `${what}, for this device has shown it before.`;
    case 'grace':
      return `${what}${end}: the time given to set it up.`;
    case 'exemption':
      return `${what}${end} by the user’s exemption.`;
  }
}

const originInWords = (origin: Origin): string =>
  origin === 'user' ? 'the user’s own list' : origin === 'tenant' ? 'the tenant’s list' : origin.replace(':', ' ');

const requirementInWords = (requirement: Requirement): string =>
  typeof requirement === 'string'
    ? (WAYS[requirement] ?? requirement)
    : 'oneOf' in requirement
      ? listed(
          requirement.oneOf.map((factor) => WAYS[factor] ?? factor),
          'or',
        )
      : listed(
          requirement.allOfInAnyOrder.map((factor) => WAYS[factor] ?? factor),
          'and',
        );

const rulesNamed = (ids: readonly string[]): string => `${plural(ids, 'Rule', 'Rules')} ${listed(ids, 'and')}`;
const plural = (list: readonly unknown[], one: string, many: string): string => (list.length === 1 ? one : many);

const isoOf = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function listed(words: readonly string[], last: 'and' | 'or'): string {
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
