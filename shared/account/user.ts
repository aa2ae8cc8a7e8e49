import type { BackupCodes } from '../backup-codes/backup-codes.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { RememberedDevice } from '../trusted-devices/device.ts';
import type { TotpDevice } from '../totp/device.ts';

export interface LoginMethod {
  readonly recipeUserId: string;
  readonly recipeId: 'emailpassword' | 'passwordless' | 'thirdparty';
  readonly email?: string;
  /** E.164. */
  readonly phoneNumber?: string;
  /** Provider and subject there: what a method of that kind is found by, whatever its address. */
  readonly thirdParty?: { readonly id: string; readonly userId: string };
  readonly verified: boolean;
  /** Epoch milliseconds. */
  readonly timeJoined: number;
  readonly tenantIds: readonly string[];
  /** PHC string; only where the method is a password. Never leaves the service. */
  readonly passwordHash?: string;
}

/** Everything about a user that lies in front of its sessions: what one Query loads. */
export interface User {
  readonly userId: string;
  readonly status: 'active' | 'disabled';
  /** Bumped to end every session of the user at once. */
  readonly epoch: number;
  /** Bumped by every change of login methods; guards their transactions. */
  readonly version: number;
  readonly isPrimary: boolean;
  readonly timeJoined: number;
  readonly tenantIds: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Oldest first. */
  readonly loginMethods: readonly LoginMethod[];
  /** By tenant. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** The user's own list of factors to do. */
  readonly requiredFactors: readonly FactorId[];
  /** When the user put an entry on that list or took it off: epoch ms. One an operator switched since is not here. */
  readonly factorsSince?: Readonly<Record<FactorId, number>>;
  /** Of all tenants, dead ones included. Absent: none. */
  readonly devices?: readonly RememberedDevice[];
  /** Authenticator apps, oldest first; absent: none. Never leave the service. */
  readonly totpDevices?: readonly TotpDevice[];
  /** Absent: never made. Never leave the service. */
  readonly backupCodes?: BackupCodes;
  /**
   * The password was reset by way of an address nobody had proven: a session that begins with it owes one of these
   * first, whatever the policy. Absent: none.
   */
  readonly owedFactors?: readonly FactorId[];
  /** By tenant and rule: when the grace that began for the user ends. Epoch milliseconds; never moves. */
  readonly grace?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By tenant: the policy asks the user for nothing until then. Ended ones stay until they are taken away. */
  readonly exemptions?: Readonly<Record<string, Exemption>>;
}

/** An operator's word that a tenant's policy asks a user for nothing for a while. */
export interface Exemption {
  /** Epoch milliseconds. */
  readonly until: number;
  readonly reason: string;
  /** Who gave it, where the gateway knows. */
  readonly by?: string;
}

/** A new account with one method, whose id is the user's. */
export const userWith = (method: LoginMethod, metadata: User['metadata'] = {}): User => ({
  userId: method.recipeUserId,
  status: 'active',
  epoch: 0,
  version: 0,
  isPrimary: false,
  timeJoined: method.timeJoined,
  tenantIds: method.tenantIds,
  metadata,
  loginMethods: [method],
  roles: {},
  requiredFactors: [],
});

const distinct = (values: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];

/** A tenant may be named like something that every object has: those are no roles. */
export const rolesAt = ({ roles }: Pick<User, 'roles'>, tenantId: string): readonly string[] =>
  Object.hasOwn(roles, tenantId) ? (roles[tenantId] ?? []) : [];

export const emailsOf = (user: User): readonly string[] => distinct(user.loginMethods.map((method) => method.email));
export const phonesOf = (user: User): readonly string[] =>
  distinct(user.loginMethods.map((method) => method.phoneNumber));

/** Whether the address of a login method is proven, by whichever way; one without an address counts as such. @see wire.md §7 */
export function isEmailVerified(user: User, recipeUserId: string): boolean {
  const method = user.loginMethods.find((own) => own.recipeUserId === recipeUserId);
  if (method?.email === undefined) return method !== undefined;
  return user.loginMethods.some(({ verified, email }) => verified && email === method.email);
}

/** FDI users have an address. One that its provider keeps to itself is made up here, and stored or written to nowhere. */
const shownEmail = ({ email, phoneNumber, thirdParty }: LoginMethod): string | undefined =>
  email === undefined && phoneNumber === undefined && thirdParty !== undefined
    ? `${thirdParty.userId}.${thirdParty.id}@stfakeemail.supertokens.com`
    : email;

/** The user as the FDI shows it: no hash, no metadata. @see wire.md §3 */
export const userView = (user: User) => ({
  id: user.userId,
  isPrimaryUser: user.isPrimary,
  tenantIds: [...new Set(user.loginMethods.flatMap((method) => method.tenantIds))],
  emails: distinct(user.loginMethods.map(shownEmail)),
  phoneNumbers: phonesOf(user),
  thirdParty: user.loginMethods.flatMap(({ thirdParty }) => (thirdParty === undefined ? [] : [thirdParty])),
  webauthn: { credentialIds: [] },
  loginMethods: user.loginMethods.map((method) => ({
    recipeId: method.recipeId,
    recipeUserId: method.recipeUserId,
    tenantIds: method.tenantIds,
    verified: method.verified,
    timeJoined: method.timeJoined,
    ...(shownEmail(method) === undefined ? {} : { email: shownEmail(method) }),
    ...(method.phoneNumber === undefined ? {} : { phoneNumber: method.phoneNumber }),
    ...(method.thirdParty === undefined ? {} : { thirdParty: method.thirdParty }),
    webauthn: { credentialIds: [] },
  })),
  timeJoined: user.timeJoined,
});

export type UserView = ReturnType<typeof userView>;

/** The passwordless method that proves a contact, if the user has it. */
export const otpMethod = (user: User, factorId: FactorId, contact?: string): LoginMethod | undefined =>
  user.loginMethods.find(
    (method) =>
      method.recipeId === 'passwordless' &&
      factorId.startsWith('otp-') &&
      (factorId === 'otp-email'
        ? method.email !== undefined && (contact === undefined || method.email === contact)
        : method.phoneNumber !== undefined && (contact === undefined || method.phoneNumber === contact)),
  );

/** Unused backup codes. */
export const codesLeft = (user: User): number => user.backupCodes?.macs.length ?? 0;

/** Factors the user owns credentials for, whatever the session. @see wire.md §12.4 */
export const factorsSetUp = (user: User): readonly FactorId[] => [
  ...(user.loginMethods.some((method) => method.recipeId === 'emailpassword') ? ['emailpassword'] : []),
  ...(otpMethod(user, 'otp-email') ? ['otp-email'] : []),
  ...(otpMethod(user, 'otp-phone') ? ['otp-phone'] : []),
  // An enrolment that was begun is none yet.
  ...((user.totpDevices ?? []).some((device) => device.verified) ? ['totp'] : []),
  ...(codesLeft(user) > 0 ? ['backup-code'] : []),
];
