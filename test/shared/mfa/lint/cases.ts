import { expect } from 'vitest';
import type { TenantDocument } from '../../../../shared/account/tenant-schema.ts';
import type { LintOptions } from '../../../../shared/mfa/lint/context.ts';
import type { Finding, LintCode } from '../../../../shared/mfa/lint/finding.ts';
import type { Requirement } from '../../../../shared/mfa/requirements.ts';
import { NOW } from '../facts.ts';

/** A policy, its tenant, and what must be said of it. */
export interface LintCase {
  readonly title: string;
  readonly policy: unknown;
  readonly tenant?: TenantDocument;
  readonly options?: LintOptions;
  readonly finding: Partial<Finding> & { readonly code: LintCode; readonly level: Finding['level'] };
}

/** One rule, for whom the condition holds. */
export const when = (condition: string, more: object = {}) => ({
  rules: [{ id: 'rule', when: condition, require: ['otp-email'], ...more }],
});
const unless = (condition: string) => ({ rules: [{ id: 'rule', unless: condition, require: ['otp-email'] }] });
export const asking = (...require: readonly Requirement[]) => ({ rules: [{ id: 'rule', require }] });
const PASSWORDS: TenantDocument = { firstFactors: ['emailpassword'] };

/** Line, column and offset on the first line. */
const at = (offset: number) => ({ line: 1, column: offset + 1, offset });

const error = (
  title: string,
  policy: unknown,
  finding: Partial<Finding> & { code: LintCode },
  tenant = PASSWORDS,
): LintCase => ({
  title,
  policy,
  tenant,
  finding: { level: 'error', ...finding },
});
const warning = (
  title: string,
  policy: unknown,
  finding: Partial<Finding> & { code: LintCode },
  tenant = PASSWORDS,
  options: LintOptions = { now: NOW },
): LintCase => ({ title, policy, tenant, options, finding: { level: 'warning', ...finding } });
const info = (...[title, policy, finding, tenant, options]: Parameters<typeof warning>): LintCase => {
  const made = warning(title, policy, finding, tenant, options);
  return { ...made, finding: { ...made.finding, level: 'info' } };
};

const name = (title: string, condition: string, offset: number, suggestion: string): LintCase =>
  error(title, when(condition), {
    code: 'condition-unknown-name',
    path: 'rules.0.when',
    position: at(offset),
    suggestion,
  });

