import type { CryptoKey } from 'jose';
import { jose } from '../keys/lazy-jose.ts';
import type { Clock, Keyring } from '../ports.ts';

/** How long a key set is good as it was read: what its `Cache-Control` says as well. */
const FRESH_MS = 5 * 60_000;
/** How long it is used on when it cannot be read again. As the service does with its own. @see security.md §3.9 */
const STALE_MS = 60 * 60_000;
/** A kid that is not in the set has it read again, at most this often: whoever invents kids costs no more than that. */
const COOLDOWN_MS = 30_000;
/** After a failure, too: this is what `Retry-After` says. */
const RETRY_MS = 5_000;
const TIMEOUT_MS = 3_000;
const MAX_KEYS = 20;

/** The key set cannot be read, and no earlier one is good. Says nothing about the token: 503, never 401. */
export class KeysOutOfReach extends Error {
  override readonly name = 'KeysOutOfReach';
}

export type FetchJson = (url: string) => Promise<unknown>;

/** @throws when the answer is not 200 with JSON within 3 seconds. */
export const fetchJson: FetchJson = async (url) => {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return response.json();
};

type Keys = ReadonlyMap<string, CryptoKey>;

/**
 * The service's published keys, by kid, as the verifier wants them.
 *
 * Bounded work: whatever tokens come, the set is read at most once per cool-down, by one request for all that wait.
 */
export function remoteKeys(
  url: string,
  { clock, fetch: read }: { readonly clock: Clock; readonly fetch: FetchJson },
): Pick<Keyring, 'verifier'> {
  let known: { readonly keys: Keys; readonly readAt: number } | undefined;
  let tried: { readonly at: number; readonly failed: boolean } | undefined;
  let reading: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    try {
      known = { keys: await importKeys(await read(url)), readAt: clock.now() };
      tried = { at: clock.now(), failed: false };
    } catch {
      tried = { at: clock.now(), failed: true };
    }
  };
  const readOnce = (): Promise<void> =>
    (reading ??= refresh().finally(() => {
      reading = undefined;
    }));
  const mayTry = (): boolean =>
    tried === undefined || clock.now() - tried.at >= (tried.failed ? RETRY_MS : COOLDOWN_MS);
  const age = (): number => (known === undefined ? Infinity : clock.now() - known.readAt);

  return {
    verifier: async (kid) => {
      const isWanting = age() >= FRESH_MS || known?.keys.has(kid) !== true;
      if (isWanting && (reading !== undefined || mayTry())) await readOnce();
      const key = age() < STALE_MS ? known?.keys.get(kid) : undefined;
      if (key !== undefined) return key;
      // Not in a set that was read: not ours. Not read: nobody knows.
      if (known === undefined || tried?.failed === true) throw new KeysOutOfReach(`${url} cannot be read`);
      return undefined;
    },
  };
}

/** RSA keys for RS256 alone; anything else in the set is passed over. @throws when there is none. */
async function importKeys(set: unknown): Promise<Keys> {
  const listed: unknown = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  const { importJWK } = await jose();
  const keys = new Map<string, CryptoKey>();
  const entries: readonly Readonly<Record<string, unknown>>[] = Array.isArray(listed) ? listed.slice(0, MAX_KEYS) : [];
  for (const { kid, kty, n, e, alg } of entries) {
    if (kty !== 'RSA' || typeof kid !== 'string' || typeof n !== 'string' || typeof e !== 'string') continue;
    if (alg !== undefined && alg !== 'RS256') continue;
    const key = await importJWK({ kty, n, e }, 'RS256');
    if (!(key instanceof Uint8Array)) keys.set(kid, key);
  }
  if (keys.size === 0) throw new Error('the key set holds no key');
  return keys;
}
