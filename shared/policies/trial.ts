import { parseTenant } from '../account/parse-tenant.ts';
import { isTenantId, MalformedTenant } from '../account/tenant-id.ts';
import { findingsOf, isError } from '../admin/tenant-findings.ts';
import type { TenantAdmin } from '../admin/tenants.ts';
import { badRequest, notFound, ProtocolError } from '../protocol-error.ts';
import type { Place } from './hypothetical.ts';
import type { Pair } from './simulate-user.ts';

/** What is tried. */
export interface About {
  readonly tenantId: string;
  /** Absent: the one in force. Null: none, which is the default policy. */
  readonly mfaPolicy?: unknown;
  /** When everybody signs in: epoch milliseconds. Default: now. */
  readonly at?: number | undefined;
  /** Where from, as far as it is known. Default: nothing is. */
  readonly request?: { readonly ip?: string | undefined; readonly userAgent?: string | undefined } | undefined;
}

/** What of a run is the same for everybody. */
export interface Trial {
  readonly tenants: Pair;
  readonly at: number | undefined;
  readonly request: Place;
}

export interface TrialDeps {
  readonly tenantAdmin: Pick<TenantAdmin, 'read'>;
}

/** @throws 400 and 404 as `simulatePage` does. */
export async function trialOf(about: About, deps: TrialDeps): Promise<Trial> {
  const { ip, userAgent } = about.request ?? {};
  return {
    tenants: await pairOf(about, deps),
    at: about.at,
    request: {
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
    },
  };
}

/** The tenant as it is stored, and with the other policy in it. */
async function pairOf({ tenantId, mfaPolicy }: About, { tenantAdmin }: TrialDeps): Promise<Pair> {
  if (!isTenantId(tenantId)) throw badRequest('not a tenant id');
  const document = await tenantAdmin.read(tenantId);
  if (document === undefined && tenantId !== 'public') throw notFound('unknown tenant');
  const stored = document ?? {};
  const now = await usableTenant(tenantId, stored);
  if (mfaPolicy === undefined) return { now, after: now };
  const { mfaPolicy: _, ...rest } = stored;
  const changed = mfaPolicy === null ? rest : { ...rest, mfaPolicy };
  const findings = await findingsOf(tenantId, changed);
  if (findings.some(isError)) throw invalid('the policy is not valid', findings);
  return { now, after: await usableTenant(tenantId, changed) };
}

async function usableTenant(tenantId: string, document: Readonly<Record<string, unknown>>) {
  try {
    return await parseTenant(tenantId, document);
  } catch (error) {
    if (!(error instanceof MalformedTenant)) throw error;
    throw invalid('the tenant is not valid', await findingsOf(tenantId, document));
  }
}

const invalid = (message: string, findings: readonly unknown[]) => new ProtocolError(400, { message, findings });
