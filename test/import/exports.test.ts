/**
 * Files as other systems write them, beside the shapes of readers.test.ts: their CSVs, lists of their own imports, what
 * their parameters stand in. docs/import-export.md names where each shape is documented.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Format } from '../../shared/import/readers.ts';
import { chunked, imported, sample, shownUser } from '../support/importing.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(async () => {
  await stepgate.tenant('public', { secondFactors: ['otp-email', 'otp-phone', 'totp'] });
  await stepgate.tenant('acme', {});
});

const run = (name: string, format: Format, about: Parameters<typeof imported>[2] = {}) =>
  imported(stepgate.app(), sample(name), { format, ...about });
const shown = (id: string) => shownUser(stepgate, id);
const told = ({ reports }: Awaited<ReturnType<typeof run>>) =>
  reports.map(({ line, id, status, reason, notes }) => [line, id, status, reason, notes]);
const signsIn = async (email: string, password = PASSWORD, tenantId = 'public') =>
  (await stepgate.browser('cookie', tenantId).signIn(email, password)).body.status;

describe('auth0', () => {
  it('its CSV, with a byte order mark, CRLF and quotes', async () => {
    expect(told(await run('auth0.csv', 'auth0'))).toEqual([
      [2, 'auth0|csv1', 'created', undefined, ['loginMethods.0: has no password, its owner sets one by a reset']],
      [3, 'google-oauth2|10990001', 'created', undefined, undefined],
      [4, 'auth0|csv3', 'created', undefined, ['loginMethods.0: has no password, its owner sets one by a reset']],
    ]);
    expect(await shown('auth0|csv1')).toMatchObject({
      methods: ['emailpassword a0.csv.one@example.com verified'],
      metadata: { plan: 'paid', user_metadata: { country: 'HU' }, profile: { name: 'Nagy, "Kis" Ödön' } },
      timeJoined: Date.parse('2021-03-05T16:34:44.775Z'),
      status: 'active',
    });
    expect(await shown('google-oauth2|10990001')).toMatchObject({
      methods: ['thirdparty google|10990001 a0.csv.two@gmail.com verified'],
      status: 'disabled',
    });
  });

  it('the list that its own import takes, with hashes of other systems', async () => {
    expect(told(await run('auth0-import.json', 'auth0'))).toEqual([
      [1, 'auth0|list1', 'created', undefined, undefined],
      [2, 'auth0|list2', 'created', undefined, undefined],
      [3, 'auth0|list3', 'created', undefined, undefined],
      [
        4,
        'auth0|list4',
        'created',
        undefined,
        [
          'custom_password_hash: is of an algorithm that is not taken; its owner sets a password by a reset',
          'loginMethods.0: has no password, its owner sets one by a reset',
        ],
      ],
    ]);
    for (const name of ['one', 'two', 'three']) expect(await signsIn(`a0.list.${name}@example.com`)).toBe('OK');
    expect(await shown('auth0|list1')).toMatchObject({
      metadata: {
        plan: 'paid',
        note: '🐝 日本語',
        profile: { given_name: 'Gyöngyvér', family_name: "Ő'Brien-Żak", username: 'list_one' },
      },
    });
    expect(await shown('auth0|list4')).toMatchObject({
      methods: ['emailpassword a0.list.four@example.com', 'passwordless a0.list.other@example.com verified'],
      requiredFactors: ['otp-email'],
    });
  });
});

describe('cognito', () => {
  it("the CSV of its import, as Cognito wants it: commas behind backslashes, no quotes, blanks that don't count", async () => {
    const result = await run('cognito-import.csv', 'cognito');
    expect(told(result).map(([line, id, status]) => [line, id, status])).toEqual([
      [2, 'john', 'created'],
      [3, 'jane', 'created'],
      [4, expect.stringMatching(/^[0-9a-f]{8}-/), 'created'],
    ]);
    expect(await shown('john')).toMatchObject({
      methods: ['emailpassword cog.john@example.com verified'],
      metadata: { attributes: { address: '123 Any Street, 4th floor', plan: 'paid', birthdate: '02/01/1985' } },
      requiredFactors: [],
    });
    expect(await shown('jane')).toMatchObject({
      methods: ['emailpassword cog.jane@example.com verified', 'passwordless +36302220012 verified'],
      metadata: { attributes: { name: 'Jane Röe' } },
      requiredFactors: ['otp-phone'],
    });
    // A name that cannot be an id is kept all the same.
    expect(await shown(result.reports[2]!.id!)).toMatchObject({
      methods: ['passwordless +36302220013 verified'],
      metadata: { username: '田中' },
    });
  });

  it('however the chunks of it are cut', async () => {
    const text = await new Response(
      new Blob([await Array.fromAsync(sample('cognito-import.csv')).then((all) => Buffer.concat(all))]),
    ).text();
    for (const size of [1, 2, 3, 7]) {
      const { summary } = await imported(stepgate.app(), chunked(text, size), { format: 'cognito' });
      expect(summary).toMatchObject({ unchanged: 3, refused: 0 });
    }
  });

  it('AdminGetUser with the groups of AdminListGroupsForUser beside it', async () => {
    expect(told(await run('cognito-groups.json', 'cognito', { tenantId: 'acme' }))).toEqual([
      [
        1,
        '7a1b6c1e-0000-4000-8000-000000000009',
        'created',
        undefined,
        [
          'Groups.1: its name is none of a role, and it was left out',
          'loginMethods.0: has no password, its owner sets one by a reset',
        ],
      ],
    ]);
    expect(await shown('7a1b6c1e-0000-4000-8000-000000000009')).toMatchObject({
      roles: { acme: ['admins'] },
      requiredFactors: ['otp-email'],
    });
  });
});

describe('firebase', () => {
  it('its CSV, which has no header', async () => {
    expect(told(await run('firebase.csv', 'firebase'))).toEqual([
      [1, 'fbCsv1', 'created', undefined, undefined],
      [2, 'fbCsv2', 'created', undefined, undefined],
    ]);
    expect(await shown('fbCsv1')).toMatchObject({
      methods: ['emailpassword fb.csv.one@example.com verified', 'thirdparty google|7700001 fb.csv.one@gmail.com'],
      metadata: { plan: 'paid', tags: ['a', 'b'], profile: { displayName: 'Kovács, Ágnes' } },
      timeJoined: 1486324080000,
      status: 'active',
    });
    expect(await shown('fbCsv2')).toMatchObject({
      methods: ['passwordless +36303330012 verified'],
      status: 'disabled',
    });
    expect(await signsIn('fb.csv.one@example.com', 'user1password')).toBe('OK');
  });

  it("the project's parameters in the file, and base64 of either alphabet", async () => {
    expect(told(await run('firebase-config.json', 'firebase', { firebase: undefined }))).toEqual([
      [1, 'fbConfig1', 'created', undefined, undefined],
      [
        2,
        'fbConfig2',
        'created',
        undefined,
        ['mfaInfo: Firebase gives out no seeds of apps; another code is asked for until one is set up'],
      ],
    ]);
    for (const name of ['config', 'app']) {
      expect(await signsIn(`fb.${name}@example.com`, 'user1password')).toBe('OK');
    }
    expect((await shown('fbConfig2')).requiredFactors).toEqual(['otp-email']);
  });
});

it('supertokens: what a core lists of an import that waits', async () => {
  const id = '9d4b2a1c-0000-4000-8000-00000000000b';
  expect(told(await run('supertokens-listed.json', 'supertokens'))).toEqual([
    [1, id, 'created', undefined, undefined],
    [2, expect.any(String), 'created', undefined, undefined],
  ]);
  expect(await shown(id)).toMatchObject({
    methods: ['emailpassword st.listed@example.com verified', 'passwordless +36301234599 verified'],
    metadata: { name: 'Łukasz 🐝' },
    roles: { acme: ['support'], public: ['support'] },
    apps: ['my phone'],
    isPrimaryUser: true,
    tenantIds: expect.toSatisfy((ids: string[]) => ids.toSorted().join() === 'acme,public'),
  });
  const user = await stepgate.app().users.load(id);
  // The primary way's id is the user's; the others keep theirs.
  expect(user?.loginMethods.map(({ recipeUserId }) => recipeUserId.slice(-1))).toEqual(['a', 'b']);
  expect(await signsIn('st.listed@example.com', PASSWORD, 'acme')).toBe('OK');
});
