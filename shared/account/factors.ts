import { FRESH_FACTOR_SECONDS } from '../limits.ts';
import type { FactorId } from '../mfa/factor.ts';
import { isStale, STALE } from '../mfa/freshness.ts';
import { type Need, needOf } from '../mfa/need.ts';
import type { Origin } from '../mfa/policy.ts';
import { requiredFrom } from '../mfa/required-from.ts';
import { factorsIn } from '../mfa/requirements.ts';
import { marks } from '../notices/marks.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { AuditStore, FactorStore } from '../ports.ts';
import { badRequest, invalidClaim, unavailable } from '../protocol-error.ts';
import { type ContextDeps, type SessionContext, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import { type IssueDeps, type IssuedTokens, renewEpoch } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { maskContact } from './contact.ts';
import type { Tenant } from './tenant.ts';
import { codesLeft, otpMethod } from './user.ts';

export interface FactorView {
  readonly factorId: FactorId;
  /** The tenant offers it. */
  readonly available: boolean;
  readonly setUp: boolean;
  /** Nothing that the user has set up would do instead. Of a choice with no member set up, each one is. */
  readonly required: boolean;
  /** Who requires it; empty exactly when not `required`. */
  readonly requiredBy: readonly Origin[];
  /** ISO 8601; a grace or an exemption spares the user until then. Absent: required now, or not at all. */
  readonly requiredFrom?: string;
  /** It is on the user's own list, and nobody else requires it. */
  readonly canDisable: boolean;
  /** It is one of a choice, and any one of these does instead, set up or not. Absent otherwise. */
  readonly alternatives?: readonly FactorId[];
  /** Masked; only when set up. */
  readonly contact?: string;
  /** Of backup codes. */
  readonly codesLeft?: number;
}

type Caller = { readonly session: Session; readonly tenant: Tenant; readonly client: Client };

/** What a settings page shows. */
export async function listFactors(
  input: Caller,
  deps: ContextDeps,
): Promise<{ readonly status: 'OK'; readonly factors: readonly FactorView[] }> {
  const context = await sessionContext(input, deps);
  const mentioned = context.evaluation.decision.demands.flatMap(({ requirement }) => factorsIn(requirement));
  const ids = [...new Set<FactorId>([...input.tenant.secondFactors, ...mentioned])];
  return { status: 'OK', factors: ids.map((factorId) => viewOf(factorId, context)) };
}

function viewOf(factorId: FactorId, context: SessionContext): FactorView {
  const { user, tenant } = context;
  const { requiredBy, alternatives } = need(factorId, context);
  const from = requiredFrom(factorId, context.evaluation.decision);
  const method = otpMethod(user, factorId);
  const contact = method?.email ?? method?.phoneNumber;
  return {
    factorId,
    available: tenant.secondFactors.includes(factorId),
    setUp: context.facts.user.factorsSetUp.includes(factorId),
    required: requiredBy.length > 0,
    requiredBy,
    ...(requiredBy.length === 0 || from === undefined ? {} : { requiredFrom: new Date(from).toISOString() }),
    canDisable: user.requiredFactors.includes(factorId) && requiredBy.every((origin) => origin === 'user'),
    ...(alternatives.length === 0 ? {} : { alternatives }),
    ...(contact === undefined
      ? {}
      : { contact: maskContact(method?.email === undefined ? 'phone' : 'email', contact) }),
    ...(factorId === 'backup-code' ? { codesLeft: codesLeft(user) } : {}),
  };
}

/** What the user may do without. Backup codes run out: they are no reason to let anything else go. */
export function need(factorId: FactorId, { evaluation, facts, tenant }: SessionContext): Need {
  const taken = (factor: FactorId) =>
    factor !== 'backup-code' && (tenant.secondFactors.includes(factor) || factor === facts.session.firstFactor);
  return needOf(factorId, evaluation.decision.demands, new Set(facts.user.factorsSetUp.filter(taken)));
}

export type StillRequired = {
  readonly status: 'FACTOR_REQUIRED_ERROR';
  readonly reason: string;
  readonly requiredBy: readonly Origin[];
};

export type ChangeOutcome =
  | {
      readonly status: 'OK';
      /** Not part of the body. */
      readonly tokens?: IssuedTokens;
    }
  | StillRequired;

export type ChangeDeps = ContextDeps &
  IssueDeps &
  NoticeDeps & { readonly factors: FactorStore; readonly audit: AuditStore };

/**
 * Puts a factor on the user's own list, or takes it off: "protect my account with a code".
 *
 * The present session goes on as it is; the next sign-in or refresh asks. Other sessions of the user end, unless the
 * tenant says otherwise. What a rule or the tenant requires (`FactorView.requiredBy`) cannot be switched off.
 *
 * @throws 403 `st-mfa` unless the policy is satisfied as of now and, where the user has a second factor, one was shown
 * in the last 5 minutes; 400 for a factor the tenant does not offer.
 */
export async function changeFactor(
  input: Caller & { readonly factorId: FactorId; readonly required: boolean },
  deps: ChangeDeps,
): Promise<ChangeOutcome> {
  const { tenant, session, factorId, required } = input;
  const context = await sessionContext(input, deps);
  const { user } = context;
  requireFresh(context);
  // Codes on paper are a way out, not something to ask for at every sign-in.
  const offered = tenant.secondFactors.includes(factorId) && factorId !== 'backup-code';
  if (required && !offered) throw badRequest('this factor is not offered');
  if (required && isDeadEnd(factorId, context)) {
    throw badRequest('this is what you signed in with, and there is no other factor to ask for: it would lock you out');
  }
  if (!required) {
    const others = need(factorId, context).requiredBy.filter((origin) => origin !== 'user');
    if (others.length > 0) return stillRequired(factorId, others);
  }
  if (user.requiredFactors.includes(factorId) === required) return { status: 'OK' };

  const now = deps.clock.now();
  const endOthers = tenant.endSessionsOnFactorChange;
  const changed = await deps.factors.change({
    user,
    handle: session.handle,
    factor: factorId,
    required,
    endOthers,
    now,
  });
  if (!changed) throw unavailable('the account was changed meanwhile, please try again');
  const event = required ? 'factor.enabled' : 'factor.disabled';
  await deps.audit.write({ userId: user.userId, tenantId: tenant.tenantId, at: now, event, details: { factorId } });
  const told = [marks.factor(factorId, required, now)];
  await notify({ user, tenant, event, now, client: input.client, told }, deps);
  return endOthers
    ? { status: 'OK', tokens: await renewEpoch(session.payload, user.epoch + 1, deps) }
    : { status: 'OK' };
}

/** Whoever signs in by mail and must show the same mailbox again gets nowhere where nothing else is offered. */
const isDeadEnd = (factorId: FactorId, { evaluation, tenant }: SessionContext): boolean =>
  evaluation.repeated.includes(factorId) &&
  tenant.secondFactors.every((factor) => factor === 'backup-code' || evaluation.repeated.includes(factor));

export const stillRequired = (factorId: FactorId, requiredBy: readonly Origin[]): StillRequired => ({
  status: 'FACTOR_REQUIRED_ERROR',
  requiredBy,
  reason: `${factorId} is required by ${requiredBy.map(spoken).join(' and ')} and cannot be switched off`,
});

const spoken = (by: Origin): string =>
  by === 'tenant' ? 'the tenant' : by === 'user' ? 'your own settings' : by.replace(':', ' ');

/** @see RFC 9470 for callers that are not an FDI front end */
export function requireFresh({ evaluation, facts }: SessionContext): void {
  if (!evaluation.claim.v) {
    throw invalidClaim('st-mfa', { message: 'MFA requirement for auth is not satisfied' });
  }
  if (!isStale(facts)) return;
  throw invalidClaim('st-mfa', STALE, {
    'www-authenticate':
      'Bearer error="insufficient_user_authentication", ' +
      'error_description="A more recent second factor is required", ' +
      `acr_values="urn:stepgate:mfa", max_age=${FRESH_FACTOR_SECONDS}`,
  });
}
