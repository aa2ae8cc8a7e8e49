import type { Config } from './config.ts';
import { dynamoAudit } from './dynamo/audit.ts';
import { dynamoBackupCodes } from './dynamo/backup-codes.ts';
import { dynamoBudgets } from './dynamo/budgets.ts';
import { dynamoClaimReader } from './dynamo/claims-ahead.ts';
import { dynamoCodes } from './dynamo/codes.ts';
import { dynamoCompletions } from './dynamo/completion.ts';
import { dynamoDecisions } from './dynamo/decisions.ts';
import { dynamoFirstFactors } from './dynamo/first-factor.ts';
import { atFirstUse } from './dynamo/first-use.ts';
import { dynamoContacts } from './dynamo/contacts.ts';
import { dynamoImports } from './dynamo/imports.ts';
import { dynamoKeyring, type Envelope } from './dynamo/keyring.ts';
import { dynamoLimits } from './dynamo/limits.ts';
import { dynamoLinks } from './dynamo/account-links.ts';
import { dynamoSessions } from './dynamo/sessions.ts';
import { dynamoPasswords } from './dynamo/passwords.ts';
import { dynamoPolicies } from './dynamo/policies.ts';
import { openTable, type Table } from './dynamo/table-client.ts';
import { dynamoTenantAdmin } from './dynamo/tenant-admin.ts';
import { dynamoTenantList } from './dynamo/tenant-list.ts';
import { dynamoRoles, dynamoTenants } from './dynamo/tenants.ts';
import { dynamoDevices } from './dynamo/trusted-devices.ts';
import { dynamoTotp } from './dynamo/totp.ts';
import { dynamoTokens } from './dynamo/tokens.ts';
import { dynamoUserAdmin } from './dynamo/user-admin.ts';
import { dynamoUsers } from './dynamo/users.ts';
import { dynamoVerifications } from './dynamo/verifications.ts';
import { keyTimes } from './keys/key-times.ts';
import { kmsEnvelope } from './keys/kms-envelope.ts';
import { jsonLog } from './log.ts';
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

export const accounts = ({ table, keys }: Keyed) => {
  const users = dynamoUsers(table, keys);
  return { users, factors: users, audit: dynamoAudit(table) };
};

export const sessions = ({ table }: Pick<Keyed, 'table'>) => ({
  sessions: dynamoSessions(table),
  devices: dynamoDevices(table),
});

export const limits = ({ table, keys }: Keyed) => ({ limits: dynamoLimits(table, keys) });

export const codes = ({ table, keys }: Keyed) => ({
  codes: dynamoCodes(table),
  budgets: dynamoBudgets(table, keys),
  completions: dynamoCompletions(table, keys),
  firstFactors: dynamoFirstFactors(table, keys),
});

export const authenticators = ({ table }: Pick<Keyed, 'table'>) => ({
  totp: dynamoTotp(table),
  backupCodes: dynamoBackupCodes(table),
});

export const accountLinks = ({ table, keys }: Keyed) => ({ links: dynamoLinks(table, keys) });

export const links = ({ table }: Pick<Keyed, 'table'>) => ({ tokens: dynamoTokens(table) });

export const recovery = ({ table, keys }: Keyed) => ({
  ...links({ table }),
  passwords: dynamoPasswords(table, keys),
  verifications: dynamoVerifications(table),
  contacts: dynamoContacts(table, keys),
});

export const administration = ({ table, keys, config }: Keyed & Pick<Runtime, 'config'>) => ({
  secretSealer: kmsEnvelope(config.KMS_KEY_ID),
  tenantAdmin: dynamoTenantAdmin(table),
  tenantList: dynamoTenantList(table),
  policies: dynamoPolicies(table),
  decisions: dynamoDecisions(table),
  claims: dynamoClaimReader(table, keys),
  userAdmin: dynamoUserAdmin(table, keys),
  imports: dynamoImports(table, keys),
});