export const CASES: readonly LintCase[] = [
  // Names
  name('a field in the singular', "'admin' in user.role", 16, 'did you mean user.roles?'),
  name('a field with letters swapped', "'admin' in user.rolse", 16, 'did you mean user.roles?'),
  name('a field by its index', "'admin' in user['rolse']", 11, 'did you mean user.roles?'),
  name('a field of another thing', "session.ip == '192.0.2.1'", 8, 'did you mean request.ip?'),
  name('a key of metadata', "user.plan == 'paid'", 5, 'did you mean user.metadata.plan?'),
  name('a variable', "'admin' in usr.roles", 11, 'did you mean user?'),
  name('a field by itself', "'admin' in roles", 11, 'did you mean user.roles?'),
  name('a method', "user.id.startWith('a')", 0, 'did you mean startsWith?'),
  name('a function', "timstamp('2027-01-01T00:00:00Z') < now", 0, 'did you mean timestamp?'),
  name('has() of a field there is not', "has(user.plan) && 'a' in user.roles", 4, 'did you mean user.metadata.plan?'),
  // Spelling
  error("another language's and", when("'a' in user.roles and 'b' in user.roles"), {
    code: 'condition-syntax',
    suggestion: '"and" is written &&',
  }),
  error('one =', when("user.id = 'a'"), {
    code: 'condition-syntax',
    position: at(8),
    suggestion: 'two things are compared with ==',
  }),
  error('one &', when("user.id == 'a' & user.id != ''"), {
    code: 'condition-syntax',
    suggestion: '"and" is written &&',
  }),
  error('one |', when("user.id == 'a' | user.id == 'b'"), {
    code: 'condition-syntax',
    suggestion: '"or" is written ||',
  }),
  error('a text without its end', when("user.id == 'a"), { code: 'condition-syntax', position: at(11) }),
  error('a fault on the second line', when("'a' in user.roles &&\n  'b' in user.rolls"), {
    code: 'condition-unknown-name',
    position: { line: 2, column: 15, offset: 35 },
  }),
  error('a fault in unless', unless("'a' in user.rolls"), {
    code: 'condition-unknown-name',
    path: 'rules.0.unless',
    message: '"unless": No such key: rolls',
  }),
  error('nothing where a condition should be', when(''), { code: 'condition-syntax', position: at(0) }),
  // Types
  error('a list compared with a text', when("user.roles == 'admin'"), {
    code: 'condition-type',
    suggestion: "of a list write 'value' in list",
  }),
  error('a list asked whether it contains', when("user.roles.contains('admin')"), {
    code: 'condition-type',
    suggestion: "of a list write 'value' in list",
  }),
  error('in the wrong way round', when("user.roles in 'admin'"), {
    code: 'condition-type',
    suggestion: "the value stands first: 'value' in list",
  }),
  error('a method used as a function', when("startsWith(user.id, 'a')"), {
    code: 'condition-type',
    suggestion: expect.stringContaining('startsWith'),
  }),
  error('a text for a condition', when('user.id'), {
    code: 'condition-type',
    message: 'the condition is a string, not true or false',
  }),
  error('a text for an exception', unless('user.id'), { code: 'condition-type', path: 'rules.0.unless' }),
  error('macros three deep', when('[1].all(a, [1].all(b, [1].all(c, true)))'), { code: 'condition-too-costly' }),
  error('brackets without end', when(`${'('.repeat(60)}true${')'.repeat(60)}`), { code: 'condition-too-costly' }),
  // What fails
  error('a time that is none', when("now < timestamp('tomorrow')"), { code: 'condition-fails', position: at(6) }),
  error('a network that is none', when("'a' in user.roles && inNetwork(request.ip, '203.0.113.0')"), {
    code: 'condition-fails',
    position: at(21),
  }),
  error('a prefix longer than an address', when("inNetwork(request.ip, '203.0.113.0/33')"), {
    code: 'condition-fails',
  }),
  error('a pattern that is none', when("user.emails.exists(e, e.matches('('))"), {
    code: 'condition-fails',
    position: at(22),
  }),
  error('a division by nothing', when('1 / size(user.roles) == 1'), { code: 'condition-fails' }),
  error('metadata without a guard', when("'a' in user.roles && user.metadata.plan == 'paid'"), {
    code: 'unguarded-metadata',
    position: at(21),
    suggestion: 'has(user.metadata.plan) && …',
  }),
  error('metadata without a guard in an exception', unless("user.metadata.plan == 'paid'"), {
    code: 'unguarded-metadata',
    path: 'rules.0.unless',
  }),
  // Factors
  error('a factor misspelt', asking('otp-mail'), {
    code: 'unknown-factor',
    path: 'rules.0.require.0',
    suggestion: 'did you mean otp-email?',
  }),
  error('a factor misspelt in a choice', asking({ oneOf: ['otp-email', 'totpp'] }), {
    code: 'unknown-factor',
    suggestion: 'did you mean totp?',
  }),
  error('a security key, which is none here', asking('webauthn'), {
    code: 'factor-not-offered',
    message: 'webauthn cannot be a second factor here (otp-email, otp-phone, totp, backup-code can)',
  }),
  error('two links of one mailbox', asking({ allOfInAnyOrder: ['otp-email', 'link-email'] }), {
    code: 'factor-not-offered',
  }),
  error(
    'a phone where codes go by mail',
    asking('otp-phone'),
    { code: 'factor-not-offered' },
    { contactMethod: 'EMAIL' },
  ),
  error(
    'an app that the tenant leaves out',
    asking('totp'),
    { code: 'factor-not-offered', suggestion: 'add totp to secondFactors' },
    {
      secondFactors: ['otp-email'],
    },
  ),
  warning(
    'a factor not offered yet, observed',
    { rules: [{ id: 'rule', require: ['otp-phone'], mode: 'observe' }] },
    { code: 'factor-not-offered' },
    { contactMethod: 'EMAIL' },
  ),
  // Requirements that cannot be met
  error(
    'a text message to nowhere',
    asking('otp-phone'),
    { code: 'unsatisfiable', message: expect.stringContaining('smsCountries is empty') },
    {
      ...PASSWORDS,
      smsCountries: [],
    },
  ),
  error(
    'a text message without money',
    asking('otp-phone'),
    { code: 'unsatisfiable', message: expect.stringContaining('smsDailyBudgetUsd (0)') },
    {
      ...PASSWORDS,
      smsDailyBudgetUsd: 0,
    },
  ),
  error(
    'the same mailbox twice, and nothing else',
    asking('otp-email'),
    { code: 'unsatisfiable' },
    {
      contactMethod: 'EMAIL',
      firstFactors: ['otp-email'],
    },
  ),
  error(
    "the tenant's list, when it cannot be met",
    { rules: [{ id: 'rule', requireFrom: 'tenant' }] },
    {
      code: 'unsatisfiable',
      path: 'rules.0.requireFrom',
    },
    { contactMethod: 'EMAIL', firstFactors: ['link-email'], requiredSecondaryFactors: ['otp-email'] },
  ),
  warning(
    'what cannot be met, observed',
    { rules: [{ id: 'rule', require: ['otp-email'], mode: 'observe' }] },
    { code: 'unsatisfiable' },
    { contactMethod: 'EMAIL', firstFactors: ['otp-email'] },
  ),
  warning(
    'the same mailbox twice, for some',
    asking('otp-email'),
    { code: 'unsatisfiable-for-some' },
    {
      contactMethod: 'EMAIL',
      firstFactors: ['emailpassword', 'otp-email'],
    },
  ),
  warning(
    'a choice with a text message to nowhere',
    asking({ oneOf: ['otp-email', 'otp-phone'] }),
    { code: 'sms-nowhere' },
    {
      ...PASSWORDS,
      smsCountries: [],
    },
  ),
  warning(
    'a service that sends no text messages',
    asking({ oneOf: ['otp-email', 'otp-phone'] }),
    { code: 'sms-nowhere' },
    PASSWORDS,
    { smsCountries: [] },
  ),
  // What it is worth
  warning(
    'the same mailbox twice, and it counts',
    asking('otp-email'),
    { code: 'same-channel' },
    {
      firstFactors: ['emailpassword', 'otp-email'],
      distinctChannels: false,
    },
  ),
  warning(
    'the same mailbox twice, and another factor instead',
    asking('otp-email'),
    { code: 'same-channel' },
    {
      firstFactors: ['otp-email', 'link-email'],
    },
  ),
  warning('text messages alone', asking('otp-phone'), { code: 'sms-only', path: 'rules.0.require.0' }),
  warning(
    'text messages alone, by the list',
    { rules: [{ id: 'rule', requireFrom: 'tenant' }] },
    { code: 'sms-only', path: 'rules.0.requireFrom' },
    { ...PASSWORDS, requiredSecondaryFactors: ['otp-phone'] },
  ),
  warning('backup codes alone', asking('backup-code'), { code: 'backup-code-only' }),
  warning(
    'aal2 by mail',
    { rules: [{ id: 'staff-AAL2', require: [{ oneOf: ['totp', 'otp-email'] }] }] },
    { code: 'aal2-by-email', ruleId: 'staff-AAL2' },
  ),
  warning('codes for a quarter of an hour', asking('otp-email'), { code: 'code-life' }, PASSWORDS, { otpSeconds: 900 }),
  info('a mailbox that is everything', asking('otp-email'), { code: 'reset-by-same-mailbox' }),
  // For everybody and for nobody
  ...(
    [
      ['false', 'never-matches', 0],
      ["'a' in user.roles && false", 'never-matches', 21],
      ["user.id == 'a' && user.id == 'b'", 'never-matches', 0],
      ["'a' in user.roles && !('a' in user.roles)", 'never-matches', 0],
      ["user.id == 'a' && session.isNewDevice && 'a' != user.id", 'never-matches', 0],
      ['user.id in []', 'never-matches', 0],
      ['size(user.roles) < 0', 'never-matches', 0],
      ["now < timestamp('2025-12-31T00:00:00Z')", 'never-matches', 0],
      ["timestamp('2025-12-31T00:00:00Z') > now && 'a' in user.roles", 'never-matches', 0],
      ['user.id != user.id', 'never-matches', 0],
      ['!true', 'never-matches', 0],
      ["true ? false : 'a' in user.roles", 'never-matches', 7],
      ['true', 'always-matches', 0],
      ["'a' in user.roles || true", 'always-matches', 21],
      ["user.id != 'a' || user.id != 'b'", 'always-matches', 0],
      ["'a' in user.roles || !('a' in user.roles)", 'always-matches', 0],
      ['size(user.roles) >= 0', 'always-matches', 0],
      ["now >= timestamp('2025-12-31T00:00:00Z')", 'always-matches', 0],
      ['has(user.roles)', 'always-matches', 0],
      ['1 + 1 == 2', 'always-matches', 0],
    ] as const
  ).map(([condition, code, offset]) =>
    warning(condition, when(condition), { code, path: 'rules.0.when', position: at(offset) }),
  ),
  warning('an exception for everybody', unless('true'), { code: 'never-matches', path: 'rules.0.unless' }),
  info('an exception for nobody', unless('false'), { code: 'no-effect', path: 'rules.0.unless' }),
  warning('a share of nobody', when("'a' in user.roles", { rollout: 0 }), {
    code: 'never-matches',
    path: 'rules.0.rollout',
  }),
  warning('a first factor there is not', when("session.firstFactor == 'totp'"), { code: 'impossible-value' }),
  warning('a first factor misspelt', when("session.firstFactor in ['emailpasword']"), {
    code: 'impossible-value',
    suggestion: "did you mean 'emailpassword'?",
  }),
  warning('a factor misspelt in a list', when("'otp-mail' in user.factorsSetUp"), {
    code: 'impossible-value',
    suggestion: "did you mean 'otp-email'?",
  }),
  warning('an address with capitals', when("'Boss@example.com' in user.emails"), {
    code: 'impossible-value',
    suggestion: "'boss@example.com'",
  }),
  warning('a number as people write it', when("'06 30 123 4567' in user.phones"), { code: 'impossible-value' }),
  warning(
    'a country where nothing in front says it',
    when("request.country == 'HU'"),
    { code: 'country-unknown', position: at(0) },
    PASSWORDS,
    { knowsCountry: false },
  ),
  warning('a country in small letters', when("request.country in ['HU', 'at']"), {
    code: 'impossible-value',
    suggestion: "'AT'",
  }),
  warning('a country by its name', when("request.country != 'Hungary'"), { code: 'impossible-value' }),
  warning('a domain without its @', when("user.emails.exists(e, e.endsWith('example.com'))"), {
    code: 'loose-match',
    position: at(22),
    suggestion: "endsWith('@example.com')",
  }),
  warning('a domain anywhere', when("user.emails.exists(e, e.contains('@example.com'))"), { code: 'loose-match' }),
  warning('a domain with capitals', when("user.emails.exists(e, e.endsWith('@Example.com'))"), {
    code: 'loose-match',
    suggestion: "endsWith('@example.com')",
  }),
  warning('half a number of a network', when("request.ip.startsWith('10.1')"), { code: 'loose-match' }),
  // Rules beside one another
  warning(
    'as much as everybody',
    {
      rules: [
        { id: 'all', require: ['totp'] },
        { id: 'rule', when: "'a' in user.roles", require: [{ oneOf: ['totp', 'otp-email'] }] },
      ],
    },
    { code: 'shadowed', ruleId: 'rule', path: 'rules.1' },
  ),
  warning(
    'the same list twice',
    {
      rules: [
        { id: 'own', requireFrom: 'user' },
        { id: 'again', when: "'a' in user.roles", requireFrom: 'user' },
      ],
    },
    { code: 'shadowed', ruleId: 'again' },
  ),
  warning(
    'the same people twice',
    {
      rules: [
        { id: 'one', when: "'a'  in user.roles", require: [{ allOfInAnyOrder: ['otp-email', 'totp'] }] },
        { id: 'two', when: "'a' in user.roles", require: ['totp'] },
      ],
    },
    { code: 'duplicate-rule', ruleId: 'two' },
  ),
  // Fields
  info(
    'a beginning that is over',
    { rules: [{ id: 'rule', from: '2025-01-01', require: ['otp-email'] }] },
    {
      code: 'from-past',
      path: 'rules.0.from',
    },
  ),
  warning(
    'a share of those who opted in',
    { rules: [{ id: 'rule', rollout: 20, requireFrom: 'user' }] },
    {
      code: 'rollout-on-own-list',
    },
  ),
  warning(
    'grace for those who opted in',
    { rules: [{ id: 'rule', graceDays: 14, requireFrom: 'user' }] },
    {
      code: 'grace-on-own-list',
    },
  ),
  info(
    'grace of an observer',
    { rules: [{ id: 'rule', graceDays: 14, mode: 'observe', require: ['otp-email'] }] },
    { code: 'no-effect', path: 'rules.0.graceDays' },
  ),
  info(
    'devices that nobody remembers',
    { rules: [{ id: 'rule', rememberable: false, require: ['otp-email'] }] },
    {
      code: 'no-effect',
      path: 'rules.0.rememberable',
    },
  ),
  info('a list that is empty', { rules: [{ id: 'rule', requireFrom: 'tenant' }] }, { code: 'nothing-listed' }),
  // Shape
  error(
    'a field misspelt',
    { rules: [{ id: 'rule', wen: 'true', require: ['otp-email'] }] },
    {
      code: 'malformed',
      ruleId: 'rule',
      path: 'rules.0.wen',
      suggestion: 'did you mean "when"?',
    },
  ),
  error(
    'a field of the policy misspelt',
    { rules: [], merg: 'any' },
    { code: 'malformed', path: 'merg', suggestion: 'did you mean "merge"?' },
  ),
  error(
    'rules that are no list',
    { rules: {} },
    { code: 'malformed', message: 'rules: must be a list, and is an object' },
  ),
  error('no policy', 'admins', { code: 'malformed' }),
  error(
    'a rule without an id',
    { rules: [{ require: ['totp'] }] },
    { code: 'malformed', message: 'rules.0.id: is missing' },
  ),
  error('a factor with capitals', asking('OTP_EMAIL'), {
    code: 'malformed',
    ruleId: 'rule',
    path: 'rules.0.require.0',
    suggestion: 'did you mean "otp-email"?',
  }),
  error('a choice of nothing', asking({ oneOf: [] }), { code: 'malformed', ruleId: 'rule' }),
  error('neither list nor requirement', { rules: [{ id: 'rule' }] }, { code: 'malformed', ruleId: 'rule' }),
  error(
    'a share of more than all',
    { rules: [{ id: 'rule', requireFrom: 'user', rollout: 101 }] },
    {
      code: 'malformed',
      message: 'rules.0.rollout: must be a number from 0 to 100',
    },
  ),
  error(
    'a day there is not',
    { rules: [{ id: 'rule', requireFrom: 'user', from: '2026-02-30' }] },
    { code: 'malformed', path: 'rules.0.from' },
  ),
  error(
    'two rules of one name',
    {
      rules: [
        { id: 'a', requireFrom: 'user' },
        { id: 'a', requireFrom: 'tenant' },
      ],
    },
    {
      code: 'malformed',
      message: 'the policy: has two rules with one id',
    },
  ),
];
