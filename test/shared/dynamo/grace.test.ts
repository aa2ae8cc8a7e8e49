/**
 * A grace begins once and ends once, whoever begins it and how often.
 *
 * Why: a deadline that moves with every sign-in is never reached.
 */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { factorsKey } from '../../../shared/dynamo/keys.ts';
import { dynamoUserAdmin } from '../../../shared/dynamo/user-admin.ts';
import { dynamoUsers } from '../../../shared/dynamo/users.ts';
import { aMethod, aUser, NOW, parallel, useStoreTable } from '../../support/stores.ts';

const { table, keys } = useStoreTable();
const users = () => dynamoUsers(table(), keys);

async function created(): Promise<string> {
  const method = aMethod();
  const user = aUser(method);
  expect(await users().create(user, method)).toBe(true);
  return user.userId;
}

describe('startGrace', () => {
  it('lets one deadline of twenty at the same time stand, and tells it to all', async () => {
    const userId = await created();
    const told = await parallel(20, (i) => users().startGrace(userId, 'public', { staff: NOW + i }));
    const standing = (await users().load(userId))?.grace;
    expect(standing?.['public']?.['staff']).toBeGreaterThanOrEqual(NOW);
    for (const one of told) expect(one).toEqual(standing?.['public']);
  });

  it('never moves a deadline, and tells the standing one beside one that begins', async () => {
    const userId = await created();
    await users().startGrace(userId, 'public', { staff: NOW });
    expect(await users().startGrace(userId, 'public', { staff: NOW + 9, paid: NOW + 5 })).toEqual({
      staff: NOW,
      paid: NOW + 5,
    });
    expect((await users().load(userId))?.grace).toEqual({ public: { staff: NOW, paid: NOW + 5 } });
  });

  it('keeps tenants apart, and lists beside it', async () => {
    const userId = await created();
    await users().setRequiredFactor(userId, 'totp', true);
    await users().startGrace(userId, 'acme', { staff: NOW });
    await users().startGrace(userId, 'public', { staff: NOW + 1 });
    expect(await users().load(userId)).toMatchObject({
      requiredFactors: ['totp'],
      grace: { acme: { staff: NOW }, public: { staff: NOW + 1 } },
    });
  });

  it('holds as many rules as a policy may have, by the longest names', async () => {
    const userId = await created();
    const tenantId = 't'.repeat(63);
    const deadlines = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`${'r'.repeat(37)}${String(i).padStart(3, '0')}`, NOW + i]),
    );
    expect(await users().startGrace(userId, tenantId, deadlines)).toEqual(deadlines);
    expect((await users().load(userId))?.grace).toEqual({ [tenantId]: deadlines });
  });

  it('writes what people can read and mend by hand', async () => {
    const userId = await created();
    await users().startGrace(userId, 'acme', { staff: NOW });
    const { Item } = await table().db.send(new GetCommand({ TableName: table().name, Key: factorsKey(userId) }));
    expect(Item).toEqual({ pk: `USER#${userId}`, sk: 'FACTORS', 'grace#acme#staff': NOW });
  });

  it('writes nothing for a user who is not there, or was erased in this moment', async () => {
    expect(await users().startGrace('nobody', 'public', { staff: NOW })).toBeUndefined();
    const left = async (userId: string) =>
      (await table().db.send(new GetCommand({ TableName: table().name, Key: factorsKey(userId) }))).Item;
    expect(await left('nobody')).toBeUndefined();
    const admin = dynamoUserAdmin(table(), keys);
    for (let round = 0; round < 10; round += 1) {
      const userId = await created();
      const user = (await users().load(userId))!;
      await Promise.all([
        admin.remove(user),
        ...Array.from({ length: 4 }, (_, i) => users().startGrace(userId, 'public', { [`rule-${i}`]: NOW })),
      ]);
      expect(await left(userId)).toBeUndefined();
    }
  });
});
