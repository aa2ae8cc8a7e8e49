import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Item, Table } from './table-client.ts';

/** Every item of a partition, page by page. */
export async function* queryAll(table: Table, pk: string): AsyncGenerator<Item> {
  let from: Item | undefined;
  do {
    const page: { Items?: Item[] | undefined; LastEvaluatedKey?: Item | undefined } = await table.db.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    yield* page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}
