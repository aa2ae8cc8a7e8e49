import * as v from 'valibot';
import { type Preset, PRESETS, presetOf } from './presets.ts';

/**
 * Who tells us who somebody is, as a tenant writes it: one entry per client. Entries with the same `thirdPartyId` are
 * one provider with several `clientType`s.
 */

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** Plain http only for this very machine; the local run alone follows it there. */
const isProviderUrl = (value: string): boolean => {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, search, hash } = new URL(value);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  return isSafe && username === '' && search === '' && hash === '';
};

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));
const url = v.pipe(text(500), v.check(isProviderUrl, 'must be an https address without a query'));
const list = <S extends v.GenericSchema>(item: S) => v.pipe(v.array(item, 'must be a list'), v.maxLength(20));
const path = v.pipe(text(100), v.regex(/^[\w-]+(\.[\w-]+)*$/, 'must be a path such as data.email'));
const scopes = list(v.pipe(text(200), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is not a scope')));

export const SECRET_IN_PLAIN =
  'may not be stored in plain: give it to PUT /admin/tenants/{tenantId}, or store as sealedSecret what `aws kms encrypt ' +
  '--encryption-context app=stepgate,use=provider:<tenantId>:<thirdPartyId>` prints';

export const ProviderSchema = v.pipe(
  v.strictObject({
    thirdPartyId: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a short lower-case name')),
    /** Default: the preset of that name, else `oidc`. */
    preset: v.optional(v.picklist(PRESETS)),
    name: v.optional(text(40)),
    clientType: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,32}$/, 'must be letters, digits and hyphens'))),
    clientId: text(256),
    clientSecret: v.optional(v.never(SECRET_IN_PLAIN)),
    /** What KMS made of the client secret, base64. Apple: of the private key in PEM. */
    sealedSecret: v.optional(v.pipe(text(8192), v.base64('must be base64'))),
    issuer: v.optional(url),
    /** `iss` values that count as this issuer; `{tenantid}` stands for the token's own `tid`. */
    acceptedIssuers: v.optional(v.pipe(list(text(500)), v.minLength(1))),
    scopes: v.optional(scopes),
    /** Other hosts than the issuer's that its discovery document may name. */
    hosts: v.optional(list(v.pipe(v.string(), v.regex(/^[a-z0-9.-]+(:\d{1,5})?$/, 'must be a host name')))),
    requireEmail: v.optional(v.boolean()),
    /** Exact addresses, instead of every page of an allowed origin. */
    redirectUris: v.optional(list(text(500))),
    /** Entra: a directory's id, `common`, `organizations` or `consumers`. */
    directoryId: v.optional(v.pipe(v.string(), v.regex(/^([0-9a-f-]{36}|common|organizations|consumers)$/))),
    /** Apple. */
    teamId: v.optional(text(40)),
    keyId: v.optional(text(40)),
    /** `oauth2`. */
    endpoints: v.optional(v.strictObject({ authorization: url, token: url, userInfo: url })),
    /** `oauth2`: where in the user-info reply these are. */
    claims: v.optional(
      v.strictObject({ userId: path, email: v.exactOptional(path), emailVerified: v.exactOptional(path) }),
    ),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const missing = missingOf(dataset.value);
    if (missing.length > 0) addIssue({ message: `needs ${missing.join(', ')}` });
  }),
);

export type ProviderEntry = v.InferOutput<typeof ProviderSchema>;

const NEEDS: Readonly<Record<Preset, readonly (keyof ProviderEntry)[]>> = {
  google: ['sealedSecret'],
  github: ['sealedSecret'],
  apple: ['teamId', 'keyId', 'sealedSecret'],
  entra: ['directoryId', 'sealedSecret'],
  gitlab: ['sealedSecret'],
  oidc: ['issuer'],
  oauth2: ['endpoints', 'claims'],
};

const missingOf = (entry: ProviderEntry): readonly string[] =>
  NEEDS[presetOf(entry)]
    .filter((name) => entry[name] === undefined)
    .map((name) => (name === 'sealedSecret' ? 'clientSecret' : name));

/** No two clients of one provider for the same `clientType`. */
export const ProvidersSchema = v.pipe(
  list(ProviderSchema),
  v.check(
    (entries) =>
      new Set(entries.map(({ thirdPartyId, clientType }) => `${thirdPartyId} ${clientType ?? ''}`)).size ===
      entries.length,
    'has two entries with the same thirdPartyId and clientType',
  ),
);
