import * as v from 'valibot';
import { isTenantId } from '../account/tenant-id.ts';
import { faultOf, TenantSchema } from '../account/tenant-schema.ts';
import type { TenantAdmin } from '../admin/tenants.ts';
import { sizeFindings } from '../admin/tenant-findings.ts';
import type { Config } from '../config.ts';
import { type Finding, finding } from '../mfa/lint/finding.ts';
import { lintPolicy } from '../mfa/lint/lint.ts';
import { DEFAULT_POLICY } from '../mfa/policy-schema.ts';
import type { Clock } from '../ports.ts';
import { badRequest, notFound } from '../protocol-error.ts';

export interface CheckDeps {
  readonly tenantAdmin: Pick<TenantAdmin, 'read'>;
  readonly clock: Clock;
  readonly config: Pick<Config, 'OTP_SECONDS' | 'SMS_COUNTRIES' | 'EDGE_COUNTRY'>;
}

/**
 * Everything that would be said of this policy if the tenant saved it now, and what is only worth knowing. Writes
 * nothing. `null` is no policy: what holds then is looked at.
 *
 * A tenant that is itself malformed is told of, and the policy is looked at as for a tenant that says nothing.
 *
 * @throws 404 for an unknown tenant.
 */
export async function checkPolicy(
  { tenantId, mfaPolicy }: { readonly tenantId: string; readonly mfaPolicy: unknown },
  { tenantAdmin, clock, config }: CheckDeps,
): Promise<{ readonly status: 'OK'; readonly tenantId: string; readonly findings: readonly Finding[] }> {
  if (!isTenantId(tenantId)) throw badRequest('not a tenant id');
  const document = await tenantAdmin.read(tenantId);
  if (document === undefined && tenantId !== 'public') throw notFound('unknown tenant');
  const { mfaPolicy: _, ...rest } = document ?? {};
  const sizes = sizeFindings({ ...rest, mfaPolicy });
  if (sizes.length > 0) return { status: 'OK', tenantId, findings: sizes };
  const tenant = await v.safeParseAsync(TenantSchema, rest);
  const options = {
    now: clock.now(),
    otpSeconds: config.OTP_SECONDS,
    smsCountries: config.SMS_COUNTRIES,
    knowsCountry: config.EDGE_COUNTRY,
  };
  return {
    status: 'OK',
    tenantId,
    findings: [
      ...(tenant.success ? [] : tenant.issues.map((issue) => finding('error', 'malformed', faultOf(issue)))),
      ...(await lintPolicy(mfaPolicy ?? DEFAULT_POLICY, tenant.success ? tenant.output : {}, options)),
    ],
  };
}
