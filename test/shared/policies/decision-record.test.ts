import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../shared/mfa/evaluate.ts';
import type { Facts } from '../../../shared/mfa/facts.ts';
import type { Policy } from '../../../shared/mfa/policy-schema.ts';
import { networkOf } from '../../../shared/client-address.ts';
import { decisionEvent, decisionRecord } from '../../../shared/policies/decision-record.ts';
import { sentenceOf } from '../../../shared/policies/sentence.ts';
import { ignoredFacts, shownFacts } from '../../../shared/policies/shown-facts.ts';
import { done, facts, NOW, SECONDS, tenant } from '../mfa/facts.ts';

const decided = async (policy: Policy, about: Facts, version: number | undefined = 3) => {
  const own = { ...(await tenant(policy)), tenantId: 'public', policyHash: '0123456789abcdef', policyVersion: version };
  return {
    tenant: own,
    facts: about,
    evaluation: evaluate(own, about),
    occasion: 'sign-in',
    handle: 'a-session-handle',
  } as const;
};
const recordOf = async (policy: Policy, about: Facts = facts()) => decisionRecord(await decided(policy, about));

const admins: Policy = { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] };
const admin = facts({ user: { roles: ['admin'] } });

describe('what a condition reads', () => {
  it.each<[string, readonly string[]]>([
    ["'admin' in user.roles", ['user.roles']],
    ["has(user.metadata.plan) && user.metadata.plan == 'paid'", ['user.metadata.plan']],
    ["'plan' in user.metadata && user.metadata['plan'] == 'paid'", ['user.metadata.plan']],
    ["user.metadata[user.id] == 'x'", ['user.metadata', 'user.id']],
    ["user.emails.exists(e, e.endsWith('@example.com'))", ['user.emails']],
    ['user.emails[0] == user.id', ['user.emails', 'user.id']],
    ['session.isNewDevice || now > user.timeJoined', ['session.isNewDevice', 'now', 'user.timeJoined']],
    ["request.ip == '192.0.2.1' ? tenant.id == 'a' : false", ['request.ip', 'tenant.id']],
    ['size(user.phones) > 0 && !(user.factorsSetUp == [])', ['user.phones', 'user.factorsSetUp']],
    ['true', []],
  ])('%s', async (when, paths) => {
    const { policy } = await tenant({ rules: [{ id: 'one', when, require: ['otp-email'] }] });
    expect(policy.rules[0]!.reads.toSorted()).toEqual(paths.toSorted());
  });

  it('counts "unless", lists, shares and dates as well', async () => {
    const { policy } = await tenant({
      rules: [
        { id: 'a', requireFrom: 'user', unless: "'x' in user.roles", rollout: 5, from: '2020-01-01' },
        { id: 'b', requireFrom: 'tenant' },
      ],
    });
    expect(policy.rules.map(({ reads }) => reads.toSorted())).toEqual([
      ['now', 'user.id', 'user.requiredFactors', 'user.roles'],
      ['tenant.requiredSecondaryFactors'],
    ]);
  });
});

