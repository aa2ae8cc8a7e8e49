import { checkTenant, listTenants } from '../admin/tenants.ts';
import type { DoctorDeps } from './deps.ts';
import { type DoctorFinding, ok, problem, warning } from './finding.ts';

/** Every tenant can be used; what one is malformed by is named, as at its closing in the log. */
export async function checkTenants(deps: Pick<DoctorDeps, 'tenantAdmin'>): Promise<readonly DoctorFinding[]> {
  const { tenants } = await listTenants(deps);
  const findings: DoctorFinding[] = [];
  // One after the other: a doctor is in no hurry, and there may be thousands.
  for (const tenantId of tenants) findings.push(...(await tenantFindings(tenantId, deps)));
  if (findings.length > 0) return findings;
  return [
    ok(
      'tenants',
      tenants.length === 1 ? 'the tenant public is in order' : `all ${tenants.length} tenants are in order`,
    ),
  ];
}

async function tenantFindings(
  tenantId: string,
  deps: Pick<DoctorDeps, 'tenantAdmin'>,
): Promise<readonly DoctorFinding[]> {
  // Somebody took its item away by hand; what is left of it is removed as any tenant is.
  if (tenantId !== 'public' && (await deps.tenantAdmin.read(tenantId)) === undefined) {
    const again = `Put it back (\`stepgate tenant put ${tenantId} FILE\`), or remove it: DELETE /admin/tenants/${tenantId}.`;
    return [warning('tenants', `tenant ${tenantId} is in the list and has no item: nobody signs in to it`, again)];
  }
  const { findings } = await checkTenant(tenantId, deps);
  const next = `Mend it: \`stepgate tenant get ${tenantId}\`, \`stepgate tenant put ${tenantId} <file>\`.`;
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) {
    const says = `tenant ${tenantId} is closed to everybody: ${errors.map(({ message }) => message).join('; ')}`;
    return [problem('tenant-malformed', says, next)];
  }
  return findings.map(({ message }) => warning('tenants', `tenant ${tenantId}: ${message}`, next));
}
