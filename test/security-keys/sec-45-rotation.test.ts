// Between rotations nobody is signed out, and no key signs before it could be known. A verifier that kept the set for
// as long as it may would refuse a token that is good. @see security.md §3.9
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { allPorts } from '../../shared/app.ts';
import { KEYS_KEY } from '../../shared/dynamo/keys.ts';
import { verifyAccessToken } from '../../shared/session/access-token.ts';
import { keySet } from '../support/keys.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const keys = keySet(stepgate);
const DAY = 86_400_000;
const EMAIL = 'kept@example.com';
let known = false;

beforeEach(async () => {
  stepgate.clock.freeze();
  await keys.anew();
  // The service under test has cached the set before: that is over with its freshness.
  stepgate.clock.advance(keys.times().freshMs);
  if (known) return;
  known = true;
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.user(EMAIL);
});

async function due() {
  stepgate.clock.advance(keys.times().rotationMs);
}

async function signedIn() {
  const page = stepgate.browser('header');
  expect((await page.signIn(EMAIL, PASSWORD)).body.status).toBe('OK');
  return page;
}

const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;
const published = async () =>
  (await stepgate.browser().get('/auth/jwt/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid);

describe('SEC-45: a rotation', () => {
  it('moves NEXT to CURRENT to PREVIOUS and publishes all three, and retires the last when nobody needs it', async () => {
    const before = await keys.kids();
    expect(await keys.rotate()).toBe('waiting');
    await due();
    expect(await keys.rotate()).toBe('rotated');
    const after = await keys.kids();
    expect(after).toMatchObject({ current: before.next, previous: before.current });
    expect(new Set(await published())).toEqual(new Set([after.next, after.current, after.previous]));

    stepgate.clock.advance(keys.times().retainMs - 1);
    expect(await keys.rotate()).toBe('waiting');
    stepgate.clock.advance(1);
    expect(await keys.rotate()).toBe('retired');
    expect(await keys.kids()).toEqual({ ...after, previous: undefined });
    expect(await keys.rotate()).toBe('waiting');
  });

  it('lets nothing sign that was not published for a day', async () => {
    const item = await keys.stored();
    await due();
    const { table } = stepgate.app();
    const publishedAt = stepgate.clock.now();
    await table.db.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...item, ...KEYS_KEY, next: { ...item.next, createdAt: publishedAt } },
      }),
    );
    stepgate.clock.advance(DAY - 1);
    expect(await keys.rotate()).toBe('waiting');
    stepgate.clock.advance(1);
    expect(await keys.rotate()).toBe('rotated');
  });

  it('is done once by ten at the same time', async () => {
    await due();
    const { version, next } = await keys.stored();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => keys.rotate()));
    expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1);
    expect(outcomes.every((outcome) => ['rotated', 'lost', 'waiting'].includes(outcome))).toBe(true);
    expect(await keys.stored()).toMatchObject({ version: version + 1, current: { kid: next.kid } });
  }, 60_000);

  it('that dies before it writes leaves nothing, and the next one does it', async () => {
    await due();
    const before = await keys.stored();
    const dies = { seal: () => Promise.reject(new Error('killed')), open: () => Promise.reject(new Error('unused')) };
    await expect(keys.rotate({ envelope: dies })).rejects.toThrow('killed');
    expect(await keys.stored()).toEqual(before);
    expect(await keys.rotate()).toBe('rotated');
  });

  it('ends no token before its time, in a container that was warm and in one that starts', async () => {
    await due();
    const page = await signedIn();
    const { access } = page.tokens();
    await keys.rotate();
    stepgate.clock.advance(keys.times().freshMs);
    const renewed = (await signedIn()).tokens().access!;
    expect(kidOf(renewed)).not.toBe(kidOf(access!));
    for (const app of [stepgate.app(), keys.container()]) {
      expect(await verifyAccessToken(access!, app)).toMatchObject({ tId: 'public' });
      expect(await verifyAccessToken(renewed, app)).toMatchObject({ tId: 'public' });
    }
    stepgate.clock.advance(900_000);
    expect(await verifyAccessToken(access!, stepgate.app())).toBe('invalid');
  });

  it('is not noticed by a warm container that has not read the set since, whoever signs', async () => {
    await due();
    const warm = keys.container();
    await warm.keys.signer();
    await keys.rotate();
    const cold = keys.container();
    const { kid } = await cold.keys.signer();
    expect(kid).not.toBe((await warm.keys.signer()).kid);
    expect(await warm.keys.verifier(kid)).toBeDefined();
    expect(await cold.keys.verifier((await warm.keys.signer()).kid)).toBeDefined();
  });

  it('does not stop a warm container from signing while KMS is away, for an hour', async () => {
    await due();
    const errors: string[] = [];
    const log = { info: () => {}, error: (event: string) => void errors.push(event) };
    const warm = allPorts(stepgate.app().config, { clock: stepgate.clock, log });
    const { kid } = await warm.keys.signer();
    await keys.rotate();
    stepgate.clock.advance(keys.times().freshMs);
    stepgate.aws.failNext('kms', 'KMSInternalException', 4);
    expect((await warm.keys.signer()).kid).toBe(kid);
    expect(errors).toEqual(['keys.stale']);
    stepgate.clock.advance(keys.times().staleMs);
    await expect(warm.keys.signer()).rejects.toMatchObject({ name: 'KMSInternalException' });
    expect((await warm.keys.signer()).kid).not.toBe(kid);
  });
});

describe('SEC-45: a key in somebody else’s hands', () => {
  it('is gone at once with the replaced one, and with it what they signed; sessions go on by refreshing', async () => {
    await due();
    await keys.rotate();
    stepgate.clock.advance(keys.times().freshMs);
    const page = await signedIn();
    const { access } = page.tokens();
    const before = await keys.kids();
    expect(await keys.revoke()).toBe('revoked');

    const { current, next, previous } = await keys.kids();
    expect([current, previous]).toEqual([before.next, undefined]);
    expect(await verifyAccessToken(access!, keys.container())).toBe('invalid');
    stepgate.clock.advance(keys.times().freshMs);
    expect(new Set(await published())).toEqual(new Set([current, next]));
    expect((await page.me()).status).toBe(401);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.me()).status).toBe(200);
  });
});
