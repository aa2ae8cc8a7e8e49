import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { LoginMethod, User } from '../../shared/account/user.ts';
import { openTable, type Table } from '../../shared/dynamo/table-client.ts';
import { deriveSecrets } from '../../shared/keys/secrets.ts';
import type { Completion } from '../../shared/ports.ts';
import type { Device } from '../../shared/otp/device.ts';
import type { SessionRecord } from '../../shared/session/session.ts';
import { useTable } from './dynamodb.ts';

/** When everything that is built here began. Stores know no clock: whoever calls them says what time it is. */
export const NOW = Date.UTC(2026, 0, 5, 12);
export const MINUTE = 60_000;

/** The table as stores see it, and a root secret of the file's own. */
export function useStoreTable() {
  const { tableName } = useTable();
  const secrets = deriveSecrets('r1', randomBytes(32));
  let table: Table | undefined;
  beforeAll(() => {
    table = openTable(tableName);
  });
  afterAll(() => table?.db.destroy());
  return {
    table: (): Table => {
      if (table === undefined) throw new Error('the table is there from beforeAll on');
      return table;
    },
    keys: { secrets: () => Promise.resolve(secrets) },
  };
}

/** So many at the same time. */
export const parallel = <T>(count: number, call: (i: number) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => call(i)));

export const aDevice = (about: Partial<Device> = {}): Device => ({
  tenantId: 'public',
  preAuthSessionId: randomBytes(32).toString('base64url'),
  purpose: 'enrol',
  factorId: 'otp-email',
  userId: randomUUID(),
  sessionHandle: randomUUID(),
  contact: 'device@example.com',
  codeMac: randomBytes(32).toString('base64url'),
  salt: randomBytes(16).toString('base64url'),
  kid: 'r1',
  attempts: 0,
  maxAttempts: 5,
  createdAt: NOW,
  sentAt: NOW,
  expiresAt: NOW + 10 * MINUTE,
  ...about,
});

export const aMethod = (about: Partial<LoginMethod> = {}): LoginMethod => ({
  recipeUserId: randomUUID(),
  recipeId: 'emailpassword',
  email: `${randomUUID()}@example.com`,
  verified: false,
  timeJoined: NOW,
  tenantIds: ['public'],
  ...about,
});

/** A user that signs in with `method` and nothing else. */
export const aUser = (method: LoginMethod, about: Partial<User> = {}): User => ({
  userId: method.recipeUserId,
  status: 'active',
  epoch: 0,
  version: 0,
  isPrimary: false,
  timeJoined: NOW,
  tenantIds: method.tenantIds,
  metadata: {},
  loginMethods: [method],
  roles: {},
  requiredFactors: [],
  ...about,
});

export const aSession = (user: User, about: Partial<SessionRecord> = {}): SessionRecord => ({
  userId: user.userId,
  handle: randomUUID(),
  tenantId: 'public',
  recipeUserId: user.loginMethods[0]!.recipeUserId,
  firstFactor: 'emailpassword',
  completed: { emailpassword: NOW / 1000 },
  createdAt: NOW,
  refreshTokenHash: 'hash-0',
  boundary: false,
  generation: 0,
  branch: 0,
  rotatedAt: NOW,
  fingerprint: 'browser',
  idleExpiresAt: NOW + 60 * MINUTE,
  absoluteExpiresAt: NOW + 120 * MINUTE,
  epoch: user.epoch,
  ...about,
});

/** What a right code for `device` changes, with nothing to link. */
export const aCompletion = (
  parts: { readonly device: Device; readonly user: User; readonly session: SessionRecord },
  about: Partial<Completion> = {},
): Completion => ({
  device: parts.device,
  user: parts.user,
  requestId: randomUUID(),
  now: NOW + MINUTE,
  session: {
    handle: parts.session.handle,
    from: parts.session.refreshTokenHash,
    to: 'hash-1',
    factor: parts.device.factorId,
    completedAtSeconds: NOW / 1000 + 60,
    fingerprint: 'browser',
    idleExpiresAt: NOW + 61 * MINUTE,
    satisfied: true,
  },
  optIn: false,
  budgets: [],
  ...about,
});
