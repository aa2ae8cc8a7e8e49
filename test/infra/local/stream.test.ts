/** Real records of the embedded DynamoDB, as Lambda would hand them on: what a person writes is looked at. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { keepAdopting } from '../../../infra/local/adoption.ts';
import { ensureTable, startDynamo, type RunningDynamo } from '../../../infra/local/dynamodb.ts';
import { followStream } from '../../../infra/local/stream.ts';
import { pointAwsAt } from '../../../shared/aws-env.ts';
import { allPorts, type App } from '../../../shared/app.ts';
import { readConfig } from '../../../shared/config.ts';
import { changedTenants } from '../../../shared/dynamo/tenant-changes.ts';

vi.setConfig({ testTimeout: 30_000 });

let dynamo: RunningDynamo;
let client: DynamoDBClient;
let db: DynamoDBDocumentClient;

beforeAll(async () => {
  dynamo = await startDynamo();
  pointAwsAt({ dynamodb: dynamo.endpoint }, process.env);
  client = new DynamoDBClient({});
  db = DynamoDBDocumentClient.from(client);
  await ensureTable(client, 'followed', { hasStream: true });
  await ensureTable(client, 'quiet');
});
afterAll(async () => {
  client.destroy();
  await dynamo.stop();
});

const put = (pk: string, sk: string, attributes: object = {}) =>
  db.send(new PutCommand({ TableName: 'followed', Item: { ...attributes, pk, sk } }));

describe('followStream', () => {
  it('hands on what was written before and after it began, once, by its keys alone', async () => {
    await put('TENANT#before', 'CONFIG', { name: 'a secret' });
    const stop = new AbortController();
    const heard: unknown[] = [];
    const following = followStream(
      { endpoint: dynamo.endpoint, tableName: 'followed', everyMs: 20, signal: stop.signal },
      async ({ Records }) => void heard.push(...Records),
    );
    await vi.waitFor(() => expect(heard).toHaveLength(1), { timeout: 20_000 });
    await put('USER#u1', 'PROFILE');
    await put('TENANT#after', 'CONFIG');
    await vi.waitFor(() => expect(heard).toHaveLength(3), { timeout: 20_000 });
    stop.abort();
    await following;
    expect(JSON.stringify(heard)).not.toContain('secret');
    expect(changedTenants({ Records: heard })).toEqual(['before', 'after']);
  });

  it('ends at once where the table has no stream', async () => {
    const options = { endpoint: dynamo.endpoint, tableName: 'quiet', signal: new AbortController().signal };
    await followStream(options, () => Promise.reject(new Error('nothing to hear')));
  });

  it('throws what a batch throws', async () => {
    const options = { endpoint: dynamo.endpoint, tableName: 'followed', everyMs: 20 };
    await expect(followStream(options, () => Promise.reject(new Error('not this one')))).rejects.toThrow(
      'not this one',
    );
  });
});

describe('changedTenants', () => {
  it.each([undefined, null, {}, { run: 'rotate' }, { Records: 'none' }, { Records: [{ dynamodb: {} }] }])(
    'says of %j that it is no batch of a stream',
    (event) => expect(changedTenants(event)).toBeUndefined(),
  );

  it('says of an empty one that there is nothing to do', () => expect(changedTenants({ Records: [] })).toEqual([]));
});

it('the local run records and lists what is written by hand, without anybody looking', async () => {
  const config = readConfig({
    TABLE_NAME: 'followed',
    KMS_KEY_ID: 'alias/stepgate-test',
    PUBLIC_URL: 'http://localhost:3001',
    MAIL_FROM: 'a@example.com',
  });
  const log = { info: () => {}, error: () => {} };
  const app: App = allPorts(config, { clock: { now: () => Date.now() }, log });
  const stop = new AbortController();
  keepAdopting(app, { dynamodb: dynamo.endpoint, signal: stop.signal });
  await put('TENANT#hand', 'CONFIG', { mfaPolicy: { rules: [] } });
  await vi.waitFor(
    async () => {
      expect(await app.tenantList.list()).toContain('hand');
      expect(await app.policies.list('hand', 5, undefined)).toMatchObject([{ version: 1, via: 'hand' }]);
    },
    { timeout: 20_000, interval: 50 },
  );
  stop.abort();
  app.table.db.destroy();
});
