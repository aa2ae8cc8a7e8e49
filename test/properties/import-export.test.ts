import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as fc from 'fast-check';
import { hashSync } from 'bcryptjs';
import { beforeAll, expect, it } from 'vitest';
import { seedKeys } from '../../infra/local/sample.ts';
import { ensureTable } from '../../infra/local/dynamodb.ts';
import { allPorts, type App } from '../../shared/app.ts';
import { exportTenants } from '../../shared/import/export-users.ts';
import { canonical } from '../../shared/import/to-record.ts';
import { imported, lines } from '../support/importing.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const HASH = hashSync('x', 4);
const TENANTS = ['public', 'acme', 'beta'];
let tables = 0;

beforeAll(async () => {
  for (const tenantId of TENANTS.slice(1)) await stepgate.tenant(tenantId, {});
});

/** Another deployment: its own table, keys and root secret. */
async function elsewhere(): Promise<App> {
  const name = `elsewhere-${(tables += 1)}`;
  const client = new DynamoDBClient({});
  await ensureTable(client, name);
  client.destroy();
  const app = allPorts({ ...stepgate.app().config, TABLE_NAME: name }, stepgate.app());
  await seedKeys(app);
  for (const tenantId of TENANTS.slice(1)) {
    await app.table.db.send(new PutCommand({ TableName: name, Item: { pk: `TENANT#${tenantId}`, sk: 'CONFIG' } }));
  }
  return app;
}

async function exported(app: App): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const records = await Array.fromAsync(exportTenants(TENANTS, app));
  return records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

const time = fc.integer({ min: 1_500_000_000_000, max: 1_790_000_000_000 });
const someTenants = fc.subarray(TENANTS, { minLength: 1 });
const base32 = fc.string({
  unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.split('')),
  minLength: 32,
  maxLength: 32,
});

/** A user of any shape, whose contacts are its own. */
const aRecord = (n: number) =>
  fc.record(
    {
      id: fc.constant(`user-${tables}-${n}`),
      status: fc.constantFrom('active', 'disabled'),
      timeJoined: time,
      isPrimary: fc.boolean(),
      metadata: fc.dictionary(
        fc.stringMatching(/^[a-z]{1,8}$/),
        fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null), fc.array(fc.string())),
      ),
      loginMethods: someTenants.chain((ids) =>
        fc
          .tuple(
            fc.record({
              recipeId: fc.constant('emailpassword'),
              email: fc.constant(`u${tables}-${n}@example.com`),
              verified: fc.boolean(),
              timeJoined: time,
              tenantIds: fc.constant(ids),
              passwordHash: fc.constant(HASH),
            }),
            fc.option(
              fc.record({
                recipeId: fc.constant('passwordless'),
                phoneNumber: fc.constant(`+3630${String(1_000_000 + tables * 1000 + n)}`),
                verified: fc.boolean(),
                timeJoined: time,
                tenantIds: fc.constant(ids),
              }),
            ),
            fc.option(
              fc.record({
                recipeId: fc.constant('thirdparty'),
                thirdParty: fc.constant({ id: 'google', userId: `${tables}-${n}` }),
                verified: fc.boolean(),
                timeJoined: time,
                tenantIds: fc.constant(ids),
              }),
            ),
          )
          .map((methods) => methods.filter((method) => method !== null)),
      ),
      roles: fc.dictionary(
        fc.constantFrom(...TENANTS),
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 3 }),
      ),
      requiredFactors: fc.subarray(['otp-email', 'otp-phone', 'totp']),
      owedFactors: fc.subarray(['otp-email', 'totp'], { minLength: 1 }),
      totpDevices: fc.uniqueArray(
        fc.record({
          name: fc.stringMatching(/^[A-Za-z 'é]{0,20}[a-z]$/),
          secret: base32,
          period: fc.integer({ min: 10, max: 60 }),
          verified: fc.boolean(),
          lastStep: fc.nat(),
          createdAt: time,
        }),
        { selector: ({ name }) => name, maxLength: 3 },
      ),
      grace: fc.dictionary(
        fc.constantFrom(...TENANTS),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), time, { minKeys: 1 }),
        { minKeys: 1 },
      ),
      exemptions: fc.dictionary(
        fc.constantFrom(...TENANTS),
        fc.record({ until: time, reason: fc.stringMatching(/^[a-z]{1,20}$/) }),
        { minKeys: 1 },
      ),
    },
    { requiredKeys: ['id', 'loginMethods', 'timeJoined'] },
  );

it('what is exported, imported into an empty table and exported again is the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }).chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => aRecord(n)))),
      async (records) => {
        const [here, there] = [await elsewhere(), await elsewhere()];
        const first = await imported(here, lines(records));
        expect(first.reports.filter(({ status }) => status !== 'created')).toEqual([]);
        const before = await exported(here);
        expect(before).toHaveLength(records.length);
        const second = await imported(there, lines(before));
        expect(second.summary).toMatchObject({ created: records.length, refused: 0 });
        expect((await exported(there)).map(canonical)).toEqual(before.map(canonical));
        // Back into where it came from: nothing is other than it says.
        expect((await imported(here, lines(before))).summary).toMatchObject({ unchanged: records.length });
      },
    ),
    { numRuns: 8, endOnFailure: true },
  );
}, 60_000);

it('leaves backup codes of another deployment behind, and says so; takes back its own', async () => {
  const [here, there] = [await elsewhere(), await elsewhere()];
  const { kid } = await here.keys.secrets();
  const record = {
    id: 'paper',
    backupCodes: { macs: ['a'.repeat(43), 'b'.repeat(43)], kid, createdAt: 1 },
    loginMethods: [{ recipeId: 'emailpassword', email: 'paper@example.com', passwordHash: HASH }],
  };
  await imported(here, lines([record]));
  const [line] = await exported(here);
  expect(line).toMatchObject({ backupCodes: record.backupCodes });
  // A root secret's id is when it was made: two of one moment would be told apart by nothing.
  const other = {
    ...there,
    keys: { ...there.keys, secrets: async () => ({ ...(await there.keys.secrets()), kid: 'r-other' }) },
  };
  const { reports } = await imported(other, lines([line]));
  expect(reports[0]?.notes).toEqual(['backupCodes: are of another deployment, and were left out']);
  expect((await there.users.load('paper'))?.backupCodes).toBeUndefined();
});

it('gives the members of one tenant, and of several each user once', async () => {
  const app = await elsewhere();
  const record = (id: string, ids: readonly string[]) => ({
    id,
    loginMethods: [{ recipeId: 'emailpassword', email: `${id}@example.com`, tenantIds: ids, passwordHash: HASH }],
  });
  await imported(app, lines([record('one', ['public']), record('both', ['acme', 'public']), record('two', ['acme'])]));
  const ids = async (tenantIds: readonly string[]) =>
    (await Array.fromAsync(exportTenants(tenantIds, app))).map(({ id }) => id).toSorted();
  expect(await ids(TENANTS)).toEqual(['both', 'one', 'two']);
  expect(await ids(['public'])).toEqual(['both', 'one']);
  expect(await ids(['beta'])).toEqual([]);
});
