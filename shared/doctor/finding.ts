/** What the doctor can say, by subject; each has a section in docs/doctor.md. */
export const FINDINGS = [
  'access',
  'clock',
  'keys-age',
  'keys-missing',
  'keys-wrapping',
  'mail-account',
  'mail-identity',
  'mail-own-sender',
  'mail-sandbox',
  'mail-suppression',
  'sms-budget',
  'sms-own-sender',
  'sms-sandbox',
  'sms-sender',
  'sms-spend',
  'sms-unused',
  'table',
  'table-backups',
  'table-protection',
  'table-ttl',
  'tenant-malformed',
  'tenants',
] as const;

export type FindingId = (typeof FINDINGS)[number];

/** `problem`: somebody cannot sign in, or data is at risk. `warning`: soon. `unknown`: it could not be asked. */
export type Level = 'ok' | 'info' | 'warning' | 'problem' | 'unknown';

export interface DoctorFinding {
  readonly id: FindingId;
  readonly level: Level;
  /** One sentence. Never a secret, never a user's address. */
  readonly says: string;
  /** What to do about it; absent where nothing is to be done. */
  readonly next?: string;
}

export const ok = (id: FindingId, says: string): DoctorFinding => ({ id, level: 'ok', says });
export const info = (id: FindingId, says: string, next?: string): DoctorFinding => withNext(id, 'info', says, next);
export const warning = (id: FindingId, says: string, next: string): DoctorFinding =>
  withNext(id, 'warning', says, next);
export const problem = (id: FindingId, says: string, next: string): DoctorFinding =>
  withNext(id, 'problem', says, next);
export const unknown = (id: FindingId, says: string, next?: string): DoctorFinding =>
  withNext(id, 'unknown', says, next);

const withNext = (id: FindingId, level: Level, says: string, next: string | undefined): DoctorFinding => ({
  id,
  level,
  says,
  ...(next === undefined ? {} : { next }),
});
