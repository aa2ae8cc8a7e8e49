import { beforeAll, describe, expect, it } from 'vitest';
import { overriding } from '../../shared/on-first-use.ts';
import { hashSync } from 'bcryptjs';
import { createHash } from 'node:crypto';
import { canonical } from '../../shared/import/to-record.ts';
import { readers } from '../../shared/import/readers.ts';
import { everyItem, itemsUnder } from '../support/otp.ts';
import { chunked, imported, lines } from '../support/importing.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const HASH = hashSync(PASSWORD, 4);
const withPassword = (email: string, about: object = {}) => ({
  loginMethods: [{ recipeId: 'emailpassword', email, passwordHash: HASH, ...about }],
});
const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `${name}-${i}`, ...withPassword(`${name}-${i}@example.com`) }));
const run = (records: readonly unknown[], about: Parameters<typeof imported>[2] = {}) =>
  imported(stepgate.app(), lines(records), about);
const statuses = ({ reports }: Awaited<ReturnType<typeof run>>) => reports.map(({ status }) => status);
/** Everything in the table, as one number. */
const everything = async () => {
  const items = (await everyItem(stepgate)).map((item) =>
    canonical(
      Object.fromEntries(Object.entries(item).map(([k, value]) => [k, value instanceof Set ? [...value] : value])),
    ),
  );
  return createHash('sha256').update(items.toSorted().join()).digest('hex');
};

beforeAll(async () => {
  await stepgate.tenant('acme', {});
  await stepgate.tenant('broken', { firstFactors: 'all' });
});

