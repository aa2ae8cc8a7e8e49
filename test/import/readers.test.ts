import { beforeAll, describe, expect, it } from 'vitest';
import type { Format } from '../../shared/import/readers.ts';
import { chunked, imported, sample, shownUser } from '../support/importing.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

beforeAll(async () => {
  await stepgate.tenant('public', { secondFactors: ['otp-email', 'otp-phone', 'totp'] });
  await stepgate.tenant('acme', {});
});

const run = (name: string, format: Format) => imported(stepgate.app(), sample(name), { format });
const shown = (id: string) => shownUser(stepgate, id);

it('supertokens: the bulk import of a core', async () => {
  const { reports } = await run('supertokens.json', 'supertokens');
  expect(reports).toEqual([
    {
      line: 1,
      id: 'st-1',
      status: 'created',
      notes: ['requiredSecondaryFactors: link-email became otp-email', 'totpDevices.1: its skew of 3 became 1'],
    },
    { line: 2, id: 'st-2', status: 'created' },
    { line: 3, id: 'st-3', status: 'created' },
    { line: 4, id: 'st-4', status: 'created' },
    {
      line: 5,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'created',
      notes: ['loginMethods.0.email: was made up by SuperTokens, and was left out'],
    },
  ]);
  expect(await shown('st-1')).toEqual({
    methods: [
      'emailpassword st.one@example.com verified',
      'passwordless +36301234567 verified',
      'passwordless st.one@example.com verified',
      'thirdparty google|112618388912586834161 st.one@example.com verified',
    ],
    status: 'active',
    metadata: { plan: 'paid' },
    roles: { public: ['admin'] },
    requiredFactors: expect.toSatisfy((factors: string[]) => factors.toSorted().join() === 'otp-email,totp'),
    isPrimaryUser: true,
    timeJoined: 1672531199000,
    tenantIds: ['public'],
    apps: expect.toSatisfy((names: string[]) => names.toSorted().join() === 'old phone,phone'),
  });
  expect((await shown('st-4')).tenantIds).toEqual(['acme']);
  for (const [email, password, tenantId] of [
    ['st.one@example.com', PASSWORD, 'public'],
    ['st.two@example.com', PASSWORD, 'public'],
    ['st.three@example.com', 'user1password', 'public'],
    ['st.four@example.com', PASSWORD, 'acme'],
  ] as const) {
    expect((await stepgate.browser('cookie', tenantId).signIn(email, password)).body.status).toBe('OK');
  }
});

it('auth0: the user export with hashes', async () => {
  const { reports } = await run('auth0.ndjson', 'auth0');
  expect(reports.map(({ id, status, reason, notes }) => [id, status, reason, notes?.length ?? 0])).toEqual([
    ['auth0|60425dc43519d90068f82973', 'created', undefined, 1],
    ['google-oauth2|103547991597142817347', 'created', undefined, 0],
    ['sms|5f0c9c2e1b2c3d4e5f6a7b8c', 'created', undefined, 0],
    ['auth0|5f0c9c2e1b2c3d4e5f6a7b8d', 'created', undefined, 0],
    [undefined, 'refused', 'loginMethods: must hold one way to sign in at least', 0],
  ]);
  expect(await shown('auth0|60425dc43519d90068f82973')).toMatchObject({
    methods: [
      'emailpassword a0.one@example.com verified',
      'thirdparty google|115015401343387192604 a0.one@gmail.com verified',
    ],
    // What users write of themselves is not where a policy looks for what operators wrote.
    metadata: {
      plan: 'paid',
      user_metadata: { plan: 'gold', color: 'red' },
      profile: { name: 'One', nickname: 'one' },
    },
    requiredFactors: ['otp-email'],
    timeJoined: Date.parse('2021-03-05T16:34:44.775Z'),
  });
  expect(await shown('auth0|5f0c9c2e1b2c3d4e5f6a7b8d')).toMatchObject({
    methods: ['emailpassword a0.four@example.com', 'passwordless +36301113333 verified'],
    status: 'disabled',
    apps: ['TOTP Device 0'],
  });
  expect((await stepgate.browser().signIn('a0.one@example.com', PASSWORD)).body).toMatchObject({
    status: 'OK',
    user: { id: 'auth0|60425dc43519d90068f82973' },
  });
});

