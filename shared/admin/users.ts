import { canonicalEmail, canonicalPhone } from '../account/contact.ts';
import { isTenantId } from '../account/tenant-id.ts';
import { type Exemption, type LoginMethod, type User, userView } from '../account/user.ts';
import { isFactorId, SECOND_FACTORS } from '../mfa/factor.ts';
import type { AuditStore, Clock, DeviceStore, UserStore } from '../ports.ts';
import { badRequest, notFound, unavailable } from '../protocol-error.ts';
import type { FactorReset } from './reset-factors.ts';
import { tell, type TellDeps, tenantOf } from './tell.ts';

/** Users, for those who run the service. */
export interface UserAdmin {
  /** Members of a tenant in a stable order. @returns ids and where to go on; no `cursor` at the end. */
  members(
    tenantId: string,
    limit: number,
    cursor: string | undefined,
  ): Promise<{ readonly userIds: readonly string[]; readonly cursor?: string }>;
  /** Merges metadata key by key (null removes) and sets the status; disabling ends all sessions. @returns false if gone. */
  patch(userId: string, patch: UserPatch): Promise<boolean>;
  /** Everything of the user, lookups and memberships first visible together. @returns false when it changed meanwhile. */
  remove(user: User): Promise<boolean>;
  /** Ends a removal that broke off on its way. @returns false where there is none. */
  finishRemoval(userId: string): Promise<boolean>;
  setRole(userId: string, tenantId: string, role: string, granted: boolean): Promise<boolean>;
  /** @returns false when the user changed meanwhile. */
  resetFactors(reset: FactorReset): Promise<boolean>;
  /** Makes login methods of the user ones of that tenant as well, and the user a member, in one transaction. */
  join(user: User, methods: readonly LoginMethod[], tenantId: string, now: number): Promise<'OK' | 'TAKEN' | 'CHANGED'>;
  /** Takes them off it again, with the user's roles, devices and exemption there. @returns false when the user changed meanwhile. */
  leave(user: User, tenantId: string): Promise<boolean>;
  /** In place of the one that stands; undefined takes it away. @returns false when there is no such user. */
  setExemption(userId: string, tenantId: string, exemption: Exemption | undefined): Promise<boolean>;
}

export interface UserPatch {
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly status?: 'active' | 'disabled' | undefined;
  /** What a reset left owing is forgiven: for an owner who proved otherwise, and has lost the factor. */
  readonly owedFactors?: null | undefined;
}

export type UserAdminDeps = {
  readonly userAdmin: UserAdmin;
  readonly users: UserStore;
  readonly audit: AuditStore;
  readonly clock: Clock;
};

/** The user with everything an operator may see; never a password hash. */
export const adminView = (user: User) => ({
  ...userView(user),
  status: user.status,
  metadata: user.metadata,
  roles: user.roles,
  requiredFactors: user.requiredFactors,
  owedFactors: user.owedFactors ?? [],
  grace: user.grace ?? {},
  exemptions: user.exemptions ?? {},
  devices: (user.devices ?? []).map(({ id, tenantId, createdAt, rotatedAt, userAgent, trusted }) => ({
    id,
    tenantId,
    createdAt,
    lastUsedAt: rotatedAt,
    userAgent,
    trusted: Object.keys(trusted),
  })),
});

const MAX_PAGE = 100;

interface Query {
  readonly tenantId: string;
  readonly email?: string;
  readonly phone?: string;
  /** `google|1234`: provider and subject there. */
  readonly thirdParty?: string;
}

/** By e-mail, by phone, by identity at a provider, or all members of a tenant page by page. */
export async function findUsers(
  query: Query & { readonly limit: number; readonly cursor?: string },
  deps: UserAdminDeps,
) {
  if (!isTenantId(query.tenantId)) throw badRequest('not a tenant id');
  if (query.email !== undefined || query.phone !== undefined || query.thirdParty !== undefined) {
    const ids = await idsByContact(query, deps);
    return { status: 'OK' as const, users: await views(ids, deps) };
  }
  const page = await deps.userAdmin.members(query.tenantId, Math.min(query.limit, MAX_PAGE), query.cursor);
  return {
    status: 'OK' as const,
    users: await views(page.userIds, deps),
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  };
}

async function idsByContact(query: Query, { users }: Pick<UserAdminDeps, 'users'>): Promise<readonly string[]> {
  const email = query.email === undefined ? undefined : canonicalEmail(query.email);
  const phone = query.phone === undefined ? undefined : await canonicalPhone(query.phone);
  if (query.email !== undefined && email === undefined) throw badRequest('email is not an address');
  if (query.phone !== undefined && phone === undefined) throw badRequest('phone is not a phone number');
  const found = await Promise.all([
    ...(email === undefined
      ? []
      : (['emailpassword:email', 'passwordless:email'] as const).map((kind) =>
          users.byContact(kind, query.tenantId, email),
        )),
    ...(phone === undefined ? [] : [users.byContact('passwordless:phone', query.tenantId, phone.number)]),
    ...(query.thirdParty === undefined ? [] : [users.byContact('thirdparty', query.tenantId, query.thirdParty)]),
  ]);
  return [...new Set(found.flatMap((hit) => (hit === undefined ? [] : [hit.userId])))];
}

