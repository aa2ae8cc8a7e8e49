import { createHash } from 'node:crypto';

/**
 * Every key in the table is made here, and nowhere else.
 *
 * | entity            | pk                                   | sk                     |
 * | ----------------- | ------------------------------------ | ---------------------- |
 * | tenant            | TENANT#tenantId                      | CONFIG                 |
 * | its policies      | TENANT#tenantId                      | POLICY#000001          |
 * | role              | ROLE#role                            | ROLE                   |
 * | user              | USER#userId                          | PROFILE                |
 * | its removal       | USER#userId                          | ERASING                |
 * | login method      | USER#userId                          | LOGIN#recipeUserId     |
 * | roles of a user   | USER#userId                          | ROLES#tenantId         |
 * | required factors  | USER#userId                          | FACTORS                |
 * | remembered device | USER#userId                          | DEVICE#id              |
 * | authenticator app | USER#userId                          | FACTOR#totp#hash(name) |
 * | backup codes      | USER#userId                          | FACTOR#backup-codes    |
 * | session           | USER#userId                          | SESSION#handle         |
 * | contact lookup    | LOOKUP#tenantId#hmac(kind, value)    | LOOKUP                 |
 * | OTP device        | OTP#tenantId#hash(preAuthSessionId)  | DEVICE                 |
 * | provider sign-in  | OAUTH#tenantId#hash(PKCE verifier)   | STATE                  |
 * | one-time link     | TOKEN#tenantId#hash                  | TOKEN                  |
 * | its newest links  | USER#userId                          | TOKENS                 |
 * | its ways back     | USER#userId                          | TOKENS#REVERTS         |
 * | membership        | MEMBER#tenantId#shard                | userId                 |
 * | list of tenants   | MEMBER#~tenants#00                   | tenantId               |
 * | counter           | LIMIT#scope#hmac#window              | LIMIT                  |
 * | signing keys      | KEYS                                 | KEYS                   |
 * | audit             | AUDIT#userId#yyyy-mm                 | time#id                |
 *
 * Configuration items carry readable keys; what a client or an identity provider controls enters a key only as HMAC
 * (`hmac` below is `Secrets.index`, which also binds the tenant). `#` cannot occur in a tenant id, a role, a scope or
 * an HMAC, and user ids are checked by `isUserId`, so no two different facts share a key.
 *
 * `PREFIX` is also what IAM is cut by (`dynamodb:LeadingKeys`), see infra/constructs/access.ts.
 */
export const PREFIX = {
  tenant: 'TENANT#',
  role: 'ROLE#',
  user: 'USER#',
  lookup: 'LOOKUP#',
  code: 'OTP#',
  oauth: 'OAUTH#',
  token: 'TOKEN#',
  member: 'MEMBER#',
  /** Of the listings the one that names no user; `~` cannot occur in a tenant id. */
  tenantList: 'MEMBER#~tenants#',
  limit: 'LIMIT#',
  keys: 'KEYS',
  audit: 'AUDIT#',
} as const;

export type Entity = keyof typeof PREFIX;
export type Key = { readonly pk: string; readonly sk: string };

export const tenantKey = (tenantId: string): Key => ({ pk: PREFIX.tenant + tenantId, sk: 'CONFIG' });
export const POLICY_SK = 'POLICY#';
/** Six digits, so that versions sort as numbers do. */
export const policyKey = (tenantId: string, version: number): Key => ({
  pk: PREFIX.tenant + tenantId,
  sk: POLICY_SK + String(version).padStart(6, '0'),
});
export const roleKey = (role: string): Key => ({ pk: PREFIX.role + role, sk: 'ROLE' });