describe('the same file again', () => {
  it('changes nothing, and says so', async () => {
    const records = [
      ...many('again', 5),
      withPassword('no-id@example.com'),
      { ...withPassword('plain@example.com', { passwordHash: undefined, password: PASSWORD }) },
    ];
    expect((await run(records)).summary).toMatchObject({ created: 7, unchanged: 0, refused: 0, resumeAfter: 7 });
    const before = await everything();
    expect((await run(records)).summary).toMatchObject({ created: 0, unchanged: 7, refused: 0 });
    expect(await everything()).toBe(before);
  });

  it('leaves alone what users did since: they signed in, and were given a role', async () => {
    const [record] = many('lived', 1);
    await run([record]);
    await stepgate.browser().signIn('lived-0@example.com', PASSWORD);
    await stepgate.app().userAdmin.setRole('lived-0', 'public', 'admin', true);
    expect(statuses(await run([record]))).toEqual(['unchanged']);
    expect((await stepgate.app().users.load('lived-0'))?.roles).toEqual({ public: ['admin'] });
  });

  it('at the same time, many times over: each user is made once', async () => {
    const records = many('parallel', 30);
    const runs = await Promise.all([1, 2, 3, 4].map(() => run(records)));
    expect(runs.map(({ summary }) => summary.refused)).toEqual([0, 0, 0, 0]);
    expect(runs.reduce((sum, { summary }) => sum + summary.created, 0)).toBe(30);
    expect(await itemsUnder(stepgate, 'AUDIT#parallel-')).toHaveLength(30);
  });

  it('after a crash in the middle: the rest is made, and nothing twice', async () => {
    const records = many('crash', 20);
    const app = stepgate.app();
    let writes = 0;
    const imports = overriding(app.imports, {
      create: (step) => {
        writes += 1;
        if (writes > 9) return Promise.reject(new Error('the machine is gone'));
        return app.imports.create(step);
      },
    });
    await expect(imported({ ...app, imports }, lines(records), { concurrency: 4 })).rejects.toThrow(
      'the machine is gone',
    );
    const { summary } = await run(records);
    expect(summary).toMatchObject({ created: 11, unchanged: 9, refused: 0 });
    expect(await itemsUnder(stepgate, 'AUDIT#crash-')).toHaveLength(20);
  });

  it('after a lost reply: a user that was made is told as made', async () => {
    const app = stepgate.app();
    let lost = false;
    const imports = overriding(app.imports, {
      create: async (step) => {
        const outcome = await app.imports.create(step);
        if (lost) return outcome;
        lost = true;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
    });
    const { reports } = await imported({ ...app, imports }, lines(many('lost', 1)));
    expect(reports).toEqual([{ line: 1, id: 'lost-0', status: 'created' }]);
  });

  it('throttled for a while: every line is done in the end', async () => {
    const app = stepgate.app();
    let calls = 0;
    const imports = overriding(app.imports, {
      create: (step) => {
        calls += 1;
        return calls % 3 === 0
          ? app.imports.create(step)
          : Promise.reject(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
      },
    });
    const { summary } = await imported({ ...app, imports }, lines(many('slow', 6)), { concurrency: 1 });
    expect(summary).toMatchObject({ created: 6, refused: 0 });
  });
});

describe('going on', () => {
  it('skips what was done, and tells how far it came', async () => {
    const records = many('resume', 6);
    let begun = 0;
    const first = await run(records, { concurrency: 1, isOver: () => (begun += 1) > 2 });
    expect(first.summary).toMatchObject({ created: 2, resumeAfter: 2, isCutShort: true });
    const second = await run(records, { resumeAfter: first.summary.resumeAfter });
    expect(second.reports.map(({ line }) => line)).toEqual([3, 4, 5, 6]);
    expect(second.summary).toMatchObject({ created: 4, resumeAfter: 6, isCutShort: false });
  });

  it('holds no more of a file than it works on', async () => {
    let read = 0;
    let done = 0;
    let ahead = 0;
    async function* endless() {
      for (const [i, record] of many('window', 200).entries()) {
        read = i + 1;
        ahead = Math.max(ahead, read - done);
        yield `${JSON.stringify(record)}\n`;
      }
    }
    await imported(stepgate.app(), endless(), { concurrency: 4, dryRun: true, onLine: () => (done += 1) });
    expect(read).toBe(200);
    expect(ahead).toBeLessThanOrEqual(6);
  });
});

describe('accounts that are there', () => {
  it('are never overwritten: a line that says otherwise is refused, naming what differs', async () => {
    const [record] = many('differs', 1);
    await run([record]);
    const before = await everything();
    const told = [
      ...(
        await run([{ ...record, metadata: { plan: 'paid' }, roles: ['admin'], ...withPassword('other@example.com') }])
      ).reports,
      ...(await run([{ ...record, status: 'disabled' }])).reports,
    ];
    expect(told.map(({ status, reason }) => [status, reason])).toEqual([
      ['refused', 'differs: there is a user of this id with other metadata, roles, loginMethods'],
      ['refused', 'differs: there is a user of this id with other status'],
    ]);
    expect(await everything()).toBe(before);
  });

  it('keep their addresses: that line is refused, and the rest goes on', async () => {
    await stepgate.user('mine@example.com');
    const { reports } = await run([
      { id: 'thief', ...withPassword('Mine@Example.com') },
      { id: 'honest', ...withPassword('yours@example.com') },
    ]);
    expect(reports).toEqual([
      {
        line: 1,
        id: 'thief',
        status: 'refused',
        reason: "loginMethods: the address of a password is another account's in tenant public",
      },
      { line: 2, id: 'honest', status: 'created' },
    ]);
    expect(await stepgate.app().users.load('thief')).toBeUndefined();
  });

  it('are met by a dry run, which writes nothing', async () => {
    await stepgate.user('held@example.com');
    await run(many('there', 1));
    const before = await everything();
    const result = await run(
      [{ id: 'dry-1', ...withPassword('held@example.com') }, ...many('there', 1), ...many('dry', 1), {}],
      { dryRun: true },
    );
    expect(statuses(result)).toEqual(['refused', 'unchanged', 'created', 'refused']);
    expect(await everything()).toBe(before);
  });
});

describe('lines that are wrong', () => {
  const good = withPassword('good@example.com');
  it.each<[string, unknown, string]>([
    [
      'a backup code that is none',
      { ...good, backupCodes: { macs: ['short'], kid: 'r1', createdAt: 0 } },
      'backupCodes.macs.0: is not the MAC of a code',
    ],
    ['no ways to sign in', { loginMethods: [] }, 'loginMethods: must hold one way to sign in at least'],
    ['a member nobody knows', { ...good, role: 'admin' }, 'role: is not a member we know'],
    ['an id that cannot be one', { ...good, id: 'a b' }, 'id: is not a user id: 1 to 128 of A-Z a-z 0-9 . _ : @ + - |'],
    ['an address that is none', withPassword('nobody'), 'loginMethods.0.email: is not an address'],
    [
      'a password without an address',
      { loginMethods: [{ recipeId: 'emailpassword' }] },
      'loginMethods.0.email: is missing',
    ],
    [
      'a landline',
      { loginMethods: [{ recipeId: 'passwordless', phoneNumber: '+36 1 234 5678' }] },
      'loginMethods.0.phoneNumber: is not a mobile number',
    ],
    [
      'both contacts',
      { loginMethods: [{ recipeId: 'passwordless', email: 'a@example.com', phoneNumber: '+36301234567' }] },
      'loginMethods.0.email: or phoneNumber must be there, and not both',
    ],
    [
      'no provider',
      { loginMethods: [{ recipeId: 'thirdparty', email: 'a@example.com' }] },
      'loginMethods.0.thirdParty: is missing',
    ],
    [
      'a hash of nothing known',
      withPassword('a@example.com', { passwordHash: 'md5:abc' }),
      'loginMethods.0.passwordHash: is a hash of no known kind',
    ],
    [
      'two ways of one address',
      { loginMethods: [...good.loginMethods, ...good.loginMethods] },
      'loginMethods: two are found by the same contact',
    ],
    ['a tenant that is not there', { ...good, tenantIds: ['nowhere'] }, 'tenantIds: there is no tenant nowhere'],
    ['a tenant that is malformed', { ...good, tenantIds: ['broken'] }, 'tenantIds: tenant broken is malformed'],
    [
      'a way of a tenant the user is not of',
      { ...withPassword('a@example.com', { tenantIds: ['acme'] }), tenantIds: ['public'] },
      'loginMethods.0.tenantIds: has a tenant that the user is not of',
    ],
    [
      'roles of a tenant that is not there',
      { ...good, roles: { nowhere: ['admin'] } },
      'tenantIds: there is no tenant nowhere',
    ],
    [
      'a seed that is none',
      { ...good, totpDevices: [{ secret: '189' }] },
      'totpDevices.0.secret: must be base 32 of 10 to 130 bytes',
    ],
    [
      'two apps of one name',
      { ...good, totpDevices: ['A', 'B'].map((c) => ({ name: 'app', secret: c.repeat(32) })) },
      'totpDevices: two have the same name',
    ],
    ['too much metadata', { ...good, metadata: { text: 'x'.repeat(9_000) } }, 'metadata: is larger than 8 KB'],
    [
      'a time that is none',
      { ...good, timeJoined: 'yesterday' },
      'timeJoined: must be epoch milliseconds or an ISO date and time',
    ],
    ['no object', 7, 'record: Invalid type: Expected Object'],
  ])('%s: is refused with the member and the reason, and never with a value', async (_, record, reason) => {
    const { reports } = await run([record]);
    expect(reports).toEqual([{ line: 1, status: 'refused', reason }]);
  });

  it.each<[string, string, string]>([
    ['not JSON', '{"loginMethods":', 'the line is not valid JSON'],
    ['half a character', '{"id":"\\ud800"}', 'it holds half a character'],
    ['a prototype', '{"metadata":{"__proto__":{}}}', 'it has a member named __proto__'],
    ['longer than a user', `{"id":"${'x'.repeat(300_000)}"}`, 'the line is longer than 256 KB'],
  ])('%s: by the number of its line, and the others are taken', async (name, text, reason) => {
    const id = `beside-${name.replaceAll(' ', '-')}`;
    const file = `\uFEFF\n${text}\r\n\n${JSON.stringify({ id, ...withPassword(`${id}@example.com`) })}`;
    const { reports } = await imported(stepgate.app(), chunked(file, 1000));
    expect(reports).toEqual([
      { line: 2, status: 'refused', reason },
      { line: 4, id, status: 'created' },
    ]);
  });

  it('more than one transaction holds is refused whole', async () => {
    const tenantIds = Array.from({ length: 40 }, (_, i) => `t${i}`);
    for (const id of tenantIds) await stepgate.tenant(id, {});
    const loginMethods = [1, 2].map((i) => ({ recipeId: 'passwordless', email: `wide-${i}@example.com` }));
    const { reports } = await run([{ id: 'wide', tenantIds, loginMethods }]);
    expect(reports).toEqual([
      {
        line: 1,
        id: 'wide',
        status: 'refused',
        reason: 'has more methods, tenants and roles than one transaction holds',
      },
    ]);
  });

  it('says which required factor no tenant of the user offers', async () => {
    const { reports } = await run([
      { id: 'unoffered', ...withPassword('unoffered@example.com'), requiredFactors: ['webauthn'] },
    ]);
    expect(reports[0]?.notes).toEqual(["requiredFactors: webauthn is offered by none of the user's tenants"]);
  });

  it('reads a file of bytes that are cut in the middle of a character', async () => {
    const bytes = Buffer.from(
      JSON.stringify({ id: 'utf8', ...withPassword('utf8@example.com'), metadata: { name: 'Gyöngyvér 🐝' } }),
    );
    async function* bytewise() {
      for (const byte of bytes) yield Buffer.of(byte);
    }
    for await (const line of readers.ndjson(bytewise()))
      expect(line).toMatchObject({ record: { metadata: { name: 'Gyöngyvér 🐝' } } });
  });
});
