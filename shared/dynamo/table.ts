import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** Attribute DynamoDB expires items by (epoch seconds). Expiry itself is always compared in code. */
export const TTL_ATTRIBUTE = 'ttl';
export const PARTITION_KEY = 'pk';
export const SORT_KEY = 'sk';

/** Tells of changes by their keys alone. */
export const STREAM = {
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
} as const satisfies Partial<CreateTableCommandInput>;

/** The one table, as the local run and the tests create it; the stack builds its `TableV2` from the same names. */
export const tableDefinition = (tableName: string): CreateTableCommandInput => ({
  TableName: tableName,
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: PARTITION_KEY, KeyType: 'HASH' },
    { AttributeName: SORT_KEY, KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: PARTITION_KEY, AttributeType: 'S' },
    { AttributeName: SORT_KEY, AttributeType: 'S' },
  ],
});
