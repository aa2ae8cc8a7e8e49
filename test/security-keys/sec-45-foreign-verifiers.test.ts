// Other services verify with libraries of their own, which keep the set, and read it again seldom. A rotation that they
// notice is an outage of theirs. @see security.md §3.9
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { keySet } from '../support/keys.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

/** Twice a day, so that one session lives through several. Everything scales with it. */
const stepgate = useStepgate({ config: { KEY_ROTATION_SECONDS: '43200' } });
const keys = keySet(stepgate);
const EMAIL = 'foreign@example.com';

beforeAll(async () => {
  stepgate.clock.freeze();
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.user(EMAIL);
});

async function signedIn(mode: 'cookie' | 'header' = 'header') {
  const page = stepgate.browser(mode);
  expect((await page.signIn(EMAIL, PASSWORD)).body.status).toBe('OK');
  return page;
}
const newToken = async (): Promise<string> => (await signedIn()).tokens().access!;
const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;

/** Rotates when it is due, and waits until every container has the new set. */
async function rotate(): Promise<void> {
  const { rotationMs, freshMs } = keys.times();
  stepgate.clock.advance(rotationMs);
  expect(await keys.rotate()).toBe('rotated');
  stepgate.clock.advance(freshMs);
}

interface Foreign {
  readonly verify: (token: string) => Promise<unknown>;
  readonly fetches: () => number;
}

/** What discovery says, at the address where this file's service answers. */
async function discovered() {
  const { issuer, jwks_uri } = (await stepgate.browser().get('/auth/.well-known/openid-configuration')).body;
  return {
    issuer,
    jwksUri: jwks_uri,
    audience: 'http://localhost:3001',
    here: stepgate.url() + new URL(jwks_uri).pathname,
  };
}

async function joseVerifier(): Promise<Foreign> {
  const { issuer, audience, here } = await discovered();
  let count = 0;
  const set = createRemoteJWKSet(new URL(here), {
    [customFetch]: (url, options) => {
      count += 1;
      return fetch(url, options);
    },
  });
  return {
    verify: (token) =>
      jwtVerify(token, set, {
        issuer,
        audience,
        algorithms: ['RS256'],
        currentDate: new Date(stepgate.clock.now()),
      }),
    fetches: () => count,
  };
}

/** Its clock is the machine's, so it says nothing about `exp` here; its own fetcher wants https. */
async function awsVerifier(): Promise<Foreign> {
  const { issuer, audience, jwksUri, here } = await discovered();
  let count = 0;
  const fetcher = {
    fetch: async () => {
      count += 1;
      return (await fetch(here)).arrayBuffer();
    },
  };
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri }, { jwksCache: new SimpleJwksCache({ fetcher }) });
  return { verify: (token) => verifier.verify(token), fetches: () => count };
}

describe.each([
  ['jose', joseVerifier],
  ['aws-jwt-verify', awsVerifier],
])('SEC-45: %s', (_, make) => {
  it('takes tokens from before, during and after a rotation with the set it read before it', async () => {
    const foreign = await make();
    const before = await newToken();
    await foreign.verify(before);
    await rotate();
    const after = await newToken();
    expect(kidOf(after)).not.toBe(kidOf(before));
    await foreign.verify(after);
    expect(foreign.fetches()).toBe(1);
  });

  it('that comes after the rotation takes a token from before it, until it expires', async () => {
    const before = await newToken();
    await rotate();
    const foreign = await make();
    if (make === awsVerifier) await foreign.verify(before);
    else await expect(foreign.verify(before)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
    await foreign.verify(await newToken());
  });

  it('refuses what a key signed that was taken away, once it reads the set anew', async () => {
    const before = await newToken();
    await (await make()).verify(before);
    expect(await keys.revoke()).toBe('revoked');
    stepgate.clock.advance(keys.times().freshMs);
    const foreign = await make();
    await foreign.verify(await newToken());
    await expect(foreign.verify(before)).rejects.toThrow(/JWK|key/i);
  });
});

describe.each(['cookie', 'header'] as const)('SEC-45: a session by %s', (mode) => {
  it('lives through five rotations without a sign-in', async () => {
    const foreign = await joseVerifier();
    const page = await signedIn(mode);
    const { sessionHandle } = page.claims();
    const signers = new Set<string>();
    for (let i = 0; i < 5; i += 1) {
      await rotate();
      expect((await page.refresh()).status).toBe(200);
      expect((await page.me()).status).toBe(200);
      expect(page.claims().sessionHandle).toBe(sessionHandle);
      signers.add((await keys.kids()).current);
    }
    expect(signers.size).toBe(5);
    await foreign.verify(await newToken());
  });
});
