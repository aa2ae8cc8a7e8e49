/** What schedule and stream have done, with the rights of the role in the template: everything it needs, and no user. */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pointAwsAt } from '../../shared/aws-env.ts';
import { stepgateApp } from '../../infra/stack.ts';
import { profileKey, tenantKey } from '../../shared/dynamo/keys.ts';
import { openTable } from '../../shared/dynamo/table-client.ts';
import type { Adoption } from '../../shared/policies/adopt-everywhere.ts';
import { fence, tableRights } from '../support/fence.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const POLICY = { rules: [{ id: 'all', require: ['otp-email'] }] };
let handler: (event?: unknown) => Promise<Adoption>;
let fenced: Awaited<ReturnType<typeof fence>>;

beforeAll(async () => {
  const { app, stack } = stepgateApp({}, { builtinCloudFormationValidation: false });
  const rights = tableRights(app.synth().getStackByName(stack.stackName).template.Resources);
  const own = [...rights.keys()].find((id) => id.startsWith('StepgatepoliciesFunction'));
  fenced = await fence(process.env['AWS_ENDPOINT_URL_DYNAMODB']!, rights);
  pointAwsAt({ dynamodb: fenced.endpoint }, process.env);
  process.env['AWS_ACCESS_KEY_ID'] = own;
  const { config } = stepgate.app();
  for (const name of ['TABLE_NAME', 'KMS_KEY_ID', 'PUBLIC_URL', 'MAIL_FROM'] as const) process.env[name] = config[name];
  ({ handler } = await import('../../functions/policies/index.ts'));
}, 60_000);
afterAll(() => fenced?.stop());

const versionsOf = async (tenantId: string) =>
  (await stepgate.browser().get(`/admin/tenants/${tenantId}/policy/versions`)).body.versions;

it('makes versions of what was edited by hand, once, and of nothing else', async () => {
  for (let i = 0; i < 25; i += 1) await stepgate.browser().put(`/admin/tenants/quiet-${i}`, { name: 'Quiet' });
  await stepgate.browser().put('/admin/tenants/busy', { mfaPolicy: { rules: [] } });
  expect(await handler()).toEqual({ tenants: 27, adopted: 0, malformed: 0, failed: 0 });

  await stepgate.tenant('busy', { mfaPolicy: POLICY });
  await stepgate.tenant('public', { mfaPolicy: POLICY });
  expect(await handler()).toEqual({ tenants: 27, adopted: 2, malformed: 0, failed: 0 });
  expect(await handler()).toEqual({ tenants: 27, adopted: 0, malformed: 0, failed: 0 });
  expect(await versionsOf('busy')).toMatchObject([{ version: 2, via: 'hand' }, { version: 1 }]);
  expect(await versionsOf('public')).toMatchObject([{ version: 1, via: 'hand' }]);
  expect(fenced.denials).toEqual([]);
});

it('takes a tenant that is closed for one more, and records what closed it', async () => {
  await stepgate.tenant('busy', { mfaPolicy: { rules: 'none' } });
  expect(await handler()).toEqual({ tenants: 27, adopted: 1, malformed: 1, failed: 0 });
  // Nobody has to sign in for it to ring, every day until it is mended.
  expect(await handler()).toEqual({ tenants: 27, adopted: 0, malformed: 1, failed: 0 });
  expect((await versionsOf('busy'))[0]).toMatchObject({ version: 3, via: 'hand', isInvalid: true });
});

it('fails where a tenant cannot be looked at, after it looked at the others', async () => {
  const { table } = stepgate.app();
  const { Item: item } = await table.db.send(new GetCommand({ TableName: table.name, Key: tenantKey('busy') }));
  // A version without what makes one, as only somebody with the table in hand can leave it.
  await stepgate.put({ pk: item?.['pk'], sk: 'POLICY#000009' });
  await stepgate.tenant('quiet-1', { mfaPolicy: POLICY });
  await expect(handler()).rejects.toThrow('1 of 27 tenants could not be looked at');
  expect(await versionsOf('quiet-1')).toMatchObject([{ version: 1, via: 'hand' }]);
});

