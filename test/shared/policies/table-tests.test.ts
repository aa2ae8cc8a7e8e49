import { describe, expect, it } from 'vitest';
import { MalformedTenant } from '../../../shared/account/tenant-id.ts';
import { BadTable } from '../../../shared/policies/table-schema.ts';
import { runTable } from '../../../shared/policies/table-tests.ts';

const POLICY = {
  rules: [
    { id: 'admins', when: "'admin' in user.roles", require: ['totp'] },
    {
      id: 'paid',
      when: "has(user.metadata.plan) && user.metadata.plan == 'paid'",
      require: [{ oneOf: ['otp-email', 'otp-phone'] }],
    },
    { id: 'own', requireFrom: 'user' },
    { id: 'watched', mode: 'observe', when: 'session.isNewDevice', require: ['otp-phone'] },
  ],
};
const admin = { user: { roles: ['admin'] } };
const one = (about: object) => runTable({ cases: [{ name: 'case', ...about }] }, POLICY);
const faults = async (about: object) => (await one(about)).cases[0]?.faults;

describe('runTable', () => {
  it('passes cases that are as expected, and counts which rules they meet', async () => {
    const outcome = await runTable(
      {
        cases: [
          { name: 'an admin', facts: admin, expect: ['totp'], because: ['admins', 'own'], observed: ['watched'] },
          {
            name: 'somebody who pays',
            facts: { user: { metadata: { plan: 'paid' } } },
            expect: ['otp-phone', 'otp-email'],
          },
          {
            name: 'somebody on a known device',
            facts: { session: { isNewDevice: false } },
            expect: 'nothing',
            observed: [],
          },
        ],
      },
      POLICY,
    );
    expect(outcome).toMatchObject({
      passed: 3,
      failed: 0,
      coverage: [
        { ruleId: 'admins', hits: 1 },
        { ruleId: 'paid', hits: 1 },
        { ruleId: 'own', hits: 3 },
        { ruleId: 'watched', hits: 2 },
      ],
      uncovered: [],
    });
  });

  it('names the rules that no case meets', async () => {
    expect((await one({ expect: 'nothing' })).uncovered).toEqual(['admins', 'paid']);
  });

  it.each<[string, object, RegExp]>([
    ['more than expected', { facts: admin, expect: 'nothing' }, /^expected nothing, and totp is asked$/],
    ['less than expected', { expect: ['totp'] }, /^expected totp, and nothing is asked$/],
    ['another factor', { facts: admin, expect: ['otp-email'] }, /^expected otp-email, and totp is asked$/],
    [
      'another rule',
      { facts: admin, expect: ['totp'], because: ['own'] },
      /^because: expected own, and it is admins or own$/,
    ],
    [
      'a rule there is not',
      { expect: 'nothing', because: ['admin'] },
      /^because: there is no rule admin \(did you mean admins\?\)$/,
    ],
    ['another observer', { expect: 'nothing', observed: [] }, /^observed: expected nothing, and it is watched$/],
    [
      'another list',
      { facts: admin, expect: [{ oneOf: ['totp'] }] },
      /^expected the requirements .* and they are \["totp"\]$/,
    ],
  ])('tells of %s', async (_, about, fault) => {
    const outcome = await one(about);
    expect(outcome).toMatchObject({ passed: 0, failed: 1 });
    expect(outcome.cases[0]?.faults).toEqual([expect.stringMatching(fault)]);
  });

  it('says why each rule matched or did not', async () => {
    expect((await one({ facts: admin, expect: ['totp'] })).cases[0]?.rules).toMatchObject([
      { ruleId: 'admins', matched: true, because: 'condition' },
      { ruleId: 'paid', matched: false, because: 'condition' },
      { ruleId: 'own', matched: true, because: 'always' },
      { ruleId: 'watched', matched: true, mode: 'observe' },
    ]);
  });

  it('fails a case whose rule cannot be evaluated, whatever it expects', async () => {
    const policy = { rules: [{ id: 'a', when: "user.metadata.plan == 'x'", require: ['totp'] }] };
    const outcome = await runTable({ cases: [{ name: 'nobody', expect: ['totp'] }] }, policy);
    expect(outcome.cases[0]?.faults).toEqual([expect.stringMatching(/^rule a could not be evaluated: /)]);
  });
});

