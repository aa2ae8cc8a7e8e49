import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundPort } from '../../../infra/local/ports.ts';
import { checkTable } from '../../../shared/doctor/table.ts';

/** The embedded database knows neither backups nor protection: a server says what DynamoDB would. */

const TARGET = 'DynamoDB_20120810.';
let answers: Readonly<Record<string, object>> = {};
let server: Server;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).slice(TARGET.length);
    const answer = answers[operation];
    response.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
    const denied = { __type: 'AccessDeniedException', message: `is not authorized to perform: dynamodb:${operation}` };
    response.end(JSON.stringify(answer ?? denied));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  dynamo = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${boundPort(server)}`,
    region: 'eu-central-1',
    credentials,
  });
});
afterAll(() => {
  dynamo.destroy();
  server.close();
});

const READY = {
  DescribeTable: { Table: { TableStatus: 'ACTIVE', DeletionProtectionEnabled: true } },
  DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } },
  DescribeContinuousBackups: {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 7 },
    },
  },
};

const look = (changed: Readonly<Record<string, object | undefined>>) => {
  answers = Object.fromEntries(
    Object.entries({ ...READY, ...changed }).flatMap(([name, answer]) =>
      answer === undefined ? [] : [[name, answer]],
    ),
  );
  const [kms, ses, sns] = [new KMSClient({}), new SESv2Client({}), new SNSClient({})];
  return checkTable({
    table: { db: DynamoDBDocumentClient.from(dynamo), name: 'stepgate' },
    clients: { dynamo, kms, ses, sns },
  });
};

describe('checkTable', () => {
  it('has nothing to say against a table as the stack makes it', async () => {
    const found = await look({});
    expect(found.map(({ level }) => level)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(found.map(({ says }) => says)).toContain('the table can be brought back to any second of the last 7 days');
  });

  it.each<[string, Readonly<Record<string, object | undefined>>, object]>([
    ['being restored', { DescribeTable: { Table: { TableStatus: 'CREATING' } } }, { id: 'table', level: 'problem' }],
    [
      'without protection',
      { DescribeTable: { Table: { TableStatus: 'ACTIVE' } } },
      { id: 'table-protection', level: 'warning' },
    ],
    [
      'without backups',
      {
        DescribeContinuousBackups: {
          ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' } },
        },
      },
      { id: 'table-backups', level: 'warning' },
    ],
    [
      'without TTL',
      { DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } } },
      { id: 'table-ttl', level: 'warning' },
    ],
    [
      'nobody may ask about',
      { DescribeContinuousBackups: undefined },
      { id: 'access', level: 'unknown', says: expect.stringContaining('dynamodb:DescribeContinuousBackups') },
    ],
  ])('one that is %s', async (_, changed, finding) => {
    expect(await look(changed)).toContainEqual(expect.objectContaining(finding));
  });
});