async function views(ids: readonly string[], { users }: Pick<UserAdminDeps, 'users'>) {
  const loaded = await Promise.all(ids.map((id) => users.load(id)));
  return loaded.filter((user) => user !== undefined).map(adminView);
}

export async function mustLoad(userId: string, { users }: Pick<UserAdminDeps, 'users'>): Promise<User> {
  const user = await users.load(userId);
  if (user === undefined) throw notFound('unknown user');
  return user;
}

export const getUser = async (userId: string, deps: UserAdminDeps) => ({
  status: 'OK' as const,
  user: adminView(await mustLoad(userId, deps)),
});

const METADATA_BYTES = 8_192;

export async function patchUser(userId: string, patch: UserPatch, deps: UserAdminDeps) {
  const before = await mustLoad(userId, deps);
  const merged = { ...before.metadata, ...patch.metadata };
  if (Buffer.byteLength(JSON.stringify(merged)) > METADATA_BYTES) throw badRequest('metadata is larger than 8 KB');
  if (!(await deps.userAdmin.patch(userId, patch))) throw notFound('unknown user');
  await record(
    userId,
    before,
    'admin.patched',
    { keys: Object.keys(patch.metadata ?? {}), status: patch.status },
    deps,
  );
  return getUser(userId, deps);
}

/**
 * For good. Once more for one that broke off ends it.
 *
 * @throws 404 for an unknown user of whom nothing is left either; 503 when the user changed meanwhile.
 */
export async function removeUser(userId: string, deps: UserAdminDeps) {
  const user = await deps.users.load(userId);
  if (user === undefined) {
    if (await deps.userAdmin.finishRemoval(userId)) return { status: 'OK' as const };
    throw notFound('unknown user');
  }
  if (!(await deps.userAdmin.remove(user))) throw unavailable('the user was changed meanwhile, please try again');
  await record(userId, user, 'admin.erased', {}, deps);
  return { status: 'OK' as const };
}

export async function setRole(
  change: { userId: string; tenantId: string; role: string; granted: boolean },
  deps: UserAdminDeps,
) {
  const user = await mustLoad(change.userId, deps);
  if (!isTenantId(change.tenantId)) throw badRequest('not a tenant id');
  if (!(await deps.userAdmin.setRole(change.userId, change.tenantId, change.role, change.granted))) {
    throw notFound('unknown user');
  }
  const event = change.granted ? 'admin.role-granted' : 'admin.role-removed';
  await record(change.userId, user, event, { role: change.role, tenantId: change.tenantId }, deps);
  return getUser(change.userId, deps);
}

export async function setFactor(
  change: { userId: string; factorId: string; required: boolean },
  deps: UserAdminDeps & TellDeps,
) {
  const user = await mustLoad(change.userId, deps);
  // Codes on paper are a way out, not something to ask for at every sign-in.
  const known: readonly string[] = SECOND_FACTORS.filter((factor) => factor !== 'backup-code');
  if (!isFactorId(change.factorId) || (change.required && !known.includes(change.factorId))) {
    throw badRequest(`not a second factor: ${known.join(', ')}`);
  }
  if (!(await deps.users.setRequiredFactor(change.userId, change.factorId, change.required))) {
    throw notFound('unknown user');
  }
  const event = change.required ? 'admin.factor-required' : 'admin.factor-not-required';
  await record(change.userId, user, event, { factorId: change.factorId }, deps);
  if (user.requiredFactors.includes(change.factorId) !== change.required) {
    await tell(user, change.required ? 'factor.enabled' : 'factor.disabled', deps);
  }
  return getUser(change.userId, deps);
}

/** The user is asked for everything again, on every device. Sessions go on; those that trust let in owe the factor. */
export async function forgetDevices(
  userId: string,
  deps: UserAdminDeps & TellDeps & { readonly devices: Pick<DeviceStore, 'forget'> },
) {
  const user = await mustLoad(userId, deps);
  const gone = await Promise.all(
    (user.devices ?? []).map(({ id, tenantId }) => deps.devices.forget(userId, id, tenantId)),
  );
  const forgotten = gone.filter(Boolean).length;
  if (forgotten > 0) {
    await record(userId, user, 'admin.devices-forgotten', { forgotten }, deps);
    await tell(user, 'devices.forgotten', deps);
  }
  return { status: 'OK' as const, forgotten };
}

/** Leaves a trace of what an operator did. */
export const record = (
  userId: string,
  user: User,
  event: string,
  details: Readonly<Record<string, unknown>>,
  { audit, clock }: Pick<UserAdminDeps, 'audit' | 'clock'>,
) => audit.write({ userId, tenantId: tenantOf(user), at: clock.now(), event, details });