it('auth0: the export of password hashes alone', async () => {
  const { reports } = await run('auth0-hashes.ndjson', 'auth0');
  expect(reports).toEqual([
    { line: 1, id: 'auth0|60425dc43519d90068f82974', status: 'created' },
    {
      line: 2,
      id: 'auth0|euclid',
      status: 'created',
      notes: ['recovery_code: cannot move; backup codes are made here'],
    },
  ]);
  expect(await shown('auth0|euclid')).toMatchObject({
    apps: ['TOTP Device 0'],
    requiredFactors: ['totp'],
    metadata: {},
  });
  expect((await stepgate.browser().signIn('a0.hash@example.com', PASSWORD)).body.status).toBe('OK');
});

const SUB = (n: number) => `7a1b6c1e-0000-4000-8000-00000000000${n}`;

it('cognito: ListUsers', async () => {
  const { reports } = await run('cognito.json', 'cognito');
  expect(reports.map(({ id, status, notes = [] }) => [id, status, notes.length])).toEqual([
    [SUB(1), 'created', 1],
    [SUB(2), 'created', 1],
    [SUB(3), 'created', 0],
    [SUB(4), 'created', 2],
  ]);
  expect(await shown(SUB(1))).toMatchObject({
    methods: ['emailpassword cog.one@example.com verified', 'passwordless +36302220001 verified'],
    metadata: { attributes: { plan: 'paid', name: 'One' }, username: 'one' },
    requiredFactors: ['otp-phone'],
    timeJoined: Date.parse('2023-01-30T11:00:00.123Z'),
  });
  expect(await shown(SUB(2))).toMatchObject({
    methods: ['emailpassword cog.two@example.com'],
    status: 'disabled',
    timeJoined: 1675000000500,
  });
  expect((await shown(SUB(3))).methods).toEqual(['thirdparty google|112618 cog.three@gmail.com verified']);
  expect((await shown(SUB(4))).requiredFactors).toEqual(['otp-email']);
});

it('cognito: the CSV of its import job', async () => {
  const { reports } = await run('cognito.csv', 'cognito');
  expect(reports.map(({ line, id, status }) => [line, id, status])).toEqual([
    [2, 'ann', 'created'],
    [3, 'bob', 'created'],
  ]);
  expect(await shown('ann')).toMatchObject({
    methods: ['emailpassword cog.csv@example.com verified', 'passwordless +36302220005 verified'],
    metadata: { attributes: { name: 'Smith, Ann', given_name: 'Ann' }, username: 'ann' },
    requiredFactors: ['otp-phone'],
  });
  expect((await shown('bob')).methods).toEqual(['emailpassword cog.bob@example.com']);
});

it('firebase: auth:export', async () => {
  const { reports } = await run('firebase.json', 'firebase');
  expect(reports).toEqual([
    { line: 1, id: 'fbUser1', status: 'created' },
    { line: 2, id: 'fbUser2', status: 'created' },
  ]);
  expect(await shown('fbUser1')).toMatchObject({
    methods: [
      'emailpassword fb.one@example.com verified',
      'passwordless +36303330001 verified',
      'thirdparty google|998877 fb.one@example.com verified',
    ],
    metadata: { plan: 'paid', profile: { displayName: 'One' } },
    requiredFactors: ['otp-phone'],
    timeJoined: 1486324080000,
  });
  expect(await shown('fbUser2')).toMatchObject({ methods: ['passwordless +36303330002 verified'], status: 'disabled' });
  expect((await stepgate.browser().signIn('fb.one@example.com', 'user1password')).body.status).toBe('OK');
});