describe('facts as they are kept', () => {
  it.each<[string, string]>([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['', ''],
    ['unknown', ''],
  ])('%s is told by its network, %s', (ip, network) => expect(networkOf(ip)).toBe(network));

  const phone = '+36301234567';
  it.each<[string, unknown, unknown]>([
    ['an address', 'person@example.com', 'p•••@example.com'],
    ['an address in a text', 'ask <person@example.com> or b@c.de', 'ask <p•••@example.com> or b•••@c.de'],
    ['an address at the cut', `${'x '.repeat(45)}person@example.com`, `${'x '.repeat(45)}p•••@examp`],
    ['a number', '+36 30 123 4567', '+36 •••• 567'],
    ['a number as people write it at home', '06 30 123 4567', '•••• 567'],
    ["the user's own number without its sign", '36301234567', '+36 •••• 567'],
    ["the user's own number as a number", 36301234567, '+36 •••• 567'],
    ['an address of a client', '198.51.100.7', '198.51.100.0/24'],
    ['a list', ['a@b.example', { by: 'c@d.example' }], ['a•••@b.example', { by: 'c•••@d.example' }]],
    ['a name', { 'e@f.example': 1 }, { 'e•••@f.example': 1 }],
    ['a number that is none of the contacts', 1_767_268_800_000, 1_767_268_800_000],
    ['a date', '2026-01-05T12:00:00Z', '2026-01-05T12:00:00Z'],
    ['what nests deep', [[[['a@b.example']]]], [[['[…]']]]],
    ['a function', () => 'a@b.example', null],
    ['not a number', NaN, 'NaN'],
  ])('metadata with %s', (_, kept, told) => {
    const about = facts({ user: { phones: [phone], metadata: { kept } } });
    expect(shownFacts(about, ['user.metadata.kept'])).toEqual({ 'user.metadata.kept': told });
  });

  it('masks contacts, shortens addresses, writes times out and leaves out when what was shown', () => {
    const about = facts({
      user: { emails: ['person@example.com'], phones: [phone], id: 'person@example.com' },
      session: { completed: done('emailpassword', 'totp') },
    });
    expect(
      shownFacts(about, [
        'user.emails',
        'user.phones',
        'user.id',
        'session.completed',
        'request.ip',
        'now',
        'user.metadata.none',
      ]),
    ).toEqual({
      'user.emails': ['p•••@example.com'],
      'user.phones': ['+36 •••• 567'],
      'user.id': 'p•••@example.com',
      'session.completed': ['emailpassword', 'totp'],
      'request.ip': '192.0.2.0/24',
      now: new Date(NOW).toISOString(),
      'user.metadata.none': null,
    });
  });

  it('tells everything of a name that stands by itself, and names what nothing read', () => {
    expect(Object.keys(shownFacts(facts(), ['request']))).toEqual([
      'request.ip',
      'request.country',
      'request.userAgent',
    ]);
    expect(ignoredFacts(['request', 'user.metadata.plan', 'now'])).not.toContain('user.metadata');
    expect(ignoredFacts(['request', 'now'])).toEqual(expect.arrayContaining(['user.metadata', 'user.roles']));
    expect(ignoredFacts(['request', 'now'])).not.toContain('request.ip');
  });
});

describe('a decision record', () => {
  it('says what was asked, by which rule, on which facts', async () => {
    expect(await recordOf(admins, admin)).toEqual({
      occasion: 'sign-in',
      result: 'challenged',
      policyHash: '0123456789abcdef',
      policyVersion: 3,
      required: ['otp-email'],
      next: ['otp-email'],
      matched: [{ ruleId: 'admins', because: 'condition', asks: true, reads: ['user.roles'] }],
      observed: [],
      waivers: [],
      used: { 'user.roles': ['admin'] },
      ignored: expect.arrayContaining(['user.emails', 'request.ip']),
      session: expect.stringMatching(/^[\w-]{12}$/),
    });
  });

  it('is there where something is asked, waived or observed, and not where nothing is', async () => {
    const event = async (policy: Policy, about: Facts) => decisionEvent(await decided(policy, about));
    expect(await event(admins, facts())).toBeUndefined();
    expect(await event({ rules: [{ id: 'user', requireFrom: 'user' }] }, facts())).toBeUndefined();
    expect(await event(admins, admin)).toMatchObject({ event: 'mfa.decision', userId: 'u1', keptDays: 90 });
    const observing: Policy = { rules: [{ ...admins.rules[0]!, mode: 'observe' }] };
    expect((await event(observing, admin))?.details).toMatchObject({ result: 'not-asked', observed: ['admins'] });
    const owing = facts({ user: { owedFactors: ['totp'] } });
    expect((await event({ rules: [] }, owing))?.details).toMatchObject({ result: 'challenged', ahead: 'owed-factor' });
  });

  it('tells satisfied from waived, and a grace with its end', async () => {
    const shown = facts({ user: { roles: ['admin'] }, session: { completed: done('emailpassword', 'otp-email') } });
    expect((await recordOf(admins, shown)).result).toBe('satisfied');
    const grace: Policy = { rules: [{ id: 'all', require: ['totp'], graceDays: 2 }] };
    const waived = await recordOf(grace);
    expect(waived).toMatchObject({ result: 'waived', waivers: [{ by: 'grace', until: NOW + 2 * 86_400_000 }] });
  });

  it('stays small however large the policy is', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, 'x'.repeat(10_000)]));
    const rules = Array.from({ length: 200 }, (_, i) => ({
      id: `rule-${i}`,
      when: `has(user.metadata.key${i % 50}) && user.metadata.key${i % 50} != ''`,
      require: ['otp-email'],
      mode: i % 2 === 0 ? ('enforce' as const) : ('observe' as const),
    }));
    const record = await recordOf({ rules }, facts({ user: { metadata } }));
    expect(record).toMatchObject({ more: 160 });
    expect(JSON.stringify(record).length).toBeLessThan(16_000);
  });
});

