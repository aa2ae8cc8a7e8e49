import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTimeToLiveCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { pointAwsAt } from '../../../shared/aws-env.ts';
import { ensureTable, startDynamo } from '../../../infra/local/dynamodb.ts';
import { boundPort } from '../../../infra/local/ports.ts';

const TABLE = 'stepgate';

beforeAll(() => pointAwsAt({}, process.env));

const tablesAt = async (endpoint: string) =>
  (await new DynamoDBClient({ endpoint }).send(new ListTablesCommand({}))).TableNames;

const answers = (endpoint: string): Promise<boolean> =>
  fetch(endpoint).then(
    () => true,
    () => false,
  );

describe('startDynamo', () => {
  it('answers the AWS SDK until it is stopped, and may be stopped twice', async () => {
    const dynamo = await startDynamo();
    await expect(tablesAt(dynamo.endpoint)).resolves.toEqual([]);
    await dynamo.stop();
    await dynamo.stop();
    await expect(answers(dynamo.endpoint)).resolves.toBe(false);
  });

  it('gives each of several started at once a port of its own', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => startDynamo()));
    expect(new Set(all.map(({ endpoint }) => endpoint)).size).toBe(5);
    await Promise.all(all.map(({ stop }) => stop()));
  });

  it('says in one sentence that the port is taken, and which variable to change', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = boundPort(taken);
    await expect(startDynamo({ port })).rejects.toThrow(
      `Port ${port} for the embedded DynamoDB is already in use: set DYNAMODB_PORT to a free one.`,
    );
    taken.close();
  });

  it('keeps the data in a directory from one start to the next', async () => {
    const outer = await mkdtemp(join(tmpdir(), 'stepgate-'));
    const dir = join(outer, 'data');
    const first = await startDynamo({ dir });
    await ensureTable(new DynamoDBClient({ endpoint: first.endpoint }), TABLE);
    await first.stop();
    const second = await startDynamo({ dir });
    await expect(tablesAt(second.endpoint)).resolves.toEqual([TABLE]);
    await second.stop();
    await rm(outer, { recursive: true });
  });

  it('leaves no process behind when its parent is killed with kill -9', async () => {
    const parent = spawn(process.execPath, [join(import.meta.dirname, 'dynamo-parent.ts')]);
    await once(parent.stdout, 'readable');
    const said = String(parent.stdout.read());
    await expect(answers(said)).resolves.toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => answers(said), { timeout: 5000 }).toBe(false);
  });
});

describe('ensureTable', () => {
  it('creates the table with its time to live, and leaves it alone the next time', async () => {
    const dynamo = await startDynamo();
    const client = new DynamoDBClient({ endpoint: dynamo.endpoint });
    await ensureTable(client, TABLE);
    await ensureTable(client, TABLE);
    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: TABLE }));
    expect(TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
    await dynamo.stop();
  });
});
