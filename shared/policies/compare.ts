import type { PolicyDeps } from './adopt.ts';
import { diffPolicies, type PolicyDiff } from './diff.ts';
import { readPolicy, readVersion } from './versions.ts';

/** A version by its number; a policy itself, `null` being none; or the active one, where nothing is given. */
export type Compared = number | Readonly<Record<string, unknown>> | null | undefined;

/** What is different between two policies of a tenant, kept ones or others. @throws 404 for a version there is not. */
export async function comparePolicies(
  { tenantId, before, after }: { readonly tenantId: string; readonly before?: Compared; readonly after?: Compared },
  deps: PolicyDeps,
): Promise<PolicyDiff & { readonly status: 'OK'; readonly tenantId: string }> {
  const [from, to] = [await found(tenantId, before, deps), await found(tenantId, after, deps)];
  return {
    status: 'OK',
    tenantId,
    ...diffPolicies(from.mfaPolicy, to.mfaPolicy, { before: from.name, after: to.name }),
  };
}

async function found(
  tenantId: string,
  wanted: Compared,
  deps: PolicyDeps,
): Promise<{ readonly name: string; readonly mfaPolicy: unknown }> {
  if (typeof wanted === 'number') {
    const { version, mfaPolicy } = await readVersion({ tenantId, version: wanted }, deps);
    return { name: `version ${version}`, mfaPolicy };
  }
  if (wanted !== undefined) return { name: 'as given', mfaPolicy: wanted };
  const { version, mfaPolicy } = await readPolicy({ tenantId }, deps);
  return { name: version === 0 ? 'the default' : `version ${version}`, mfaPolicy };
}