describe('what is expected', () => {
  const both = { user: { roles: ['admin'], metadata: { plan: 'paid' } } };
  const requirements = ['totp', { oneOf: ['otp-phone', 'otp-email'] }];

  it.each<[string, object]>([
    ['what is next', { facts: both, expect: ['totp'] }],
    [
      'what is next once something is done',
      { facts: { ...both, session: { completed: ['totp'] } }, expect: ['otp-email', 'otp-phone'] },
    ],
    [
      'nothing once all is done',
      { facts: { ...both, session: { completed: ['totp', 'otp-email'] } }, expect: 'nothing' },
    ],
    ['nothing, as a list', { expect: [] }],
    ['all that is asked, in order', { facts: both, expect: requirements }],
    ['both', { facts: both, expect: { next: ['totp'], requirements } }],
    ['requirements that are factors alone', { facts: admin, expect: { requirements: ['totp'] } }],
    [
      'the code that goes before a first enrolment',
      { facts: { user: { roles: ['admin'], factorsSetUp: [] } }, expect: ['otp-email'] },
    ],
    [
      'what is asked of who lists it',
      { facts: { user: { requiredFactors: ['otp-phone'] } }, expect: ['otp-phone'], because: ['own'] },
    ],
  ])('may be %s', async (_, about) => {
    expect(await faults(about)).toEqual([]);
  });

  it('is in order where it is all that is asked', async () => {
    expect(await faults({ facts: both, expect: requirements.toReversed() })).toHaveLength(1);
  });
});

describe('facts', () => {
  const policy = (when: string, more: object = {}) => ({ rules: [{ id: 'a', when, require: ['totp'], ...more }] });
  const asks = async (facts: object, when: string, more: object = {}, tenant: object = {}) =>
    (await runTable({ cases: [{ name: 'case', facts, expect: 'nothing' }] }, policy(when, more), { ...tenant }))
      .failed === 1;

  it.each<[string, object, string]>([
    ['the id', { user: { id: 'u1' } }, "user.id == 'u1'"],
    ['permissions', { user: { permissions: ['pay'] } }, "'pay' in user.permissions"],
    ['addresses', { user: { emails: ['a@example.org'] } }, "user.emails == ['a@example.org']"],
    [
      'the day of joining',
      { user: { timeJoined: '2025-06-01' } },
      "user.timeJoined == timestamp('2025-06-01T00:00:00Z')",
    ],
    ['the device', { session: { isNewDevice: false } }, '!session.isNewDevice'],
    ['the first factor', { session: { firstFactor: 'thirdparty' } }, "session.firstFactor == 'thirdparty'"],
    ['the request', { request: { ip: '203.0.113.7' } }, "inNetwork(request.ip, '203.0.113.0/24')"],
    [
      'the tenant',
      { tenant: { metadata: { tier: 'gold' } } },
      "has(tenant.metadata.tier) && tenant.metadata.tier == 'gold'",
    ],
    ['the time', { now: '2027-03-01T09:00:00+01:00' }, "now == timestamp('2027-03-01T08:00:00Z')"],
    ['the default time', {}, "now == timestamp('2026-01-01T12:00:00Z')"],
    ['a user of a year ago', {}, "now - user.timeJoined == duration('8760h')"],
    ['the default device', {}, 'session.isNewDevice'],
  ])('may be %s', async (_, facts, when) => {
    expect(await asks(facts, when)).toBe(true);
    expect(await asks(facts, `!(${when})`)).toBe(false);
  });

  it('may be a remembered device, a grace and an exemption', async () => {
    const rememberDevice = { days: 30 };
    expect(await asks({ session: { trusted: ['totp'] } }, 'true', {}, { rememberDevice })).toBe(false);
    expect(await asks({ session: { trusted: ['totp'] } }, 'true', { rememberable: false }, { rememberDevice })).toBe(
      true,
    );
    const without = { factorsSetUp: ['emailpassword'] };
    expect(await asks({ user: without }, 'true', { graceDays: 14 })).toBe(false);
    expect(await asks({ user: { ...without, grace: { a: '2025-12-31' } } }, 'true', { graceDays: 14 })).toBe(true);
    expect(await asks({ user: { exemption: { until: '2026-01-02' } } }, 'true')).toBe(false);
    expect(await asks({ user: { exemption: { until: '2025-12-31' } } }, 'true')).toBe(true);
  });

  it('are the tenant’s where the case says nothing, and the table’s before those', async () => {
    const listed = { rules: [{ id: 'listed', requireFrom: 'tenant' }] };
    const cases = [{ name: 'case', expect: ['otp-phone'] }];
    expect(await runTable({ cases }, listed, { requiredSecondaryFactors: ['otp-phone'] })).toMatchObject({ failed: 0 });
    expect(
      await runTable({ tenant: { requiredSecondaryFactors: ['otp-phone'] }, cases }, listed, {
        requiredSecondaryFactors: ['otp-email'],
      }),
    ).toMatchObject({ failed: 0 });
  });

  it('are of the table’s time where the case names none', async () => {
    const from = { rules: [{ id: 'later', from: '2027-01-01', require: ['totp'] }] };
    const table = {
      now: '2027-01-02',
      cases: [
        { name: 'then', expect: ['totp'] },
        { name: 'before', facts: { now: '2026-12-31' }, expect: 'nothing' },
      ],
    };
    expect(await runTable(table, from)).toMatchObject({ passed: 2 });
  });
});

