/**
 * A device gives no more attempts than it has, to no session but its own, and a resend replaces everything that the
 * code is compared with.
 *
 * Why: whoever reads, compares and then counts lets parallel guesses share an attempt; and a resend that kept the old
 * `kid` made a code that could never be right once the root secret had changed.
 */
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dynamoCodes } from '../../../shared/dynamo/codes.ts';
import { deviceKey } from '../../../shared/dynamo/keys.ts';
import { deriveSecrets } from '../../../shared/keys/secrets.ts';
import { isCode, sealCode } from '../../../shared/otp/code.ts';
import type { Device } from '../../../shared/otp/device.ts';
import { aDevice, MINUTE, NOW, parallel, useStoreTable } from '../../support/stores.ts';

const { table } = useStoreTable();
const codes = () => dynamoCodes(table());
const COOLDOWN_MS = 30_000;

async function stored(about: Partial<Device> = {}): Promise<Device> {
  const device = aDevice(about);
  await codes().put(device);
  return device;
}

const read = ({ tenantId, preAuthSessionId }: Device) => codes().get(tenantId, preAuthSessionId);
const spend = (device: Device, handle = device.sessionHandle) =>
  codes().spendAttempt(device.tenantId, device.preAuthSessionId, handle, NOW);
const renewed = (device: Device, i = 0) => ({
  device,
  codeMac: `mac-${i}`,
  salt: `salt-${i}`,
  kid: 'r2',
  now: NOW + COOLDOWN_MS,
  expiresAt: NOW + 11 * MINUTE,
  cooldownMs: COOLDOWN_MS,
});
const use = ({ tenantId, preAuthSessionId }: Device) =>
  table().db.send(
    new UpdateCommand({
      TableName: table().name,
      Key: deviceKey(tenantId, preAuthSessionId),
      UpdateExpression: 'SET consumedAt = :now',
      ExpressionAttributeValues: { ':now': NOW },
    }),
  );
const item = async ({ tenantId, preAuthSessionId }: Device) =>
  (await table().db.send(new GetCommand({ TableName: table().name, Key: deviceKey(tenantId, preAuthSessionId) }))).Item;

describe('put', () => {
  it('keeps the device as it is, and its public name only as a hash', async () => {
    const device = await stored();
    expect(await read(device)).toEqual(device);
    expect(String((await item(device))?.['pk'])).not.toContain(device.preAuthSessionId);
  });

  it('says yes again to the same device, whose first reply was lost, and forgives it nothing', async () => {
    const device = await stored();
    await codes().put(device);
    expect(await read(device)).toEqual(device);
  });

  it('replaces no other device of that name', async () => {
    const device = await stored();
    const other = { ...device, codeMac: 'another' };
    await expect(codes().put(other)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(await read(device)).toEqual(device);
  });

  it('keeps tenants apart', async () => {
    const device = await stored();
    expect(await codes().get('acme', device.preAuthSessionId)).toBeUndefined();
  });
});

describe('an attempt', () => {
  it('is given 5 times to 40 who ask at the same time, each a different one', async () => {
    const device = await stored();
    const spent = await parallel(40, () => spend(device));
    const counted = spent.flatMap((after) => (after === undefined ? [] : [after.attempts]));
    expect(counted.toSorted()).toEqual([1, 2, 3, 4, 5]);
    expect(await read(device)).toMatchObject({ attempts: 5 });
  });

  it('is not given to another session, and costs nothing then', async () => {
    const device = await stored();
    expect(await spend(device, 'another-session')).toBeUndefined();
    expect(await read(device)).toEqual(device);
  });

  it('is not given for a device that was used, which nobody sees any more', async () => {
    const device = await stored();
    await use(device);
    expect(await spend(device)).toBeUndefined();
    expect(await read(device)).toBeUndefined();
  });

  it('makes no item of a device that is not there', async () => {
    const device = aDevice();
    expect(await spend(device)).toBeUndefined();
    expect(await item(device)).toBeUndefined();
  });
});

describe('renew', () => {
  it('replaces code, salt, root and times together, and no attempts', async () => {
    const device = await stored({ attempts: 3 });
    const renewal = renewed(device);
    expect(await codes().renew(renewal)).toBe(true);
    const { codeMac, salt, kid, now: sentAt, expiresAt } = renewal;
    expect(await read(device)).toEqual({ ...device, codeMac, salt, kid, sentAt, expiresAt });
  });

  it('makes a code that is right under the root secret of now, though the first was sealed under an earlier one', async () => {
    const [before, after] = [deriveSecrets('r1', randomBytes(32)), deriveSecrets('r2', randomBytes(32))];
    const bound = aDevice();
    const { code: first, ...sealed } = sealCode(before, bound, 6);
    const device = await stored({ ...bound, ...sealed });
    expect(isCode(after, device, first)).toBe(false);

    const { code, ...resealed } = sealCode(after, device, 6);
    await codes().renew({ ...renewed(device), ...resealed });
    const now = (await read(device))!;
    expect(isCode(after, now, code)).toBe(true);
    expect(isCode(before, now, code)).toBe(false);
  });

  it('is done by one of ten at the same time, whole', async () => {
    const device = await stored();
    const done = await parallel(10, (i) => codes().renew(renewed(device, i)));
    expect(done.filter(Boolean)).toHaveLength(1);
    const winner = done.indexOf(true);
    expect(await read(device)).toMatchObject({ codeMac: `mac-${winner}`, salt: `salt-${winner}` });
  });

  it('never gives back an attempt, whoever comes first', async () => {
    const device = await stored();
    const [spent] = await Promise.all([parallel(8, () => spend(device)), codes().renew(renewed(device))]);
    expect(spent.filter((after) => after !== undefined)).toHaveLength(5);
    expect(await read(device)).toMatchObject({ attempts: 5 });
  });

  it.each<[string, Partial<Device>, { now?: number }]>([
    ['before the cool-down is over', {}, { now: NOW + COOLDOWN_MS - 1 }],
    ['when every attempt is spent', { attempts: 5 }, {}],
  ])('changes nothing %s', async (_, about, renewal) => {
    const device = await stored(about);
    expect(await codes().renew({ ...renewed(device), ...renewal })).toBe(false);
    expect(await read(device)).toEqual(device);
  });

  it('changes nothing for another session or a used device, and makes no item', async () => {
    const device = await stored();
    expect(await codes().renew(renewed({ ...device, sessionHandle: 'another' }))).toBe(false);
    await use(device);
    expect(await codes().renew(renewed(device))).toBe(false);
    expect((await item(device))?.['codeMac']).toBe(device.codeMac);
    const missing = aDevice();
    expect(await codes().renew(renewed(missing))).toBe(false);
    expect(await item(missing)).toBeUndefined();
  });
});
