import { randomUUID } from 'node:crypto';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { contactKindOf, contactOf } from '../shared/account/contact-kind.ts';
import { type LoginMethod, userWith } from '../shared/account/user.ts';
import { lookupKey, memberKey, rolesKey } from '../shared/dynamo/keys.ts';
import type { Item, Table } from '../shared/dynamo/table-client.ts';
import { loginItem, profileItem } from '../shared/dynamo/users.ts';
import type { Clock, Keyring } from '../shared/ports.ts';

/** What DynamoDB takes in one request. */
const BATCH = 25;
const AT_A_TIME = 8;

/**
 * Writes accounts as sign-ups would leave them, without the sign-ups: password users with an address, one in ten of them
 * an admin, one in twenty paying, and a second method by code for one in five.
 *
 * The hash is of no password: nobody signs in with it.
 */
export async function manyUsers(
  { table, keys, clock }: { readonly table: Table; readonly keys: Keyring; readonly clock: Clock },
  { tenantId, count, prefix = 'user' }: { readonly tenantId: string; readonly count: number; readonly prefix?: string },
): Promise<void> {
  const secrets = await keys.secrets();
  const joined = clock.now() - 86_400_000;

  const itemsOf = (n: number): readonly Item[] => {
    const method: LoginMethod = {
      recipeUserId: randomUUID(),
      recipeId: 'emailpassword',
      email: `${prefix}${n}@example.com`,
      verified: true,
      timeJoined: joined,
      tenantIds: [tenantId],
      passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    };
    const { email } = method;
    const code: LoginMethod = {
      recipeUserId: randomUUID(),
      recipeId: 'passwordless',
      ...(email === undefined ? {} : { email }),
      verified: true,
      timeJoined: joined + 1_000,
      tenantIds: [tenantId],
    };
    const user = userWith(method, n % 20 === 0 ? { plan: 'paid' } : {});
    const methods = n % 5 === 0 ? [method, code] : [method];
    return [
      profileItem({ ...user, loginMethods: methods }),
      { ...memberKey(tenantId, user.userId), joinedAt: joined },
      ...methods.flatMap((own) => [
        loginItem(user.userId, own),
        {
          ...lookupKey(tenantId, secrets.index(contactKindOf(own), tenantId, contactOf(own))),
          userId: user.userId,
          recipeUserId: own.recipeUserId,
        },
      ]),
      ...(n % 10 === 0 ? [{ ...rolesKey(user.userId, tenantId), roles: new Set(['admin']) }] : []),
    ];
  };

  let next = 0;
  const write = async (): Promise<void> => {
    let waiting: Item[] = [];
    while (next < count || waiting.length > 0) {
      while (waiting.length < BATCH && next < count) waiting.push(...itemsOf(next++));
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      const requests = batch.map((item) => ({ PutRequest: { Item: item } }));
      const { UnprocessedItems: left = {} } = await table.db.send(
        new BatchWriteCommand({ RequestItems: { [table.name]: requests } }),
      );
      waiting.push(...(left[table.name] ?? []).flatMap(({ PutRequest }) => PutRequest?.Item ?? []));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, write));
}
