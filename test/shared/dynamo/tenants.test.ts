import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tenantKey } from '../../../shared/dynamo/keys.ts';
import type { Table } from '../../../shared/dynamo/table-client.ts';
import { dynamoTenants } from '../../../shared/dynamo/tenants.ts';
import { policyHash } from '../../../shared/policies/hash.ts';
import { useStoreTable } from '../../support/stores.ts';

/** What a function that signs people in knows of the version of a policy, and what it says when there is none. */

const stores = useStoreTable();
const POLICY = { rules: [{ id: 'all', require: ['otp-email'] }] };
const STATE = { version: 7, hash: policyHash(POLICY), activatedAt: 1_700_000_000_000 };
let table: Table;
let now = 1_800_000_000_000;
let logged: { event: string; fields: unknown }[];

const log = {
  info: (event: string, fields: unknown) => void logged.push({ event, fields }),
  error: (event: string, fields: unknown) => void logged.push({ event, fields }),
};
const tenants = (cacheSeconds = 60) => dynamoTenants(table, { clock: { now: () => now }, cacheSeconds, log });
const write = (attributes: object) =>
  table.db.send(new PutCommand({ TableName: table.name, Item: { ...attributes, ...tenantKey('acme') } }));

beforeAll(() => {
  table = stores.table();
});
beforeEach(() => {
  logged = [];
});

describe('dynamoTenants', () => {
  it('knows which version a policy is, and since when', async () => {
    await write({ mfaPolicy: POLICY, policyState: STATE });
    expect(await tenants().get('acme')).toMatchObject({
      policyVersion: 7,
      policyHash: STATE.hash,
      policyActivatedAt: STATE.activatedAt,
    });
    expect(logged).toEqual([]);
  });

  it.each<[string, object, unknown]>([
    ['another policy than its state says', { mfaPolicy: { rules: [] }, policyState: STATE }, { rules: [] }],
    ['a policy without a state', { mfaPolicy: POLICY }, POLICY],
    ['a state without its policy', { policyState: STATE }, undefined],
    ['a state that cannot be read', { mfaPolicy: POLICY, policyState: { version: 7 } }, POLICY],
  ])('goes on with %s, and says so once as long as it stays', async (_, attributes, mfaPolicy) => {
    await write(attributes);
    const store = tenants();
    for (let call = 0; call < 3; call += 1) {
      expect(await store.get('acme')).toMatchObject({
        policyVersion: undefined,
        policyHash: policyHash(mfaPolicy),
        policyActivatedAt: undefined,
      });
    }
    const line = {
      event: 'tenant.policy-edited-by-hand',
      fields: { tenantId: 'acme', policyHash: policyHash(mfaPolicy) },
    };
    expect(logged).toEqual([line]);
    now += 61_000;
    await store.get('acme');
    expect(logged).toEqual([line]);
    await write({ ...attributes, name: 'Acme' });
    now += 61_000;
    await store.get('acme');
    expect(logged).toEqual([line, line]);
  });

  it('says as of when a tenant is, and compiles nothing anew that is as it was', async () => {
    await write({ mfaPolicy: POLICY });
    const store = tenants();
    const first = await store.get('acme');
    expect(first?.readAt).toBe(now);
    now += 60_000;
    const second = await store.get('acme');
    expect(second?.readAt).toBe(now);
    expect(second?.policy).toBe(first?.policy);
    await write({ mfaPolicy: POLICY, name: 'Acme' });
    now += 60_000;
    const third = await store.get('acme');
    expect(third).toMatchObject({ name: 'Acme', readAt: now });
    expect(third?.policy).not.toBe(second?.policy);
  });

  it('goes on with an immediate policy for 5 seconds, however long it may with others', async () => {
    await write({ mfaPolicy: { ...POLICY, immediate: true } });
    const store = tenants();
    const { readAt } = (await store.get('acme'))!;
    now += 4_999;
    expect((await store.get('acme'))?.readAt).toBe(readAt);
    now += 1;
    expect((await store.get('acme'))?.readAt).toBe(now);
    await write({ mfaPolicy: POLICY });
    now += 5_000;
    const kept = (await store.get('acme'))!;
    expect(kept).toMatchObject({ readAt: now, policy: { immediate: false } });
    now += 59_999;
    expect((await store.get('acme'))?.readAt).toBe(kept.readAt);
    expect((await store.get('acme', now))?.readAt).toBe(now);
  });

  it('keeps failing for a malformed tenant that stays as it is', async () => {
    await write({ requiredSecondFactors: ['otp-email'] });
    const store = tenants();
    for (let read = 0; read < 2; read += 1) {
      await expect(store.get('acme')).rejects.toThrow(/requiredSecondFactors/);
      now += 60_000;
    }
  });

  it.each<[string, object]>([
    ['has neither', {}],
    ['was taken off its policy', { policyState: { version: 8, hash: policyHash(undefined), activatedAt: 1 } }],
  ])('says nothing of a tenant that %s', async (_, attributes) => {
    await write(attributes);
    expect(await tenants().get('acme')).toMatchObject({ policyHash: policyHash(undefined) });
    expect(logged).toEqual([]);
  });
});