const keysOf = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });
const change = (tenantId: string, about: { readonly eventName?: string; readonly sk?: string } = {}) => ({
  eventID: 'e',
  eventName: about.eventName ?? 'INSERT',
  eventSource: 'aws:dynamodb',
  dynamodb: { Keys: keysOf(`TENANT#${tenantId}`, about.sk ?? 'CONFIG'), SequenceNumber: '1' },
});
const listed = () => stepgate.app().tenantList.list();

it('looks at tenants that were just written, whom nobody ever opened, and at no other', async () => {
  await stepgate.tenant('written', { mfaPolicy: POLICY });
  await stepgate.tenant('plain', { name: 'Plain' });
  await stepgate.tenant('misspelt', { requiredSecondaryFactor: ['totp'] });
  await stepgate.tenant('quiet-2', { mfaPolicy: POLICY });
  const Records = ['written', 'plain', 'written', 'misspelt'].map((id) => change(id));
  expect(await handler({ Records })).toEqual({ tenants: 3, adopted: 1, malformed: 1, failed: 0 });
  expect(await listed()).toEqual(expect.arrayContaining(['misspelt', 'plain', 'written']));
  expect(await stepgate.app().policies.list('written', 5, undefined)).toMatchObject([{ version: 1, via: 'hand' }]);
  expect(await stepgate.app().policies.list('quiet-2', 5, undefined)).toEqual([]);
  // Told twice, as a stream may, it does nothing more.
  expect(await handler({ Records })).toEqual({ tenants: 3, adopted: 0, malformed: 1, failed: 0 });
  expect(fenced.denials).toEqual([]);
});

it('enlists nobody who is not there', async () => {
  const Records = [change('gone'), change('public', { eventName: 'MODIFY' })];
  expect(await handler({ Records })).toEqual({ tenants: 2, adopted: 0, malformed: 0, failed: 0 });
  expect(await listed()).not.toContain('gone');
  expect(await listed()).not.toContain('public');
});

it('tells of an item under a key that is no tenant’s, which no request ever reads, and does not list it', async () => {
  await stepgate.put({ pk: 'TENANT#Acme', sk: 'CONFIG' });
  expect(await handler({ Records: [change('Acme')] })).toEqual({ tenants: 1, adopted: 0, malformed: 1, failed: 0 });
  expect(await listed()).not.toContain('Acme');
});

it('leaves alone what a pattern that was changed by hand would let through', async () => {
  const Records = [
    change('plain', { eventName: 'REMOVE' }),
    change('plain', { sk: 'POLICY#000001' }),
    { ...change('plain'), dynamodb: { Keys: keysOf('USER#somebody', 'CONFIG') } },
  ];
  expect(await handler({ Records })).toEqual({ tenants: 0, adopted: 0, malformed: 0, failed: 0 });
});

it('fails where one of the batch cannot be looked at, so that Lambda halves it, and has looked at the rest', async () => {
  await stepgate.put({ pk: 'TENANT#broken', sk: 'CONFIG', mfaPolicy: POLICY });
  await stepgate.put({ pk: 'TENANT#broken', sk: 'POLICY#000009' });
  await stepgate.tenant('whole', { mfaPolicy: POLICY });
  const Records = [change('broken'), change('whole')];
  await expect(handler({ Records })).rejects.toThrow('1 of 2 tenants could not be looked at');
  expect(await versionsOf('whole')).toMatchObject([{ version: 1, via: 'hand' }]);
  expect(await listed()).toContain('broken');
});

it('could write no membership of a tenant', async () => {
  const { db, name } = openTable(stepgate.app().table.name);
  const put = new PutCommand({ TableName: name, Item: { pk: 'MEMBER#acme#00', sk: 'somebody' } });
  await expect(db.send(put)).rejects.toThrow('fenced');
  db.destroy();
});

it('could read no user', async () => {
  const { db, name } = openTable(stepgate.app().table.name);
  await expect(db.send(new GetCommand({ TableName: name, Key: profileKey('somebody') }))).rejects.toThrow('fenced');
  db.destroy();
});
