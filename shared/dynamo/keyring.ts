import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { CryptoKey, JWK } from 'jose';
import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { jose } from '../keys/lazy-jose.ts';
import { deriveSecrets, type Secrets } from '../keys/secrets.ts';
import type { KeyTimes } from '../keys/key-times.ts';
import type { Clock, Keyring, Log } from '../ports.ts';
import { KEYS_KEY } from './keys.ts';
import { ifConditionHolds, type Item, type Table } from './table-client.ts';

/** KMS, as far as we need it: small secrets in, small secrets out, each bound to what it is for. */
export interface Envelope {
  seal(plain: Uint8Array, use: string): Promise<Uint8Array>;
  open(sealed: Uint8Array, use: string): Promise<Uint8Array>;
}

const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array, 'is not binary');
const jwk = v.object({ kty: v.literal('RSA'), n: v.string(), e: v.string() });
const Slot = v.object({ kid: v.string(), publicJwk: jwk, sealedPrivateKey: bytes, createdAt: v.number() });
const KeysItem = v.object({
  version: v.number(),
  root: v.object({ kid: v.string(), sealed: bytes }),
  current: Slot,
  next: Slot,
  previous: v.exactOptional(Slot),
  /** When the current key began to sign; absent: when it was made. Epoch milliseconds. */
  rotatedAt: v.exactOptional(v.number()),
});
export type KeysItem = v.InferOutput<typeof KeysItem>;

/** Keys are missing or unreadable. An outage to whoever calls, because it has a `code`: trying again may help. */
class KeysUnavailable extends Error {
  readonly code = 'ERR_KEYS_UNAVAILABLE';
  override readonly name = 'KeysUnavailable';
}

/**
 * Signing keys and root secret from the `KEYS` item, unwrapped by KMS once per container.
 *
 * Failures are not remembered: a cold start without KMS answers 503 and the next call tries again. There is no default
 * key. A key set that could not be read again is used on for an hour, and each time the log says so (`keys.stale`);
 * it says as well when the key in use should have been replaced long ago (`keys.overdue`).
 */
export function dynamoKeyring(
  table: Table,
  envelope: Pick<Envelope, 'open'>,
  { clock, log, times }: { readonly clock: Clock; readonly log: Log; readonly times: KeyTimes },
): Keyring {
  let item: { readonly value: KeysItem; readonly readAt: number; readonly until: number } | undefined;
  const roots = remembered<Secrets>();
  const signers = remembered<{ kid: string; key: CryptoKey }>();
  const verifiers = remembered<CryptoKey>();
  const reads = remembered<KeysItem>();

  const read = async (): Promise<KeysItem> => {
    if (item !== undefined && clock.now() < item.until) return item.value;
    return reads
      .once('item', async () => {
        try {
          const found = await table.db.send(
            new GetCommand({ TableName: table.name, Key: KEYS_KEY, ConsistentRead: true }),
          );
          const readAt = clock.now();
          item = { value: parseKeys(found.Item), readAt, until: readAt + times.freshMs };
          const age = readAt - (item.value.rotatedAt ?? item.value.current.createdAt);
          if (age > times.overdueMs) log.error('keys.overdue', { kid: item.value.current.kid, ageMs: age });
        } catch (error) {
          if (item === undefined || clock.now() >= item.readAt + times.staleMs) throw error;
          log.error('keys.stale', { ageMs: clock.now() - item.readAt, error: nameOf(error) });
          item = { ...item, until: Math.min(clock.now() + times.freshMs / 10, item.readAt + times.staleMs) };
        }
        return item.value;
      })
      .finally(() => reads.forget('item'));
  };

  const open = (slot: KeysItem['current']) =>
    signers.once(slot.kid, async () => {
      const [pkcs8, { importPKCS8 }] = await Promise.all([envelope.open(slot.sealedPrivateKey, 'signing'), jose()]);
      return { kid: slot.kid, key: await importPKCS8(Buffer.from(pkcs8).toString('utf8'), 'RS256') };
    });

  return {
    secrets: async () => {
      const { root } = await read();
      return roots.once(root.kid, async () => deriveSecrets(root.kid, await envelope.open(root.sealed, 'root')));
    },
    signer: async () => {
      const { current, previous, rotatedAt = 0 } = await read();
      try {
        return await open(current);
      } catch (error) {
        // KMS is away right after a rotation: the replaced key, opened while it was not, is published for long enough.
        const known = previous === undefined ? undefined : signers.known(previous.kid);
        if (known === undefined || clock.now() >= rotatedAt + times.staleMs) throw error;
        log.error('keys.stale', { ageMs: clock.now() - rotatedAt, error: nameOf(error) });
        return known;
      }
    },
    verifier: async (kid) => {
      const { current, next, previous } = await read();
      const slot = [current, next, previous].find((candidate) => candidate?.kid === kid);
      if (slot === undefined) return undefined;
      return verifiers.once(kid, async () => {
        const { importJWK } = await jose();
        const key = await importJWK(slot.publicJwk, 'RS256');
        if (key instanceof Uint8Array) throw new Error(`${kid} is not a public key`);
        return key;
      });
    },
    jwks: async () => {
      const { current, next, previous } = await read();
      return [next, current, previous]
        .filter((slot) => slot !== undefined)
        .map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: 'RS256', use: 'sig' }));
    },
  };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** @throws KeysUnavailable naming the members that are wrong, never what they hold. */
