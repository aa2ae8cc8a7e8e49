import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dynamoOauthStates } from '../../../shared/dynamo/oauth-states.ts';
import { NOW, parallel, useStoreTable } from '../../support/stores.ts';

const store = useStoreTable();
const states = () => dynamoOauthStates(store.table());

async function put(about: { readonly tenantId?: string } = {}) {
  const codeVerifier = randomBytes(32).toString('base64url');
  const state = {
    tenantId: 'public',
    codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    thirdPartyId: 'corp',
    clientId: 'client',
    redirectUri: 'https://app.example/cb',
    nonce: 'n',
    expiresAt: NOW + 600_000,
    ...about,
  };
  await states().put(state);
  return { codeVerifier, state };
}

describe('dynamoOauthStates', () => {
  it('gives a state to one of any number of parallel requests', async () => {
    const { codeVerifier, state } = await put();
    const claims = await parallel(20, () => states().claim('public', codeVerifier, randomUUID()));
    expect(claims.filter((claim) => claim !== undefined)).toEqual([state]);
  });

  it('gives it again to the request that has it: its first reply was lost', async () => {
    const { codeVerifier, state } = await put();
    for (const _ of [1, 2]) expect(await states().claim('public', codeVerifier, 'request-1')).toEqual(state);
    expect(await states().claim('public', codeVerifier, 'request-2')).toBeUndefined();
  });

  it('gives nothing at another tenant, and uses nothing up', async () => {
    const { codeVerifier, state } = await put({ tenantId: 't1' });
    expect(await states().claim('t2', codeVerifier, 'r')).toBeUndefined();
    expect(await states().claim('t1', codeVerifier, 'r')).toEqual(state);
  });

  it('makes nothing of a verifier that nobody has', async () => {
    expect(await states().claim('public', 'nobody', 'r')).toBeUndefined();
    expect(await states().claim('public', 'nobody', 'r')).toBeUndefined();
  });
});
