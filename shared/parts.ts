import type { Config } from './config.ts';
import { dynamoAudit } from './dynamo/audit.ts';
import { dynamoBackupCodes } from './dynamo/backup-codes.ts';
import { dynamoBudgets } from './dynamo/budgets.ts';
import { dynamoCodes } from './dynamo/codes.ts';
import { dynamoCompletions } from './dynamo/completion.ts';
import { dynamoFirstFactors } from './dynamo/first-factor.ts';
import { atFirstUse } from './dynamo/first-use.ts';
import { dynamoKeyring, type Envelope } from './dynamo/keyring.ts';
import { dynamoLimits } from './dynamo/limits.ts';
import { dynamoSessions } from './dynamo/sessions.ts';
import { createSession } from './dynamo/new-session.ts';
import { openTable, type Table } from './dynamo/table-client.ts';
import { dynamoRoles, dynamoTenants } from './dynamo/tenants.ts';
import { dynamoDevices } from './dynamo/trusted-devices.ts';
import { dynamoTotp } from './dynamo/totp.ts';
import { dynamoUsers } from './dynamo/users.ts';
import { keyTimes } from './keys/key-times.ts';
import { kmsEnvelope } from './keys/kms-envelope.ts';
import { jsonLog } from './log.ts';
import { onFirstUse } from './on-first-use.ts';
import type { Clock, Keyring, Log } from './ports.ts';

/**
 * The composition root, in parts: each Lambda spreads what its endpoints need, and its bundle holds no more.
 *
 * A forgotten part does not compile: `toLambda` wants the intersection of what its endpoints ask for. What sends mails
 * and messages is not here: see delivery/lazy-mailer.ts; nor what asks providers: see third-party-parts.ts.
 */

export const systemClock: Clock = { now: () => Date.now() };

/** What tests replace: time and the log. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
}

export const runtime = (config: Config, { clock, log }: Surroundings = { clock: systemClock, log: jsonLog }) => ({
  config,
  clock,
  log,
  table: openTable(config.TABLE_NAME),
});
export type Runtime = ReturnType<typeof runtime>;

type KeyReader = Pick<Runtime, 'table' | 'clock' | 'log' | 'config'>;

/** Public keys alone: nothing here can be unwrapped. */
export const publicKeys = (base: KeyReader): { keys: Keyring } =>
  keyring(base, { open: () => Promise.reject(new Error('this function may not open keys')) });

export const openKeys = (base: KeyReader): { keys: Keyring } => keyring(base, kmsEnvelope(base.config.KMS_KEY_ID));

const keyring = ({ table, clock, log, config }: KeyReader, envelope: Pick<Envelope, 'open'>) => ({
  keys: dynamoKeyring(table, envelope, { clock, log, times: keyTimes(config) }),
});

type Configured = Pick<Runtime, 'table' | 'clock' | 'log' | 'config'>;

export const configuration = (base: Configured, about: { readonly onRead?: ReturnType<typeof atFirstUse> } = {}) => {
  const { table, clock, log, config } = base;
  const options = { clock, log, cacheSeconds: config.TENANT_CACHE_SECONDS, ...about };
  return { tenants: dynamoTenants(table, options), roles: dynamoRoles(table, options) };
};

/** The same, for functions that may write memberships: tenants that nobody opened enlist themselves at their first use. */
export const enlistingConfiguration = (base: Configured) =>
  configuration(base, { onRead: atFirstUse(base.table, base.log) });

export type Keyed = { readonly table: Table; readonly keys: Keyring };

export const accounts = ({ table, keys }: Keyed) => ({
  users: dynamoUsers(table, keys),
  factors: onFirstUse(async () => (await import('./dynamo/own-factors.ts')).dynamoFactors(table)),
  audit: dynamoAudit(table),
});

const devices = ({ table }: Pick<Keyed, 'table'>) => ({ devices: dynamoDevices(table) });

export const sessions = ({ table }: Pick<Keyed, 'table'>) => ({
  sessions: dynamoSessions(table),
  ...devices({ table }),
});

/** For whoever begins sessions and does nothing else with them. */
export const newSessions = ({ table }: Pick<Keyed, 'table'>) => ({
  sessions: { create: createSession(table) },
  ...devices({ table }),
});

export const limits = ({ table, keys }: Keyed) => ({ limits: dynamoLimits(table, keys) });

export const budgets = ({ table, keys }: Keyed) => ({ budgets: dynamoBudgets(table, keys) });

export const codes = ({ table, keys }: Keyed) => ({ ...budgets({ table, keys }), codes: dynamoCodes(table) });

/** What completes a factor, and what completes a sign-in that is a code. */
export const completions = ({ table, keys }: Keyed) => ({
  completions: dynamoCompletions(table, keys),
  firstFactors: dynamoFirstFactors(table, keys),
});

export const authenticators = ({ table }: Pick<Keyed, 'table'>) => ({
  totp: dynamoTotp(table),
  backupCodes: dynamoBackupCodes(table),
});

export const accountLinks = ({ table, keys }: Keyed) => ({
  links: onFirstUse(async () => (await import('./dynamo/account-links.ts')).dynamoLinks(table, keys)),
});

export const links = ({ table }: Pick<Keyed, 'table'>) => ({
  tokens: onFirstUse(async () => (await import('./dynamo/tokens.ts')).dynamoTokens(table)),
});

export const recovery = ({ table, keys }: Keyed) => ({
  ...links({ table }),
  passwords: onFirstUse(async () => (await import('./dynamo/passwords.ts')).dynamoPasswords(table, keys)),
  verifications: onFirstUse(async () => (await import('./dynamo/verifications.ts')).dynamoVerifications(table)),
  contacts: onFirstUse(async () => (await import('./dynamo/contacts.ts')).dynamoContacts(table, keys)),
});

export const administration = ({ table, keys, config }: Keyed & Pick<Runtime, 'config'>) => ({
  secretSealer: kmsEnvelope(config.KMS_KEY_ID),
  tenantAdmin: onFirstUse(async () => (await import('./dynamo/tenant-admin.ts')).dynamoTenantAdmin(table)),
  tenantList: onFirstUse(async () => (await import('./dynamo/tenant-list.ts')).dynamoTenantList(table)),
  policies: onFirstUse(async () => (await import('./dynamo/policies.ts')).dynamoPolicies(table)),
  decisions: onFirstUse(async () => (await import('./dynamo/decisions.ts')).dynamoDecisions(table)),
  claims: onFirstUse(async () => (await import('./dynamo/claims-ahead.ts')).dynamoClaimReader(table, keys)),
  userAdmin: onFirstUse(async () => (await import('./dynamo/user-admin.ts')).dynamoUserAdmin(table, keys)),
  imports: onFirstUse(async () => (await import('./dynamo/imports.ts')).dynamoImports(table, keys)),
});
