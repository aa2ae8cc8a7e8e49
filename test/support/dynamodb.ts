import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { pointAwsAt } from '../../shared/aws-env.ts';
import { ensureTable, startDynamo, type RunningDynamo } from '../../infra/local/dynamodb.ts';

export type TestTable = {
  readonly tableName: string;
  /** From `beforeAll` on. */
  readonly endpoint: () => string;
  /** One client for the whole file, ended with it; made for `endpoint()` wherever the environment points by now. */
  readonly client: () => DynamoDBClient;
};

/**
 * A table of this file's own, with nothing in it, from `beforeAll` to `afterAll`: in an embedded DynamoDB of its own,
 * or in the server that `DYNAMODB_LOCAL_ENDPOINT` names.
 *
 * Points `AWS_*` at it as well, so that `new DynamoDBClient({})` reaches it.
 */
export function useTable(): TestTable {
  const shared = process.env['DYNAMODB_LOCAL_ENDPOINT'];
  const tableName = shared === undefined ? 'stepgate' : `stepgate-${randomUUID()}`;
  let running: RunningDynamo | undefined;
  let client: DynamoDBClient | undefined;

  beforeAll(async () => {
    running = shared === undefined ? await startDynamo() : { endpoint: shared, stop: async () => {} };
    pointAwsAt({ dynamodb: running.endpoint }, process.env);
    client = new DynamoDBClient({ endpoint: running.endpoint });
    await ensureTable(client, tableName);
  });
  afterAll(async () => {
    client?.destroy();
    await running?.stop();
  });

  return { tableName, endpoint: () => started(running).endpoint, client: () => started(client) };
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The table is there from beforeAll on, not while tests are collected.');
  return value;
}
