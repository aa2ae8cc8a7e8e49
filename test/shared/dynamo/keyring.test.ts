/**
 * There is one key set, made once; without it, or without KMS, the service says that it is out of order, and works
 * again as soon as they are back. It never signs with anything else.
 *
 * Why: SEC-87. A built-in default key (GHSA-hgx2) lets everybody in, a remembered failure needs a deployment to heal,
 * and a race at the first deployment would leave functions with keys of their own.
 */
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { allPorts } from '../../../shared/app.ts';
import { ensureKeys } from '../../../shared/dynamo/keyring.ts';
import { KEYS_KEY } from '../../../shared/dynamo/keys.ts';
import { kmsEnvelope } from '../../../shared/keys/kms-envelope.ts';
import { publicKeys } from '../../../shared/parts.ts';
import { gateway } from '../../support/gateway.ts';
import { useStepgate } from '../../support/stepgate.ts';

const stepgate = useStepgate();
/** The SDK tries twice. */
const ONE_CALL = 2;

const table = () => stepgate.app().table;
const envelope = () => kmsEnvelope('alias/stepgate-test');
const stored = async () =>
  (await table().db.send(new GetCommand({ TableName: table().name, Key: KEYS_KEY, ConsistentRead: true }))).Item;
const remove = () => table().db.send(new DeleteCommand({ TableName: table().name, Key: KEYS_KEY }));
const put = (item: Readonly<Record<string, unknown>>) =>
  table().db.send(new PutCommand({ TableName: table().name, Item: { ...item, ...KEYS_KEY } }));

/** A container that has just started: nothing is cached in it. */
const cold = () => allPorts(stepgate.app().config, { clock: stepgate.clock, log: { info: () => {}, error: () => {} } });

const refresh = (app: ReturnType<typeof cold>) =>
  gateway(app)('POST', '/auth/session/refresh', { headers: { authorization: 'Bearer v1.garbage' } });

let original: Readonly<Record<string, unknown>> | undefined;
beforeEach(async () => {
  original ??= await stored();
  await put(original!);
});

describe('the key set', () => {
  it('is made once, though ten deployments make it at the same time', async () => {
    await remove();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => ensureKeys(table(), envelope(), stepgate.clock)),
    );
    expect(outcomes.filter((outcome) => outcome === 'made')).toHaveLength(1);
    const made = await stored();
    expect(await ensureKeys(table(), envelope(), stepgate.clock)).toBe('kept');
    expect(await stored()).toEqual(made);
    const [one, two] = [cold(), cold()];
    expect((await one.keys.signer()).kid).toBe((await two.keys.signer()).kid);
    expect((await one.keys.secrets()).mac('otp', 'x')).toEqual((await two.keys.secrets()).mac('otp', 'x'));
  }, 60_000);

  it('holds no key in the open', async () => {
    const item = JSON.stringify(await stored(), (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(item).not.toMatch(/PRIVATE KEY|"d":/);
  });

  it('is read once for all who start at the same time, and unwrapped once', async () => {
    const { keys } = cold();
    const signers = await Promise.all(Array.from({ length: 5 }, () => keys.signer()));
    expect(new Set(signers.map(({ key }) => key)).size).toBe(1);
  });

  it('gives a public half to a function that may not open it, and no more', async () => {
    const { keys } = publicKeys(stepgate.app());
    expect(await keys.jwks()).toHaveLength(2);
    const { kid } = await cold().keys.signer();
    expect(await keys.verifier(kid)).toHaveProperty('type', 'public');
    await expect(keys.signer()).rejects.toThrow('may not open keys');
    await expect(keys.secrets()).rejects.toThrow('may not open keys');
  });

  it('has no key of any other name', async () => {
    const { keys } = cold();
    for (const kid of ['', 'd-1', '__proto__', 'constructor', '../keys'])
      expect(await keys.verifier(kid)).toBeUndefined();
  });
});

describe('an outage of KMS', () => {
  it('at a cold start is a 503 that signs nobody out, and the next call works', async () => {
    const app = cold();
    stepgate.aws.failNext('kms', 'KMSInternalException', ONE_CALL);
    const down = await refresh(app);
    expect(down).toMatchObject({ status: 503, body: { message: 'temporarily unavailable' }, cookies: [] });
    expect(down.headers).toHaveProperty('retry-after');
    expect(down.headers).not.toHaveProperty('front-token');
    expect((await refresh(app)).status).toBe(401);
    await expect(app.keys.signer()).resolves.toMatchObject({ kid: expect.any(String) });
  });

  it('is not remembered for either key', async () => {
    const { keys } = cold();
    stepgate.aws.failNext('kms', 'KMSInternalException', ONE_CALL);
    await expect(keys.signer()).rejects.toMatchObject({ name: 'KMSInternalException' });
    expect((await keys.signer()).key.type).toBe('private');
    stepgate.aws.failNext('kms', 'AccessDeniedException');
    await expect(keys.secrets()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect((await keys.secrets()).kid).toMatch(/^r\d+$/);
  });

  it('is not noticed by a container that has its keys', async () => {
    const { keys } = cold();
    const before = await Promise.all([keys.signer(), keys.secrets()]);
    stepgate.aws.failNext('kms', 'KMSInternalException', ONE_CALL);
    stepgate.clock.advance(6 * 60_000);
    expect(await Promise.all([keys.signer(), keys.secrets()])).toEqual(before);
    await expect(cold().keys.secrets()).rejects.toMatchObject({ name: 'KMSInternalException' });
  });
});

describe('a key set that is missing or malformed', () => {
  it('is a 503 and no default key, until it is there', async () => {
    await remove();
    const app = cold();
    expect(await refresh(app)).toMatchObject({ status: 503, body: { message: 'temporarily unavailable' } });
    expect((await gateway(app)('GET', '/auth/jwt/jwks.json')).status).toBe(503);
    await expect(app.keys.signer()).rejects.toThrow('there are no keys yet');
    await put(original!);
    expect((await refresh(app)).status).toBe(401);
  });

  it.each([
    ['root', { root: { kid: 'r1', sealed: 'plain text' } }, 'root.sealed'],
    ['current', { current: undefined }, 'current'],
    ['next', { next: { kid: 7 } }, 'next.kid'],
  ])('is a 503 that names the member and not what it holds: %s', async (_, change, member) => {
    await put({ ...original, ...change });
    const app = cold();
    expect((await refresh(app)).status).toBe(503);
    await expect(app.keys.secrets()).rejects.toThrow(member);
    await expect(app.keys.secrets()).rejects.not.toThrow('plain text');
  });

  it('is a 503 where what is sealed was sealed for another use', async () => {
    const { root, current } = original as { root: { kid: string }; current: { sealedPrivateKey: Uint8Array } };
    await put({ ...original, root: { ...root, sealed: current.sealedPrivateKey } });
    expect((await refresh(cold())).status).toBe(503);
  });

  it('is got over by a warm container for an hour, and not for longer', async () => {
    const { keys } = cold();
    const { kid } = await keys.signer();
    await remove();
    for (let minutes = 0; minutes < 59; minutes += 6) {
      stepgate.clock.advance(6 * 60_000);
      if (minutes < 54) expect((await keys.signer()).kid).toBe(kid);
    }
    await expect(keys.signer()).rejects.toThrow('there are no keys yet');
    await put(original!);
    expect((await keys.signer()).kid).toBe(kid);
  });
});
