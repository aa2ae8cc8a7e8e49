import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { allPorts } from '../../shared/app.ts';
import { KEYS_KEY } from '../../shared/dynamo/keys.ts';
import { revokeKeys, rotateKeys, type RotationDeps } from '../../shared/dynamo/rotate-keys.ts';
import { keyTimes } from '../../shared/keys/key-times.ts';
import { kmsEnvelope } from '../../shared/keys/kms-envelope.ts';
import { ensureKeys } from '../../shared/dynamo/keyring.ts';
import type { movableClock, Stepgate } from './stepgate.ts';

/** Rotations as the scheduled function does them, and what they leave in the table. */
export function keySet(stepgate: Stepgate, clock: ReturnType<typeof movableClock> = stepgate.clock) {
  const deps = (about: Partial<RotationDeps> = {}): RotationDeps => {
    const { table, config } = stepgate.app();
    return { table, clock, envelope: kmsEnvelope(config.KMS_KEY_ID), times: keyTimes(config), ...about };
  };
  const stored = async () => {
    const { table } = stepgate.app();
    const found = await table.db.send(new GetCommand({ TableName: table.name, Key: KEYS_KEY, ConsistentRead: true }));
    return found.Item as Record<'current' | 'next', { kid: string }> & {
      readonly previous?: { kid: string };
      readonly version: number;
      readonly root: unknown;
    };
  };
  return {
    times: () => deps().times,
    rotate: (about?: Partial<RotationDeps>) => rotateKeys(deps(about)),
    revoke: () => revokeKeys(deps()),
    stored,
    kids: async () => {
      const { next, current, previous } = await stored();
      return { next: next.kid, current: current.kid, previous: previous?.kid };
    },
    /** Other signing keys, made now. The root secret stays: without it no account would be found. */
    anew: async () => {
      const { table, envelope } = deps();
      const { root } = await stored();
      await table.db.send(new DeleteCommand({ TableName: table.name, Key: KEYS_KEY }));
      await ensureKeys(table, envelope, clock);
      await table.db.send(new PutCommand({ TableName: table.name, Item: { ...(await stored()), root } }));
    },
    /** A container that has just started: nothing is cached in it. */
    container: () => allPorts(stepgate.app().config, { clock, log: { info: () => {}, error: () => {} } }),
  };
}
