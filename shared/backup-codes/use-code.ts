import type { Tenant } from '../account/tenant.ts';
import { codesLeft, type User } from '../account/user.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { AuditStore } from '../ports.ts';
import { invalidClaim } from '../protocol-error.ts';
import { completeFactor, type CompleteDeps } from '../second-factor/complete.ts';
import { type Attempts, claimGuess, type GuessDeps, type GuessRefusal } from '../second-factor/guess.ts';
import { reportWrongGuess } from '../second-factor/report-guess.ts';
import { type ContextDeps, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { IssuedTokens } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { findCode } from './code.ts';

export type UseDeps = ContextDeps & GuessDeps & CompleteDeps & NoticeDeps & { readonly audit: AuditStore };

export type UseOutcome =
  | {
      readonly status: 'OK';
      readonly codesLeft: number;
      /** Not part of the body. */
      readonly tokens: IssuedTokens;
    }
  | ({ readonly status: 'INVALID_BACKUP_CODE_ERROR' } & Attempts)
  | GuessRefusal;

const NOT_WANTED = 'A backup code satisfies nothing that this session owes';

/**
 * Completes what the session owes with a code from paper, once per code, and tells the owner.
 *
 * A guess is spent before a code is looked at, from the same count as every other code's.
 *
 * @throws 403 `st-mfa` where the policy takes no backup code now: it is a way out, and proves nothing besides.
 */
export async function useBackupCode(
  typed: {
    readonly session: Session;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly requestId: string;
    readonly code: string;
  },
  deps: UseDeps,
): Promise<UseOutcome> {
  const { tenant, client, requestId } = typed;
  const context = await sessionContext(typed, deps);
  const { user, evaluation } = context;
  const isOffered = tenant.secondFactors.includes('backup-code');
  if (!isOffered || !evaluation.next.includes('backup-code')) throw invalidClaim('st-mfa', NOT_WANTED);

  const now = deps.clock.now();
  const guess = await claimGuess({ ...typed, now }, deps);
  if (!guess.allowed) return guess.refusal;
  const wrong = { status: 'INVALID_BACKUP_CODE_ERROR' as const, ...guess.attempts };
  const mac = findCode(await deps.keys.secrets(), user.userId, user.backupCodes, typed.code);
  await guess.settle(mac !== undefined);
  if (mac === undefined) {
    await reportWrongGuess({ user, tenant, client, factor: 'backup-code', left: guess.left, now }, deps);
    return wrong;
  }

  const after = without(user, mac);
  const outcome = await completeFactor(
    { context, client, requestId, now, factor: 'backup-code', proof: { backupCode: mac }, after, optIn: false },
    deps,
  );
  if (outcome.status === 'CODE_GONE') return wrong;
  if (outcome.status !== 'OK') return outcome;
  const left = codesLeft(after);
  await deps.audit.write({
    userId: user.userId,
    tenantId: tenant.tenantId,
    at: now,
    event: 'backup-code.used',
    details: { left },
  });
  await notify({ user, tenant, event: 'backup-code.used', now, client }, deps);
  return { status: 'OK', codesLeft: left, tokens: outcome.tokens };
}

/** The user as the transaction leaves it. */
const without = (user: User, mac: string): User =>
  user.backupCodes === undefined
    ? user
    : { ...user, backupCodes: { ...user.backupCodes, macs: user.backupCodes.macs.filter((kept) => kept !== mac) } };
