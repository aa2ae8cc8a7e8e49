import { requireFresh } from '../account/factors.ts';
import type { Tenant } from '../account/tenant.ts';
import { codesLeft } from '../account/user.ts';
import { BACKUP_CODES } from '../limits.ts';
import { marks } from '../notices/marks.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { GeneralError } from '../otp/send-code.ts';
import type { AuditStore, BackupCodeStore, Keyring } from '../ports.ts';
import { badRequest, unavailable } from '../protocol-error.ts';
import { type ContextDeps, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { Session } from '../session/session.ts';
import { macOf, newBackupCode } from './code.ts';

export type MakeDeps = ContextDeps &
  NoticeDeps & {
    readonly keys: Pick<Keyring, 'secrets'>;
    readonly backupCodes: BackupCodeStore;
    readonly audit: AuditStore;
  };

type Caller = { readonly session: Session; readonly tenant: Tenant; readonly client: Client };

export type MakeOutcome =
  | { readonly status: 'OK'; readonly codes: readonly string[]; readonly createdAt: number }
  | GeneralError;

/**
 * Makes ten codes for paper; earlier ones are good for nothing any more. They are in this reply and nowhere else.
 *
 * @throws 403 `st-mfa` unless the policy is satisfied and a second factor is fresh; 400 where the tenant does not offer
 * them; 503 when the account was changed in the same moment.
 */
export async function makeBackupCodes(input: Caller, deps: MakeDeps): Promise<MakeOutcome> {
  const { session, tenant, client } = input;
  const context = await sessionContext(input, deps);
  const { user } = context;
  requireFresh(context);
  if (!tenant.secondFactors.includes('backup-code')) throw badRequest('this factor is not offered');
  const { user: owner, session: begun } = context.facts;
  const hasOther = owner.factorsSetUp.some(
    (factor) => factor !== 'backup-code' && factor !== begun.firstFactor && tenant.secondFactors.includes(factor),
  );
  if (!hasOther) return NOTHING_TO_BACK_UP;

  const now = deps.clock.now();
  const secrets = await deps.keys.secrets();
  const codes = Array.from({ length: BACKUP_CODES }, newBackupCode);
  const replaced = await deps.backupCodes.replace({
    user,
    handle: session.handle,
    endOthers: false,
    now,
    codes: { macs: codes.map((code) => macOf(secrets, user.userId, code)), kid: secrets.kid, createdAt: now },
  });
  if (!replaced) throw unavailable('the account was changed meanwhile, please try again');
  await deps.audit.write({
    userId: user.userId,
    tenantId: tenant.tenantId,
    at: now,
    event: 'backup-codes.created',
    details: { count: codes.length },
  });
  const told = [marks.backupCodes({ createdAt: now })];
  await notify({ user, tenant, event: 'backup-codes.created', now, client, told }, deps);
  return { status: 'OK', codes, createdAt: now };
}

const NOTHING_TO_BACK_UP: GeneralError = {
  status: 'GENERAL_ERROR',
  message: 'Backup codes stand in for a second step. Please set one up first.',
};

/** How many are left, and when they were made; never the codes. */
export async function countBackupCodes(input: Caller, deps: ContextDeps) {
  const { user } = await sessionContext(input, deps);
  return {
    status: 'OK' as const,
    codesLeft: codesLeft(user),
    ...(user.backupCodes === undefined ? {} : { createdAt: user.backupCodes.createdAt }),
  };
}
