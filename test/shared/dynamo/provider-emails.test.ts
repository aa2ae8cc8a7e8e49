import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { User } from '../../../shared/account/user.ts';
import { lookupKey } from '../../../shared/dynamo/keys.ts';
import { dynamoProviderEmails } from '../../../shared/dynamo/provider-emails.ts';
import { dynamoUsers } from '../../../shared/dynamo/users.ts';
import { aMethod, aUser, parallel, useStoreTable } from '../../support/stores.ts';

const store = useStoreTable();
const users = () => dynamoUsers(store.table(), store.keys);
const emails = () => dynamoProviderEmails(store.table(), store.keys);

async function social(about: Partial<User> = {}) {
  const subject = randomUUID();
  const method = aMethod({ recipeId: 'thirdparty', thirdParty: { id: 'corp', userId: subject } });
  const user = aUser(method, about);
  expect(await users().create(user, method)).toBe(true);
  return { user, method };
}

async function claimOf(email: string): Promise<unknown> {
  const key = lookupKey('public', (await store.keys.secrets()).index('primary:email', 'public', email));
  const { db, name } = store.table();
  return (await db.send(new GetCommand({ TableName: name, Key: key }))).Item?.['userId'];
}

describe('dynamoProviderEmails', () => {
  it('writes the new address as proved, and finds the user by provider and subject as before', async () => {
    const { user, method } = await social();
    expect(await emails().replace({ user, method, email: 'new@example.com' })).toBe('done');
    const found = await users().byContact('thirdparty', 'public', `corp|${method.thirdParty!.userId}`);
    expect(await users().load(found!.userId)).toMatchObject({
      version: 1,
      loginMethods: [{ email: 'new@example.com', verified: true }],
    });
    expect(await claimOf('new@example.com')).toBeUndefined();
  });

  it('claims the address for a primary user, and gives the old one up', async () => {
    const { user, method } = await social({ isPrimary: true });
    expect(await emails().replace({ user, method, email: 'claimed@example.com' })).toBe('done');
    expect(await claimOf('claimed@example.com')).toBe(user.userId);
    const moved = (await users().load(user.userId))!;
    await emails().replace({ user: moved, method: moved.loginMethods[0]!, email: 'moved@example.com' });
    expect(await claimOf('claimed@example.com')).toBeUndefined();
    expect(await claimOf('moved@example.com')).toBe(user.userId);
  });

  it('lets one of two primary users have an address, and changes nothing of the other', async () => {
    const both = [await social({ isPrimary: true }), await social({ isPrimary: true })];
    const outcomes = await parallel(2, (i) => emails().replace({ ...both[i]!, email: 'one@example.com' }));
    expect(outcomes.toSorted()).toEqual(['done', 'taken']);
    const loser = both[outcomes.indexOf('taken')]!;
    expect((await users().load(loser.user.userId))?.loginMethods).toEqual([loser.method]);
  });

  it('does nothing for a user that was changed or disabled meanwhile', async () => {
    const { user, method } = await social();
    expect(await emails().replace({ user: { ...user, version: 7 }, method, email: 'x@example.com' })).toBe('changed');
    const disabled = await social({ status: 'disabled' });
    expect(await emails().replace({ ...disabled, email: 'x@example.com' })).toBe('changed');
    expect((await users().load(disabled.user.userId))?.loginMethods[0]?.verified).toBe(false);
  });
});