describe('a table that cannot be run', () => {
  const faultsOf = async (table: unknown) => {
    const error = await runTable(table, POLICY).catch((thrown: unknown) => thrown);
    if (!(error instanceof BadTable)) throw new Error(`not refused: ${String(error)}`);
    return error.faults;
  };

  it.each<[string, unknown, string]>([
    ['is no object', 'cases', 'the table: must be Object'],
    ['has no cases', {}, 'cases: is missing'],
    ['has none of them', { cases: [] }, 'cases: has no case'],
    ['expects nothing in particular', { cases: [{ name: 'a' }] }, 'cases.0.expect ("a"): is missing'],
    ['has a case without a name', { cases: [{ expect: 'nothing' }] }, 'cases.0.name: is missing'],
    [
      'has a misspelt fact',
      { cases: [{ name: 'a', facts: { user: { role: ['x'] } }, expect: 'nothing' }] },
      'cases.0.facts.user.role ("a"): is not a field we know (did you mean roles?)',
    ],
    [
      'has two cases of one name',
      {
        cases: [
          { name: 'a', expect: 'nothing' },
          { name: 'a', expect: [] },
        ],
      },
      'the table: two cases have one name',
    ],
    [
      'has a policy of its own',
      { tenant: { mfaPolicy: {} }, cases: [{ name: 'a', expect: [] }] },
      'the table: tenant: has a policy of its own',
    ],
    [
      'has a time that is none',
      { cases: [{ name: 'a', facts: { now: 'noon' }, expect: [] }] },
      'cases.0.facts.now ("a"): must be a date (2027-01-31), a time with its offset (2027-01-31T08:00:00+01:00) or epoch milliseconds',
    ],
    [
      'expects a word',
      { cases: [{ name: 'a', expect: 'everything' }] },
      'cases.0.expect ("a"): must be "nothing", a list of factors, a list of requirements, or {"next": [...], "requirements": [...]}',
    ],
  ])('%s', async (_, table, fault) => {
    expect(await faultsOf(table)).toEqual([fault]);
  });

  it('tells of every fault', async () => {
    expect(await faultsOf({ cases: [{ name: 'a', expect: 1 }, { expect: [] }] })).toHaveLength(2);
  });

  it('is another thing than a policy or tenant that cannot be used', async () => {
    const cases = [{ name: 'a', expect: 'nothing' }];
    await expect(runTable({ cases }, { rules: [{ id: 'a', when: 'user.', require: ['totp'] }] })).rejects.toThrow(
      MalformedTenant,
    );
    await expect(runTable({ tenant: { contactMethod: 'SMS' }, cases }, POLICY)).rejects.toThrow(MalformedTenant);
  });
});
