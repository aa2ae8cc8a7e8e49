import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { STREAM, TTL_ATTRIBUTE, tableDefinition } from '../../shared/dynamo/table.ts';

/**
 * Makes sure the table exists, is ready and expires items by `ttl`. Any number of calls leave one table.
 *
 * @param options.hasStream whether a table that is made here has the stream that the stack's has.
 */
export async function ensureTable(
  client: DynamoDBClient,
  tableName: string,
  { hasStream = false }: { readonly hasStream?: boolean } = {},
): Promise<void> {
  await createUnlessThere(client, { ...tableDefinition(tableName), ...(hasStream ? STREAM : {}) });
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: tableName });
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: tableName }));
  // Switching on what is on is an error in DynamoDB.
  if (TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return;
  const specification = { Enabled: true, AttributeName: TTL_ATTRIBUTE };
  await client.send(new UpdateTimeToLiveCommand({ TableName: tableName, TimeToLiveSpecification: specification }));
}

async function createUnlessThere(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<void> {
  try {
    await client.send(new CreateTableCommand(definition));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}
