/**
 * Bounded work (SEC-46): a thousand tokens with kids of their own cost one reading per cool-down. An outage of the key
 * set is told as one (503), and never taken for a bad token (401).
 */
import { exportJWK, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { KeysOutOfReach, remoteKeys } from '../../../shared/protect/key-set.ts';
import { ProtocolError } from '../../../shared/protocol-error.ts';
import { checkSession } from '../../../shared/protect/check-session.ts';
import { issuerAt } from '../../../shared/protect/issuer.ts';

const MINUTE = 60_000;
const jwks: Record<string, object> = {};
beforeAll(async () => {
  for (const kid of ['d-1', 'd-2']) {
    const { publicKey } = await generateKeyPair('RS256', { extractable: true });
    jwks[kid] = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' };
  }
});

function service() {
  const state = { now: 1_000_000, reads: 0, isDown: false, kids: ['d-1'] };
  const clock = { now: () => state.now };
  const fetch = async (): Promise<unknown> => {
    state.reads += 1;
    await Promise.resolve();
    if (state.isDown) throw new Error('down');
    return { keys: state.kids.map((kid) => jwks[kid]) };
  };
  return { state, clock, fetch, keys: remoteKeys('https://auth.example.com/auth/jwt/jwks.json', { clock, fetch }) };
}

describe('the key set', () => {
  it('is read once for all who ask at the same time, and again after five minutes', async () => {
    const { state, keys } = service();
    const all = await Promise.all(Array.from({ length: 50 }, () => keys.verifier('d-1')));
    expect(all.every((key) => key !== undefined)).toBe(true);
    expect(state.reads).toBe(1);
    state.now += 5 * MINUTE - 1;
    await keys.verifier('d-1');
    expect(state.reads).toBe(1);
    state.now += 1;
    await keys.verifier('d-1');
    expect(state.reads).toBe(2);
  });

  it('is read at most once per cool-down for kids that it does not hold', async () => {
    const { state, keys } = service();
    for (let i = 0; i < 1_000; i += 1) expect(await keys.verifier(`d-${i + 1_000}`)).toBeUndefined();
    expect(state.reads).toBe(1);
    state.now += 30_000;
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => keys.verifier(`x-${i}`)));
    expect(state.reads).toBe(2);
  });

  it('takes up a new key after the cool-down, and drops one that is withdrawn', async () => {
    const { state, keys } = service();
    await keys.verifier('d-1');
    state.kids = ['d-2'];
    expect(await keys.verifier('d-2')).toBeUndefined();
    state.now += 30_000;
    expect(await keys.verifier('d-2')).toBeDefined();
    expect(await keys.verifier('d-1')).toBeUndefined();
  });

  it('is used on for an hour when it cannot be read again, and no longer', async () => {
    const { state, keys } = service();
    await keys.verifier('d-1');
    state.isDown = true;
    state.now += 59 * MINUTE;
    expect(await keys.verifier('d-1')).toBeDefined();
    await expect(keys.verifier('d-2')).rejects.toThrow(KeysOutOfReach);
    state.now += MINUTE;
    await expect(keys.verifier('d-1')).rejects.toThrow(KeysOutOfReach);
  });

  it('is asked for again every five seconds while there is none, and works as soon as it is there', async () => {
    const { state, keys } = service();
    state.isDown = true;
    for (let i = 0; i < 100; i += 1) await expect(keys.verifier('d-1')).rejects.toThrow(KeysOutOfReach);
    expect(state.reads).toBe(1);
    state.isDown = false;
    state.now += 5_000;
    expect(await keys.verifier('d-1')).toBeDefined();
  });

  it.each([
    {},
    { keys: [] },
    { keys: 'x' },
    { keys: [null] },
    [],
    null,
    { keys: [{ kid: 'd-1', kty: 'oct', k: 'AAAA' }] },
  ])('is out of reach where it reads %j', async (answer) => {
    const keys = remoteKeys('https://x.example', { clock: { now: () => 0 }, fetch: () => Promise.resolve(answer) });
    await expect(keys.verifier('d-1')).rejects.toThrow(KeysOutOfReach);
  });

  it('tells callers to come back when it is out of reach', async () => {
    const { state, clock, fetch } = service();
    state.isDown = true;
    const issuer = issuerAt({ url: 'https://auth.example.com', clock, fetch });
    const head = Buffer.from('{"alg":"RS256","version":"5","typ":"JWT","kid":"d-1"}').toString('base64url');
    const caller = { method: 'GET', cookies: [], headers: { authorization: `Bearer ${head}.e30.AAAA` } };
    const refusal: unknown = await checkSession(caller, {}, issuer).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ProtocolError);
    expect(refusal).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });

  it('is no reason to ask the network for what is no token at all', async () => {
    const { state, clock, fetch } = service();
    const issuer = issuerAt({ url: 'https://auth.example.com', clock, fetch });
    const caller = { method: 'GET', cookies: ['sAccessToken=a.b.c'], headers: { authorization: 'Bearer x' } };
    await expect(checkSession(caller, {}, issuer)).rejects.toMatchObject({ status: 401 });
    expect(state.reads).toBe(0);
  });
});
