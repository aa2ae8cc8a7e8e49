import * as v from 'valibot';
import { readConfig } from '../../shared/config.ts';
import { ensureKeys } from '../../shared/dynamo/keyring.ts';
import { revokeKeys, rotateKeys } from '../../shared/dynamo/rotate-keys.ts';
import { keyTimes } from '../../shared/keys/key-times.ts';
import { kmsEnvelope } from '../../shared/keys/kms-envelope.ts';
import { runtime } from '../../shared/parts.ts';

const { config, table, clock, log } = runtime(readConfig(process.env));
const deps = { table, clock, envelope: kmsEnvelope(config.KMS_KEY_ID), times: keyTimes(config) };

/** Whatever else the caller sends along is no order. */
const Order = v.object({ run: v.optional(v.literal('rotate')), force: v.optional(v.literal('compromised')) });

/**
 * Three callers: a deployment makes keys where there are none; the schedule (`run: rotate`) rotates what is due; an
 * operator (`force: compromised`) takes the key in use away. An order that is misspelt fails.
 */
export async function handler(event: unknown): Promise<{ readonly keys: string }> {
  const { run, force } = v.parse(Order, event ?? {});
  const keys = await ensureKeys(table, deps.envelope, clock);
  const done = force !== undefined ? await revokeKeys(deps) : run !== undefined ? await rotateKeys(deps) : keys;
  // Another call was first: whoever wants a key gone has to know that theirs is not the one that did it.
  if (force !== undefined && done === 'lost') throw new Error('the key set changed meanwhile: run it again');
  log.info('keys.done', { keys: done });
  return { keys: done };
}
