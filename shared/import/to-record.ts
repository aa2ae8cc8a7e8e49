import type { User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import { seedToBase32 } from '../totp/code.ts';
import type { RecordInput } from './record.ts';

/**
 * A user as a line that an import takes back: hashes as they are stored, seeds of authenticator apps in the clear. Whoever
 * holds it can sign in as its user's second factor.
 *
 * Sessions, remembered devices and the audit stay behind.
 *
 * @throws where a seed was sealed under another root secret.
 */
export function toRecord(user: User, secrets: Secrets): RecordInput & { readonly id: string } {
  const totpDevices = (user.totpDevices ?? []).map(({ name, sealedSeed, period, verified, lastStep, createdAt }) => ({
    name,
    secret: seedToBase32(secrets.open('totp-seed', sealedSeed, user.userId, name)),
    period,
    verified,
    lastStep,
    createdAt,
  }));
  return {
    id: user.userId,
    status: user.status,
    timeJoined: user.timeJoined,
    isPrimary: user.isPrimary,
    tenantIds: [...user.tenantIds],
    metadata: { ...user.metadata },
    loginMethods: user.loginMethods.map(({ tenantIds, ...method }) => ({ ...method, tenantIds: [...tenantIds] })),
    roles: Object.fromEntries(
      Object.entries(user.roles).flatMap(([id, roles]) => (roles.length === 0 ? [] : [[id, roles.toSorted()]])),
    ),
    requiredFactors: user.requiredFactors.toSorted(),
    ...(user.owedFactors === undefined ? {} : { owedFactors: [...user.owedFactors] }),
    ...(user.grace === undefined ? {} : { grace: user.grace }),
    ...(user.exemptions === undefined ? {} : { exemptions: user.exemptions }),
    ...(totpDevices.length === 0 ? {} : { totpDevices }),
    ...(user.backupCodes === undefined
      ? {}
      : { backupCodes: { ...user.backupCodes, macs: user.backupCodes.macs.toSorted() } }),
  };
}

/** One text for one value, whatever the order of its members. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
