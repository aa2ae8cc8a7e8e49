import { randomInt } from 'node:crypto';
import { canonicalEmail, canonicalPhone } from '../account/contact.ts';
import { hashPassword } from '../account/password.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { SaidPasswords } from '../ports.ts';
import { sealSeed, seedFromBase32 } from '../totp/code.ts';
import type { TotpDevice } from '../totp/device.ts';
import { type FirebaseParameters, storedHash } from './hashes.ts';
import { derivedId, requireDistinct, withIds } from './ids.ts';
import { type HashRecord, LineFault, type MethodRecord, type UserRecord } from './record.ts';
import { canonical } from './to-record.ts';

export interface ConvertOptions {
  /** Where a record names none. */
  readonly tenantId: string;
  readonly firebase?: FirebaseParameters | undefined;
  readonly now: number;
}

export const METADATA_BYTES = 8_192;

/**
 * The user that a record makes: contacts in their one spelling, hashes as they are stored, seeds sealed.
 *
 * A record without an id gets one that depends on the tenant and its first contact alone, so that the same line makes
 * the same user however often it is read.
 *
 * @returns the user, and what of the record could not be kept.
 * @throws LineFault naming the member that is at fault.
 */
export async function toUser(
  record: UserRecord,
  options: ConvertOptions,
  secrets: Secrets,
): Promise<{ readonly user: User; readonly saidPasswords: SaidPasswords; readonly notes: readonly string[] }> {
  const { now } = options;
  if (Buffer.byteLength(JSON.stringify(record.metadata)) > METADATA_BYTES) {
    throw new LineFault('metadata: is larger than 8 KB');
  }
  const notes: string[] = [];
  const timeJoined = record.timeJoined ?? now;
  const methods: Omit<LoginMethod, 'recipeUserId'>[] = [];
  for (const [i, method] of record.loginMethods.entries()) {
    methods.push(await methodOf(method, `loginMethods.${i}`, { ...options, record, timeJoined }));
    if (method.recipeId === 'emailpassword' && method.passwordHash === undefined && method.password === undefined) {
      notes.push(`loginMethods.${i}: has no password, its owner sets one by a reset`);
    }
  }
  const tenantIds = record.tenantIds ?? [...new Set(methods.flatMap((method) => method.tenantIds))];
  const stray = methods.findIndex((method) => method.tenantIds.some((id) => !tenantIds.includes(id)));
  if (stray >= 0) throw new LineFault(`loginMethods.${stray}.tenantIds: has a tenant that the user is not of`);

  const userId = record.id ?? derivedId(secrets, tenantIds[0]!, methods[0]!);
  const inOrder = withIds(methods, record, userId, secrets);
  requireDistinct(inOrder);
  const loginMethods = inOrder.toSorted((a, b) => a.timeJoined - b.timeJoined);
  const isKnown = record.backupCodes === undefined || record.backupCodes.kid === secrets.kid;
  if (!isKnown) notes.push('backupCodes: are of another deployment, and were left out');
  const totpDevices = record.totpDevices.map((device, i) => deviceOf(device, i, { userId, timeJoined, secrets }));
  if (new Set(totpDevices.map(({ name }) => name)).size < totpDevices.length) {
    throw new LineFault('totpDevices: two have the same name');
  }
  const roles = Array.isArray(record.roles) ? { [options.tenantId]: record.roles } : (record.roles ?? {});
  const user: User = {
    userId,
    status: record.status,
    // No session of an account of this id that was erased is one of this user's.
    epoch: randomInt(2 ** 31),
    version: 0,
    isPrimary: record.isPrimary ?? loginMethods.length > 1,
    timeJoined,
    tenantIds,
    metadata: record.metadata,
    loginMethods,
    roles: Object.fromEntries(Object.entries(roles).filter(([, own]) => own.length > 0)),
    requiredFactors: [...new Set(record.requiredFactors)],
    ...(record.owedFactors === undefined || record.owedFactors.length === 0 ? {} : { owedFactors: record.owedFactors }),
    ...(record.grace === undefined ? {} : { grace: record.grace }),
    ...(record.exemptions === undefined ? {} : { exemptions: record.exemptions }),
    ...(totpDevices.length === 0 ? {} : { totpDevices }),
    ...(record.backupCodes === undefined || !isKnown ? {} : { backupCodes: record.backupCodes }),
  };
  const saidPasswords = record.loginMethods.flatMap(({ passwordHash, password }, i) => {
    const said = passwordHash ?? password;
    return said === undefined ? [] : [[inOrder[i]!.recipeUserId, saidAs(said, secrets)] as const];
  });
  return { user, saidPasswords: Object.fromEntries(saidPasswords), notes };
}