describe('its sentence', () => {
  const told = async (policy: Policy, about: Facts, version?: number) => {
    const record = decisionRecord(await decided(policy, about, version));
    return sentenceOf(record, record.occasion);
  };

  it.each<[string, Policy, Facts, string]>([
    [
      'a challenge',
      admins,
      admin,
      'Asked for a code by e-mail at sign-in, because rule admins matched: user.roles contains admin. The policy was version 3.',
    ],
    [
      'a rule for everybody, and a choice',
      { rules: [{ id: 'all', require: [{ oneOf: ['otp-email', 'totp'] }] }] },
      facts({ session: { completed: done('emailpassword') }, user: { factorsSetUp: ['emailpassword', 'totp'] } }),
      'Asked for a code by e-mail or a code of an authenticator app at sign-in, because rule all is for everybody. The policy was version 3.',
    ],
    [
      'all of several',
      { rules: [{ id: 'all', require: [{ allOfInAnyOrder: ['otp-email', 'otp-phone'] }] }] },
      facts({ user: { phones: ['+36301234567'], factorsSetUp: ['otp-phone'] } }),
      'Asked for a code by e-mail and a code by text message at sign-in, because rule all is for everybody. The policy was version 3.',
    ],
    [
      'a proof that comes first',
      { rules: [{ id: 'all', require: ['otp-phone'] }] },
      facts(),
      'Asked for a code by e-mail at sign-in, because rule all is for everybody. That comes first: before a new factor is set up, the account’s own mailbox has to be shown. The policy was version 3.',
    ],
    [
      'an exemption',
      admins,
      facts({ user: { roles: ['admin'], exemption: { until: NOW + 60_000, reason: 'x' } } }),
      'Let through at sign-in without being asked. What rule admins asked (a code by e-mail) is waived until 2026-01-01 12:01 UTC by the user’s exemption. The policy was version 3.',
    ],
    [
      'what was shown',
      admins,
      facts({ user: { roles: ['admin'] }, session: { completed: { emailpassword: SECONDS, 'otp-email': SECONDS } } }),
      'Let through at sign-in, with everything shown that is asked, because rule admins matched: user.roles contains admin. The policy was version 3.',
    ],
    [
      'an observed rule',
      { rules: [{ ...admins.rules[0]!, mode: 'observe' }] },
      admin,
      'Let through at sign-in: nothing is asked. Rule admins matched as well and only observes. The policy was version 3.',
    ],
    [
      'a condition that cannot be evaluated',
      { rules: [{ id: 'paid', when: "user.metadata.plan == 'paid'", require: ['otp-email'] }] },
      facts(),
      'Asked for a code by e-mail at sign-in, because the condition of rule paid could not be evaluated, which counts as met: user.metadata.plan is not set. The policy was version 3.',
    ],
  ])('of %s', async (_, policy, about, sentence) => expect(await told(policy, about)).toBe(sentence));
});
