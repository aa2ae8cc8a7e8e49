import { runtime } from '../../shared/parts.ts';
import { readConfig } from '../../shared/config.ts';
import { ensureKeys } from '../../shared/dynamo/keyring.ts';
import { kmsEnvelope } from '../../shared/keys/kms-envelope.ts';

const { config, table, clock, log } = runtime(readConfig(process.env));
const envelope = kmsEnvelope(config.KMS_KEY_ID);

/** Run when the stack is deployed: makes signing keys and root secret if there are none, and touches none that are. */
export async function handler(): Promise<{ keys: 'made' | 'kept' }> {
  const keys = await ensureKeys(table, envelope, clock);
  log.info('keys.ensured', { keys });
  return { keys };
}
