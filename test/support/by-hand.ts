import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { SESSION_SK, tenantKey, userPk } from '../../shared/dynamo/keys.ts';
import type { LocalRun } from './local-run.ts';

const TableName = 'stepgate';

/** What no API of the service offers, done to the table of a local run the way a person does it in the console. */
const tableOf = ({ dynamodb }: Pick<LocalRun, 'dynamodb'>) =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: dynamodb,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  );

/** A tenant that the admin API would refuse. */
export async function writeTenant(run: Pick<LocalRun, 'dynamodb'>, tenantId: string, document: object): Promise<void> {
  await tableOf(run).send(new PutCommand({ TableName, Item: { ...tenantKey(tenantId), ...document } }));
}

/** @throws where nobody in the tenant has the address. */
export async function userIdOf(run: Pick<LocalRun, 'admin'>, email: string, tenantId = 'public'): Promise<string> {
  const found = await run.admin('GET', `/users?tenantId=${tenantId}&email=${encodeURIComponent(email)}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the shape is design.md §5.3's
  const { users } = found as { readonly users: readonly { readonly id: string }[] };
  if (users[0] === undefined) throw new Error(`nobody has the address ${email}`);
  return users[0].id;
}

/** Lets the factors of a user's sessions have been completed so much earlier. */
export async function ageFactors(run: LocalRun, userId: string, seconds: number): Promise<void> {
  const table = tableOf(run);
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': userPk(userId), ':sk': SESSION_SK },
    }),
  );
  for (const { pk, sk, completed } of Items) {
    const earlier = Object.entries<number>(completed).map(([factor, at]) => [factor, at - seconds]);
    await table.send(
      new UpdateCommand({
        TableName,
        Key: { pk, sk },
        UpdateExpression: 'SET completed = :earlier',
        ExpressionAttributeValues: { ':earlier': Object.fromEntries(earlier) },
      }),
    );
  }
}
