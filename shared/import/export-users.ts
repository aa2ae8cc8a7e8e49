import type { UserAdmin } from '../admin/users.ts';
import { mustLoad } from '../admin/users.ts';
import { userView } from '../account/user.ts';
import type { Clock, ImportStore, Keyring, SessionStore, UserStore } from '../ports.ts';
import { toRecord } from './to-record.ts';

export type ExportUserDeps = {
  readonly users: UserStore;
  readonly sessions: Pick<SessionStore, 'list'>;
  readonly imports: Pick<ImportStore, 'history'>;
  readonly clock: Clock;
};

/** Audit events are kept for so long, and a month more begins it. */
const HISTORY_MS = 431 * 86_400_000;

/**
 * Everything that is held about one person, to be handed to that person: no hash, seed, MAC or token among it.
 *
 * @throws 404 for an unknown user.
 */
export async function exportUser(userId: string, deps: ExportUserDeps) {
  const now = deps.clock.now();
  const [user, sessions, history] = await Promise.all([
    mustLoad(userId, deps),
    deps.sessions.list(userId),
    deps.imports.history(userId, now - HISTORY_MS, now),
  ]);
  const hasPassword = new Set(user.loginMethods.flatMap((own) => (own.passwordHash ? [own.recipeUserId] : [])));
  const { loginMethods } = userView(user);
  return {
    status: 'OK' as const,
    exportedAt: now,
    user: {
      id: user.userId,
      status: user.status,
      timeJoined: user.timeJoined,
      isPrimaryUser: user.isPrimary,
      tenantIds: user.tenantIds,
      metadata: user.metadata,
      loginMethods: loginMethods.map((own) => ({ ...own, hasPassword: hasPassword.has(own.recipeUserId) })),
      roles: user.roles,
      requiredFactors: user.requiredFactors,
      owedFactors: user.owedFactors ?? [],
      grace: user.grace ?? {},
      exemptions: user.exemptions ?? {},
      totpDevices: (user.totpDevices ?? []).map(({ name, period, verified, createdAt }) => ({
        name,
        period,
        verified,
        createdAt,
      })),
      backupCodes:
        user.backupCodes === undefined
          ? null
          : { left: user.backupCodes.macs.length, createdAt: user.backupCodes.createdAt },
    },
    devices: (user.devices ?? []).map(({ id, tenantId, createdAt, rotatedAt, expiresAt, userAgent, trusted }) => ({
      id,
      tenantId,
      createdAt,
      lastUsedAt: rotatedAt,
      expiresAt,
      userAgent,
      trusted,
    })),
    sessions: sessions.map((session) => ({
      handle: session.handle,
      tenantId: session.tenantId,
      firstFactor: session.firstFactor,
      completed: session.completed,
      createdAt: session.createdAt,
      lastUsedAt: session.rotatedAt,
      expiresAt: Math.min(session.idleExpiresAt, session.absoluteExpiresAt),
      ...(session.revokedAt === undefined ? {} : { revokedAt: session.revokedAt }),
      ...(session.userAgent === undefined ? {} : { userAgent: session.userAgent }),
    })),
    history,
  };
}

export type ExportDeps = {
  readonly users: UserStore;
  readonly userAdmin: Pick<UserAdmin, 'members'>;
  readonly keys: Pick<Keyring, 'secrets'>;
};

const PAGE = 50;

/**
 * The members of a tenant as records that an import takes back, whole users each: with hashes, and with the seeds of
 * authenticator apps in the clear. Holds a page of 50 users at a time.
 */
export async function* exportTenant(tenantId: string, deps: ExportDeps) {
  for await (const user of membersOf(tenantId, deps)) yield toRecord(user, await deps.keys.secrets());
}

/** The members of all these tenants, each user once: with the first of its tenants that is among them. */
export async function* exportTenants(tenantIds: readonly string[], deps: ExportDeps) {
  for (const tenantId of tenantIds) {
    for await (const user of membersOf(tenantId, deps)) {
      const first = user.tenantIds.find((own) => tenantIds.includes(own));
      if (first === tenantId) yield toRecord(user, await deps.keys.secrets());
    }
  }
}

async function* membersOf(tenantId: string, { users, userAdmin }: ExportDeps) {
  let cursor: string | undefined;
  do {
    const page = await userAdmin.members(tenantId, PAGE, cursor);
    const loaded = await Promise.all(page.userIds.map((id) => users.load(id)));
    for (const user of loaded) if (user !== undefined) yield user;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