export function parseKeys(item: Item | undefined): KeysItem {
  if (item === undefined) throw new KeysUnavailable('there are no keys yet: run the keys function');
  const parsed = v.safeParse(KeysItem, item);
  if (parsed.success) return parsed.output;
  throw new KeysUnavailable(
    `the KEYS item is malformed: ${parsed.issues.map((issue) => v.getDotPath(issue)).join(', ')}`,
  );
}

/** One value per name, made once: parallel callers share the making, and a failure is forgotten at once. */
function remembered<T>() {
  const values = new Map<string, Promise<T>>();
  return {
    once: (name: string, make: () => Promise<T>): Promise<T> => {
      const known = values.get(name);
      if (known !== undefined) return known;
      const made = make();
      values.set(name, made);
      made.catch(() => values.delete(name));
      return made;
    },
    known: (name: string) => values.get(name),
    forget: (name: string) => values.delete(name),
  };
}

/** Makes the key set if there is none. Of any number of parallel calls one wins; nothing is ever overwritten. */
export async function ensureKeys(table: Table, envelope: Envelope, clock: Clock): Promise<'made' | 'kept'> {
  const found = await table.db.send(new GetCommand({ TableName: table.name, Key: KEYS_KEY, ConsistentRead: true }));
  if (found.Item !== undefined) return 'kept';
  const now = clock.now();
  const [current, next] = await Promise.all([newSlot(envelope, now), newSlot(envelope, now + 1)]);
  const value: KeysItem = {
    version: 1,
    root: { kid: `r${now}`, sealed: await envelope.seal(randomBytes(32), 'root') },
    current,
    next,
  };
  const outcome = await ifConditionHolds(
    table.db.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...KEYS_KEY, ...value },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    ),
  );
  return outcome.done ? 'made' : 'kept';
}

/** Not `promisify`: `node:util` brings 14 modules of Node's own with it, which every cold start would read. */
function makePair(): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  return new Promise((resolve, reject) => {
    generateKeyPair('rsa', { modulusLength: 2048 }, (error, publicKey, privateKey) =>
      error === null ? resolve({ publicKey, privateKey }) : reject(error),
    );
  });
}

/** A new key pair, named and dated by `now`; its private half leaves only sealed. */
export async function newSlot(envelope: Envelope, now: number): Promise<v.InferOutput<typeof Slot>> {
  const { publicKey, privateKey } = await makePair();
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { exportJWK } = await jose();
  const { n, e }: JWK = await exportJWK(publicKey);
  return {
    kid: `d-${now}`,
    publicJwk: { kty: 'RSA', n: n!, e: e! },
    sealedPrivateKey: await envelope.seal(Buffer.from(pkcs8, 'utf8'), 'signing'),
    createdAt: now,
  };
}