it('firebase: refuses hashes without the parameters of the project', async () => {
  const { reports } = await imported(stepgate.app(), sample('firebase.json'), {
    format: 'firebase',
    dryRun: true,
    firebase: undefined,
  });
  expect(reports[0]).toEqual({
    line: 1,
    status: 'refused',
    reason: "loginMethods.0.passwordHash: Firebase's hashes need the project's hash parameters",
  });
});

describe('files that are not what they should be', () => {
  it.each<[string, Format, string, [number, RegExp][]]>([
    ['JSON without users', 'supertokens', '{"user":[]}', [[1, /no list named users/]]],
    ['users that are no list', 'supertokens', '{"users":7}', [[1, /no list named users/]]],
    [
      'half a JSON document',
      'supertokens',
      '{"users":[{"loginMethods":7},{"login',
      [[1, /not JSON with a list of users from here on/]],
    ],
    ['a list of other things', 'firebase', '[7]', [[1, /^user: /]]],
    ['an empty file', 'cognito', '', [[1, /no users/]]],
    ['CSV with a ragged row', 'cognito', 'email,cognito:username\na@example.com,a,b\n', [[2, /not CSV/]]],
    [
      'NDJSON that is not',
      'auth0',
      '{"email":"x@example.com"\n7\n',
      [
        [1, /not valid JSON/],
        [2, /^user: /],
      ],
    ],
  ])('%s', async (_, format, text, expected) => {
    const { reports } = await imported(stepgate.app(), chunked(text, 5), { format });
    expect(reports.map(({ line, status }) => [line, status])).toEqual(expected.map(([line]) => [line, 'refused']));
    for (const [i, [, reason]] of expected.entries()) expect(reports[i]?.reason).toMatch(reason);
  });
});

describe('names that every object has', () => {
  it.each(['__proto__', 'constructor', 'toString'])(
    'a role at the tenant %s costs its own line alone',
    async (name) => {
      const user = (id: string, tenantIds: readonly string[]) => ({
        externalUserId: id,
        userRoles: [{ role: 'clerk', tenantIds }],
        loginMethods: [{ recipeId: 'emailpassword', email: `${id}@example.com`, isVerified: true }],
      });
      const users = [
        user(`odd-${name}`.replaceAll('_', 'x'), [name]),
        user(`even-${name}`.replaceAll('_', 'x'), ['acme']),
      ];
      const { reports } = await imported(stepgate.app(), JSON.stringify({ users }), { format: 'supertokens' });
      expect(reports.map(({ status }) => status)).toEqual(['refused', 'created']);
      expect(reports[0]?.reason).toMatch(/^roles|^tenantIds: there is no tenant/);
    },
  );

  it.each<[Format, unknown]>([
    ['auth0', { user_id: 'constructor|1', email: 'a0-odd@example.com' }],
    ['firebase', { users: [{ localId: 'fb-odd', providerUserInfo: [{ providerId: 'constructor', rawId: '1' }] }] }],
  ])('%s: a provider of such a name cannot move', async (format, file) => {
    const { reports } = await imported(stepgate.app(), JSON.stringify(file), { format });
    expect(reports).toMatchObject([{ status: 'refused', reason: expect.not.stringMatching(/function/) }]);
    expect(JSON.stringify(reports)).not.toMatch(/native code/);
  });

  it('supertokens: a factor of such a name is named as what it is', async () => {
    const loginMethods = [{ recipeId: 'emailpassword', email: 'st-odd@example.com' }];
    const userMetadata = { _supertokens: { requiredSecondaryFactors: ['constructor'] } };
    const users = [{ externalUserId: 'st-odd', userMetadata, loginMethods }];
    const { reports } = await imported(stepgate.app(), JSON.stringify({ users }), { format: 'supertokens' });
    expect(reports).toMatchObject([
      {
        line: 1,
        status: 'created',
        notes: [expect.any(String), expect.stringMatching(/^requiredFactors: constructor is/)],
      },
    ]);
  });
});
