import { isTenantId } from '../account/tenant-id.ts';
import { evaluate } from '../mfa/evaluate.ts';
import type { Clock, DecisionStore, RoleStore, TenantStore, UserStore } from '../ports.ts';
import { badRequest, notFound } from '../protocol-error.ts';
import { decisionRecord, KEPT_DAYS } from './decision-record.ts';
import { beginnings, hypotheticalSession } from './hypothetical.ts';
import { sentenceOf } from './sentence.ts';
import { shownFacts } from './shown-facts.ts';

export interface ExplainDeps {
  readonly users: Pick<UserStore, 'load'>;
  readonly tenants: TenantStore;
  readonly roles: RoleStore;
  readonly decisions: DecisionStore;
  readonly clock: Clock;
}

/**
 * What a sign-in by this user would be asked now, on a device nobody remembers, and why: every rule of the policy with
 * the facts it reads, contacts masked. Asked of the evaluator that sign-in asks; nothing is written.
 *
 * Where policy reads the request (`request.ip`), nothing is known of it: it is as if it were empty.
 *
 * @throws 404 for an unknown user or tenant, or a tenant the user is no member of.
 */
export async function explainNow(
  { userId, tenantId }: { readonly userId: string; readonly tenantId: string },
  deps: Omit<ExplainDeps, 'decisions'>,
) {
  const [user, tenant] = await Promise.all([
    deps.users.load(userId),
    isTenantId(tenantId) ? deps.tenants.get(tenantId) : undefined,
  ]);
  if (user === undefined) throw notFound('unknown user');
  if (tenant === undefined) throw notFound('unknown tenant');
  if (!user.tenantIds.includes(tenantId)) throw notFound('the user is no member of this tenant');
  const facts = await hypotheticalSession(user, tenant, { now: deps.clock.now() }, deps);
  const evaluation = evaluate(tenant, facts);
  const { decision, next } = evaluation;
  const record = decisionRecord({ tenant, facts, evaluation, occasion: 'sign-in', handle: '' });
  const shut =
    user.status === 'disabled'
      ? ['The account is disabled and signs in nowhere; this is what it would be asked otherwise.']
      : beginnings(user, tenant).length === 0
        ? ['The user has nothing to begin a sign-in to this tenant with; this is what would be asked after a password.']
        : [];
  return {
    status: 'OK' as const,
    sentence: [...shut, sentenceOf(record, 'sign-in')].join(' '),
    firstFactor: facts.session.firstFactor,
    required: decision.requirements,
    next,
    ...(evaluation.ahead === undefined ? {} : { ahead: evaluation.ahead }),
    because: tenant.policy.rules.map(({ rule, reads }, at) => {
      const { matched, because: reason, mode } = decision.rules[at]!;
      return { ruleId: rule.id, matched, reason, mode, facts: shownFacts(facts, reads) };
    }),
    waivers: decision.waivers,
    observed: decision.observed,
    policyVersion: tenant.policyVersion ?? null,
    policyHash: tenant.policyHash,
  };
}

const MAX_PAGE = 100;
const DAY_MS = 86_400_000;

/**
 * What was decided about a user, newest first, each with its sentence. Records are kept for 90 days; a sign-in of which
 * nothing was asked left none.
 *
 * @param query.from, to epoch milliseconds, both within; the last 90 days unless told.
 * @throws 404 for an unknown user, 400 for a span or cursor that is none.
 */
export async function explainPast(
  query: {
    readonly userId: string;
    readonly tenantId?: string;
    readonly from?: number;
    readonly to?: number;
    readonly limit?: number;
    readonly cursor?: string;
  },
  deps: Pick<ExplainDeps, 'users' | 'decisions' | 'clock'>,
) {
  const now = deps.clock.now();
  const { userId, tenantId, limit = 50 } = query;
  const to = Math.min(query.to ?? now, now);
  // What is older is expired.
  const from = Math.max(query.from ?? 0, now - KEPT_DAYS * DAY_MS);
  if (query.from !== undefined && query.to !== undefined && query.from > query.to) {
    throw badRequest('from is later than to');
  }
  const after = query.cursor === undefined ? undefined : keyOf(query.cursor);
  if ((await deps.users.load(userId)) === undefined) throw notFound('unknown user');
  if (from > to) return { status: 'OK' as const, decisions: [] };
  const asked = { userId, tenantId, from, to, now, limit: Math.max(1, Math.min(limit, MAX_PAGE)), after };
  const { decisions, next } = await deps.decisions.list(asked);
  return {
    status: 'OK' as const,
    decisions: decisions.map(({ at, tenantId: of, decision }) => ({
      at,
      tenantId: of,
      sentence: sentenceOf(decision, decision.occasion),
      ...decision,
    })),
    ...(next === undefined ? {} : { cursor: Buffer.from(next).toString('base64url') }),
  };
}

function keyOf(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{4}-\d{2}-\d{2}T[\d:.]{12}Z#[0-9a-f]{8}$/.test(key)) throw badRequest('the cursor is not one of ours');
  return key;
}
