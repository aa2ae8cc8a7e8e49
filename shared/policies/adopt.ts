import { findingsOf, isError, isTooLarge } from '../admin/tenant-findings.ts';
import type { Config } from '../config.ts';
import { unlessDenied } from '../denied.ts';
import type { Finding } from '../mfa/lint/finding.ts';
import type { Clock, Log, PolicyStore, PolicyVersion, StoredTenant } from '../ports.ts';
import { unavailable } from '../protocol-error.ts';
import { policyHash } from './hash.ts';
import { activePolicy } from './state.ts';

export type PolicyDeps = {
  readonly policies: PolicyStore;
  readonly clock: Clock;
  readonly log: Log;
  /** What of the service decides whether a policy can work; without it nothing is said of that. */
  readonly config?: Pick<Config, 'EDGE_COUNTRY'>;
};

export interface Settled {
  readonly seen: StoredTenant;
  /** The version that an edit by hand became in this call. */
  readonly adopted?: number;
  /** Of an edit by hand that was noticed in this call, or could not be recorded. */
  readonly findings: readonly Finding[];
}

const TRIES = 10;

/**
 * The tenant's item with its policy recorded: an edit by hand, in the console or with the AWS CLI, has become a version
 * by the time this returns. However many notice it, one records it.
 *
 * Only one of more than `MAX_POLICY_BYTES` stays unrecorded, and is a finding each time; and one that is looked at with
 * credentials that may write nothing, until somebody else comes.
 */
export async function settled(tenantId: string, deps: PolicyDeps): Promise<Settled> {
  let mine: Pick<Settled, 'adopted' | 'findings'> = { findings: [] };
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const seen = await deps.policies.open(tenantId);
    // `public` lives on without its item, by its default policy; another tenant is unknown then.
    if ((seen.document === undefined && tenantId !== 'public') || isRecorded(seen)) return { ...mine, seen };
    const { mfaPolicy } = seen.document ?? {};
    if (seen.newest?.hash === policyHash(mfaPolicy)) {
      const restored = await unlessDenied(deps.policies.restoreState(tenantId, seen.newest, seen).then(() => true));
      if (restored === undefined) return { ...mine, seen };
      continue;
    }
    const findings = await findingsOf(tenantId, seen.document ?? {}, { now: deps.clock.now() });
    if (isTooLarge(mfaPolicy)) {
      report(tenantId, undefined, findings, deps);
      return { seen, findings };
    }
    const next = byHand(seen, findings.some(isError), deps.clock.now());
    const isMine = await unlessDenied(deps.policies.activate(tenantId, next, seen));
    if (isMine === undefined) return { seen, findings };
    if (!isMine) continue;
    report(tenantId, next.version, findings, deps);
    mine = { adopted: next.version, findings };
  }
  throw unavailable('the policy is being changed by others, please try again');
}

/**
 * Looks whether somebody edited the tenant's policy by hand, and if so validates and records it.
 *
 * @returns `adopted`, the version it became, where this call was the one that recorded it.
 */
export async function adoptHandEdit(
  { tenantId }: { readonly tenantId: string },
  deps: PolicyDeps,
): Promise<Omit<Settled, 'seen'>> {
  const { seen: _, ...outcome } = await settled(tenantId, deps);
  return outcome;
}

/** What is active is always the newest version. */
function isRecorded({ document = {}, newest }: StoredTenant): boolean {
  const { state, isEditedByHand } = activePolicy(document);
  if (isEditedByHand) return false;
  return state?.version === newest?.version && state?.hash === newest?.hash;
}

function byHand({ document = {}, newest }: StoredTenant, isInvalid: boolean, at: number): PolicyVersion {
  const { mfaPolicy } = document;
  return {
    version: (newest?.version ?? 0) + 1,
    ...(mfaPolicy === undefined ? {} : { mfaPolicy }),
    hash: policyHash(mfaPolicy),
    at,
    by: 'unknown',
    reason: "the tenant's item was edited by hand",
    via: 'hand',
    ...(isInvalid ? { isInvalid: true } : {}),
  };
}

function report(
  tenantId: string,
  version: number | undefined,
  findings: readonly Finding[],
  { log }: Pick<PolicyDeps, 'log'>,
): void {
  const errors = findings.filter(isError);
  if (errors.length === 0) return log.info('policy.adopted', { tenantId, version });
  const faults = errors.map(({ code, ruleId }) => (ruleId === undefined ? code : `${ruleId}: ${code}`));
  log.error('policy.invalid', { tenantId, version, faults: faults.slice(0, 20) });
}