export const userPk = (userId: string): string => PREFIX.user + userId;
export const profileKey = (userId: string): Key => ({ pk: userPk(userId), sk: 'PROFILE' });
/** There while a user who was erased is swept, and no longer. */
export const erasingKey = (userId: string): Key => ({ pk: userPk(userId), sk: 'ERASING' });
export const loginKey = (userId: string, recipeUserId: string): Key => ({
  pk: userPk(userId),
  sk: `LOGIN#${recipeUserId}`,
});
export const rolesKey = (userId: string, tenantId: string): Key => ({ pk: userPk(userId), sk: `ROLES#${tenantId}` });
export const factorsKey = (userId: string): Key => ({ pk: userPk(userId), sk: 'FACTORS' });
/** In front of the sessions, so that loading the user brings them: who is let in by one costs no request more. */
export const REMEMBERED_SK = 'DEVICE#';
export const rememberedKey = (userId: string, id: string): Key => ({ pk: userPk(userId), sk: REMEMBERED_SK + id });
export const TOTP_SK = 'FACTOR#totp#';
/** A device's name is the user's own words: hashed, whatever they are. */
export const totpKey = (userId: string, name: string): Key => ({
  pk: userPk(userId),
  sk: TOTP_SK + createHash('sha256').update(name).digest('base64url'),
});
export const BACKUP_CODES_SK = 'FACTOR#backup-codes';
export const backupCodesKey = (userId: string): Key => ({ pk: userPk(userId), sk: BACKUP_CODES_SK });
/** Sort keys below this hold everything policy needs; sessions and what follows lie behind it. */
export const SESSION_SK = 'SESSION#';
export const sessionKey = (userId: string, handle: string): Key => ({
  pk: userPk(userId),
  sk: SESSION_SK + handle,
});

export const lookupKey = (tenantId: string, hmac: string): Key => ({
  pk: `${PREFIX.lookup}${tenantId}#${hmac}`,
  sk: 'LOOKUP',
});
export const deviceKey = (tenantId: string, preAuthSessionId: string): Key => ({
  pk: `${PREFIX.code}${tenantId}#${createHash('sha256').update(preAuthSessionId).digest('base64url')}`,
  sk: 'DEVICE',
});

/** @param codeChallenge SHA-256 of the verifier, base64url: fixed length, no `#`. */
export const oauthKey = (tenantId: string, codeChallenge: string): Key => ({
  pk: `${PREFIX.oauth}${tenantId}#${codeChallenge}`,
  sk: 'STATE',
});
/** `hash` is of 256 random bits: nothing a client says enters it. */
export const tokenKey = (tenantId: string, hash: string): Key => ({
  pk: `${PREFIX.token}${tenantId}#${hash}`,
  sk: 'TOKEN',
});
/** Behind the sessions: what loads a user leaves it alone. */
export const tokensKey = (userId: string): Key => ({ pk: userPk(userId), sk: 'TOKENS' });

/** Apart from the other links: a new password ends those, and must not end the owner's way back. */
export const revertsKey = (userId: string): Key => ({ pk: userPk(userId), sk: 'TOKENS#REVERTS' });

export const MEMBER_SHARDS = Array.from({ length: 16 }, (_, shard) => String(shard).padStart(2, '0'));
export const memberPk = (tenantId: string, shard: string): string => `${PREFIX.member}${tenantId}#${shard}`;
/** Shard by hash of the user id: an even spread whatever the ids look like. */
export const memberKey = (tenantId: string, userId: string): Key => ({
  pk: memberPk(tenantId, MEMBER_SHARDS[createHash('sha256').update(userId).digest()[0]! % 16]!),
  sk: userId,
});
/** The list of tenants, kept where listings live. */
export const TENANT_LIST_PK = `${PREFIX.tenantList}00`;

export const limitKey = (scope: string, hmac: string, window: string): Key => ({
  pk: `${PREFIX.limit}${scope}#${hmac}#${window}`,
  sk: 'LIMIT',
});

export const KEYS_KEY: Key = { pk: PREFIX.keys, sk: 'KEYS' };

/** The partitions that a user's events of a span lie in, newest first. Epoch milliseconds, both within. */
export function auditPartitions(userId: string, from: number, to: number): readonly string[] {
  const months: string[] = [];
  const month = new Date(to);
  month.setUTCDate(1);
  month.setUTCHours(0, 0, 0, 0);
  for (;;) {
    months.push(`${PREFIX.audit}${userId}#${month.toISOString().slice(0, 7)}`);
    // The one that `from` lies in is the last.
    if (month.getTime() <= from) return months;
    month.setUTCMonth(month.getUTCMonth() - 1);
  }
}

/** `time` is epoch milliseconds; ISO time sorts. */
export const auditKey = (userId: string, time: number, id: string): Key => {
  const iso = new Date(time).toISOString();
  return { pk: `${PREFIX.audit}${userId}#${iso.slice(0, 7)}`, sk: `${iso}#${id}` };
};

/** Our own ids are UUIDs; imported users keep theirs if it is this plain. */
export const isUserId = (value: string): boolean => /^[A-Za-z0-9._:@+|-]{1,128}$/.test(value);
export const isRole = (value: string): boolean => /^[A-Za-z0-9._:-]{1,64}$/.test(value);
