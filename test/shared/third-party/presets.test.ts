import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { findProvider, providerOf } from '../../../shared/third-party/presets.ts';
import { ProviderSchema } from '../../../shared/third-party/provider.ts';

const SECRET = { clientId: 'id', sealedSecret: 'c2VhbGVk' };
const provider = (entry: object) => providerOf(v.parse(ProviderSchema, { ...SECRET, ...entry }));
const DIRECTORY = '11111111-2222-3333-4444-555555555555';

describe('presets', () => {
  it.each<[object, object]>([
    [
      { thirdPartyId: 'google' },
      {
        name: 'Google',
        issuer: 'https://accounts.google.com',
        acceptedIssuers: ['https://accounts.google.com', 'accounts.google.com'],
        scopes: ['openid', 'email'],
      },
    ],
    [
      { thirdPartyId: 'apple', teamId: 'T', keyId: 'K' },
      { issuer: 'https://appleid.apple.com', apple: { teamId: 'T', keyId: 'K' } },
    ],
    [{ thirdPartyId: 'gitlab' }, { issuer: 'https://gitlab.com', acceptedIssuers: ['https://gitlab.com'] }],
    [
      { thirdPartyId: 'gitlab', issuer: 'https://git.example.com' },
      { acceptedIssuers: ['https://git.example.com'], hosts: ['git.example.com'] },
    ],
    [
      { thirdPartyId: 'github' },
      { issuer: undefined, hosts: ['github.com', 'github.com', 'api.github.com'], preset: 'github' },
    ],
    [
      { thirdPartyId: 'active-directory', directoryId: DIRECTORY },
      {
        preset: 'entra',
        name: 'Microsoft',
        issuer: `https://login.microsoftonline.com/${DIRECTORY}/v2.0`,
        acceptedIssuers: [`https://login.microsoftonline.com/${DIRECTORY}/v2.0`],
      },
    ],
    [
      { thirdPartyId: 'entra', directoryId: 'organizations' },
      { acceptedIssuers: ['https://login.microsoftonline.com/{tenantid}/v2.0'] },
    ],
    [
      { thirdPartyId: 'entra', directoryId: 'consumers' },
      { acceptedIssuers: ['https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0'] },
    ],
    [
      { thirdPartyId: 'corp', issuer: 'https://id.corp.example', hosts: ['keys.corp.example'] },
      { preset: 'oidc', hosts: ['id.corp.example', 'keys.corp.example'], requireEmail: true },
    ],
  ])('make a provider of %j', (entry, expected) => {
    expect(provider(entry)).toMatchObject(expected);
  });
});

describe('findProvider', () => {
  const one = provider({ thirdPartyId: 'google' });
  const web = provider({ thirdPartyId: 'github', clientType: 'web' });
  const ios = provider({ thirdPartyId: 'github', clientType: 'ios' });
  const all = [one, web, ios];

  it.each([
    ['google', undefined, one],
    ['google', 'web', undefined],
    ['github', 'ios', ios],
    ['github', 'tv', undefined],
    ['github', undefined, undefined],
    ['gitlab', undefined, undefined],
  ])('for %s and client type %s', (thirdPartyId, clientType, expected) => {
    expect(findProvider(all, thirdPartyId, clientType)).toBe(expected);
  });

  it('takes the entry without a client type where none is asked for', () => {
    const plain = provider({ thirdPartyId: 'github' });
    expect(findProvider([web, plain], 'github', undefined)).toBe(plain);
  });
});