/** As a MAC: what a line says of a password may be the password. */
const saidAs = (said: HashRecord, secrets: Secrets): string =>
  secrets.mac('import', 'password', canonical(said)).toString('base64url');

async function methodOf(
  method: MethodRecord,
  at: string,
  of: ConvertOptions & { readonly record: UserRecord; readonly timeJoined: number },
): Promise<Omit<LoginMethod, 'recipeUserId'>> {
  const { recipeId, thirdParty } = method;
  const isPassword = recipeId === 'emailpassword';
  const wrong = (member: string, reason: string) => new LineFault(`${at}.${member}: ${reason}`);
  if ((recipeId === 'thirdparty') !== (thirdParty !== undefined)) {
    throw wrong('thirdParty', recipeId === 'thirdparty' ? 'is missing' : `does not go with ${recipeId}`);
  }
  if (thirdParty?.id.includes('|') === true) throw wrong('thirdParty.id', 'must not hold |');
  if (method.phoneNumber !== undefined && recipeId !== 'passwordless') {
    throw wrong('phoneNumber', `does not go with ${recipeId}`);
  }
  if (!isPassword && (method.passwordHash ?? method.password) !== undefined) {
    throw wrong('passwordHash', `does not go with ${recipeId}`);
  }
  if (method.passwordHash !== undefined && method.password !== undefined) {
    throw wrong('password', 'is there beside a hash');
  }
  const email = method.email === undefined ? undefined : canonicalEmail(method.email);
  if (method.email !== undefined && email === undefined) throw wrong('email', 'is not an address');
  const phone = method.phoneNumber === undefined ? undefined : await canonicalPhone(method.phoneNumber);
  if (method.phoneNumber !== undefined && phone === undefined) throw wrong('phoneNumber', 'is not a mobile number');
  if (isPassword && email === undefined) throw wrong('email', 'is missing');
  if (recipeId === 'passwordless' && (email === undefined) === (phone === undefined)) {
    throw wrong('email', 'or phoneNumber must be there, and not both');
  }
  const passwordHash =
    method.passwordHash !== undefined
      ? storedHash(method.passwordHash, `${at}.passwordHash`, of.firebase)
      : method.password === undefined
        ? undefined
        : await hashPassword(method.password);
  return {
    recipeId,
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phoneNumber: phone.number }),
    ...(thirdParty === undefined ? {} : { thirdParty }),
    verified: method.verified,
    timeJoined: method.timeJoined ?? of.timeJoined,
    tenantIds: [...new Set(method.tenantIds ?? of.record.tenantIds ?? [of.tenantId])],
    ...(passwordHash === undefined ? {} : { passwordHash }),
  };
}

export function deviceOf(
  device: UserRecord['totpDevices'][number],
  at: number,
  { userId, timeJoined, secrets }: { readonly userId: string; readonly timeJoined: number; readonly secrets: Secrets },
): TotpDevice {
  const name = device.name ?? `TOTP Device ${at}`;
  const { period, verified, lastStep, createdAt } = device;
  const sealed = sealSeed(secrets, seedFromBase32(device.secret), userId, name);
  return { name, ...sealed, period, verified, lastStep, createdAt: createdAt ?? timeJoined };
}
