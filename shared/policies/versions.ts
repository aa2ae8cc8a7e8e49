import { isTenantId } from '../account/tenant-id.ts';
import { findingsOf, isError } from '../admin/tenant-findings.ts';
import type { Finding } from '../mfa/lint/finding.ts';
import type { PolicySummary, PolicyVersion, StoredTenant, Via } from '../ports.ts';
import { badRequest, notFound, ProtocolError } from '../protocol-error.ts';
import { type PolicyDeps, settled } from './adopt.ts';
import { policyHash } from './hash.ts';
import { activePolicy } from './state.ts';

/** The policies of a tenant, one after the other: each save is a version that stays, and what is active is the newest. */

/** Who changes a policy, and why: stands in the version for good. */
export interface Change {
  readonly by: string;
  /** 1 to 500 characters. */
  readonly reason: string;
  readonly via: Via;
}

export interface Saved {
  readonly status: 'OK';
  /** 0: there is none, and never was. */
  readonly version: number;
  readonly hash: string;
  /** False: this was the active policy already, and no version was made. */
  readonly changed: boolean;
  /** Warnings. */
  readonly findings: readonly Finding[];
}

/**
 * Validates a policy, keeps it as a version and makes it the tenant's, in one transaction. `null` is no policy: the
 * default holds. It reaches every function within TENANT_CACHE_SECONDS, and within 5 seconds where the policy before was
 * immediate.
 *
 * Of parallel saves one wins each version; the others are told and change nothing.
 *
 * @param input `ifVersion`: the version that has to be active, 0 for none; whatever is active where it is left out.
 * @throws 400 with `findings` for a policy with errors, 404 for an unknown tenant, 409 when another save came first.
 */
export async function savePolicy(
  input: Change & {
    readonly tenantId: string;
    readonly mfaPolicy: unknown;
    readonly ifVersion?: number | undefined;
    readonly from?: number;
  },
  deps: PolicyDeps,
): Promise<Saved> {
  const { tenantId } = input;
  const reason = checkedReason(input.reason);
  const seen = await opened(tenantId, deps);
  const active = seen.newest?.version ?? 0;
  if (input.ifVersion !== undefined && input.ifVersion !== active) throw outrun(active);
  const { mfaPolicy: _, ...rest } = seen.document ?? {};
  const mfaPolicy = input.mfaPolicy ?? undefined;
  const policy = mfaPolicy === undefined ? {} : { mfaPolicy };
  const findings = await findingsOf(tenantId, { ...rest, ...policy }, lintOptions(deps));
  if (findings.some(isError)) throw new ProtocolError(400, { message: 'the policy is not valid', findings });
  const hash = policyHash(mfaPolicy);
  if (!isChange(seen, hash)) return { status: 'OK', version: active, hash, changed: false, findings };
  const next: PolicyVersion = {
    ...nextOf(seen, hash, { ...input, reason }, deps.clock.now()),
    ...policy,
    ...(input.from === undefined ? {} : { from: input.from }),
  };
  if (!(await deps.policies.activate(tenantId, next, seen))) throw outrun(undefined);
  deps.log.info('policy.saved', { tenantId, version: next.version, via: input.via });
  return { status: 'OK', version: next.version, hash, changed: true, findings };
}

/**
 * Makes an earlier version's policy the tenant's again, as a version of its own. It is checked as a new one would be:
 * what was valid once need not be today.
 *
 * @throws as `savePolicy`; 404 for a version there is not.
 */
export async function rollbackPolicy(
  input: { readonly tenantId: string; readonly version: number } & Pick<Change, 'reason' | 'by'>,
  deps: PolicyDeps,
): Promise<Saved> {
  const { mfaPolicy = null } = await stored(input, deps);
  const { version: from, ...rest } = input;
  return savePolicy({ ...rest, mfaPolicy, via: 'rollback', from }, deps);
}

/** The tenant's policy and which version it is. `mfaPolicy` is null where there is none and the default holds. */
export async function readPolicy({ tenantId }: { readonly tenantId: string }, deps: PolicyDeps) {
  const { document = {}, newest } = await opened(tenantId, deps);
  const { hash, state } = activePolicy(document);
  const findings = await findingsOf(tenantId, document, lintOptions(deps));
  return {
    status: 'OK' as const,
    tenantId,
    version: newest?.version ?? 0,
    hash,
    ...(state === undefined ? {} : { activatedAt: state.activatedAt }),
    mfaPolicy: document['mfaPolicy'] ?? null,
    findings,
  };
}

/** Newest first, without the policies themselves. The first one, without a cursor, is active. */
export async function listVersions(
  { tenantId, limit = 50, cursor }: { readonly tenantId: string; readonly limit?: number; readonly cursor?: string },
  deps: PolicyDeps,
): Promise<{
  readonly status: 'OK';
  readonly tenantId: string;
  readonly active: number;
  readonly versions: readonly PolicySummary[];
  readonly cursor?: string;
}> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) throw badRequest('limit must be from 1 to 200');
  if (cursor !== undefined && !/^[1-9]\d{0,5}$/.test(cursor)) throw badRequest('not a cursor of ours');
  const { newest } = await opened(tenantId, deps);
  const versions = await deps.policies.list(tenantId, limit, cursor === undefined ? undefined : Number(cursor));
  const last = versions.at(-1)?.version ?? 1;
  return {
    status: 'OK',
    tenantId,
    active: newest?.version ?? 0,
    versions,
    ...(versions.length < limit || last === 1 ? {} : { cursor: String(last) }),
  };
}

/** @throws 404 for a tenant or a version there is not. */
export async function readVersion(
  input: { readonly tenantId: string; readonly version: number },
  deps: PolicyDeps,
): Promise<PolicyVersion & { readonly status: 'OK'; readonly tenantId: string; readonly mfaPolicy: unknown }> {
  const { mfaPolicy = null, ...version } = await stored(input, deps);
  return { status: 'OK', tenantId: input.tenantId, ...version, mfaPolicy };
}

const lintOptions = ({ clock, config }: PolicyDeps) => ({ now: clock.now(), knowsCountry: config?.EDGE_COUNTRY });

/** A policy that would be saved is another than the one that is there. */
export const isChange = ({ document }: StoredTenant, hash: string): boolean =>
  hash !== policyHash(document?.['mfaPolicy']);

/** The version after the newest, still without its policy. */
export const nextOf = ({ newest }: StoredTenant, hash: string, { by, reason, via }: Change, at: number) => ({
  version: (newest?.version ?? 0) + 1,
  hash,
  at,
  by,
  reason,
  via,
});

/** @param version that is active now, where it is known. */
export const outrun = (version: number | undefined): ProtocolError =>
  new ProtocolError(409, {
    message: 'another change of the policy came first: read it again',
    ...(version === undefined ? {} : { version }),
  });

async function stored(
  { tenantId, version }: { readonly tenantId: string; readonly version: number },
  deps: PolicyDeps,
): Promise<PolicyVersion> {
  await opened(tenantId, deps);
  const found = await deps.policies.read(tenantId, version);
  if (found === undefined) throw notFound('no such version of the policy');
  return found;
}

async function opened(tenantId: string, deps: PolicyDeps): Promise<StoredTenant> {
  if (!isTenantId(tenantId)) throw badRequest('not a tenant id');
  const { seen } = await settled(tenantId, deps);
  if (seen.document === undefined && tenantId !== 'public') throw notFound('unknown tenant');
  return seen;
}

function checkedReason(reason: string): string {
  const trimmed = reason.trim();
  if (trimmed === '' || trimmed.length > 500) throw badRequest('say why, in 1 to 500 characters: reason');
  return trimmed;
}
