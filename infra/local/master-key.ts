import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const BYTES = 32;

/**
 * The key behind the local KMS, kept in `<dir>/kms-master-key` that only its owner may read; made if missing.
 *
 * @throws Error with one sentence when the file holds something else: a new key would lock out the data beside it.
 */
export async function keptMasterKey(dir: string): Promise<Buffer> {
  const file = join(dir, 'kms-master-key');
  await mkdir(dir, { recursive: true });
  await createUnlessThere(file);
  const key = await readFile(file);
  if (key.length !== BYTES)
    throw new Error(`${file} is damaged: it must hold ${BYTES} bytes. Remove the data directory to start anew.`);
  return key;
}

async function createUnlessThere(file: string): Promise<void> {
  try {
    await writeFile(file, randomBytes(BYTES), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
