import * as v from 'valibot';
import { parseTenant } from '../account/parse-tenant.ts';
import { secondFactorsOf } from '../account/tenant-defaults.ts';
import { MalformedTenant } from '../account/tenant-id.ts';
import { faultOf, type TenantDocument, TenantSchema } from '../account/tenant-schema.ts';
import { isKnownFactor } from '../mfa/factor.ts';
import type { PolicyFault } from '../mfa/policy.ts';
import { factorFault, validatePolicy } from '../mfa/validate.ts';

type Document = Readonly<Record<string, unknown>>;

/** An item of the table holds 400 KB, and a version lies in an item of its own beside who, when and why. */
export const MAX_POLICY_BYTES = 200_000;
const MAX_TENANT_BYTES = 350_000;

/** What is wrong with a tenant as it is stored, or would be; one with errors is not saved. */
export async function findingsOf(tenantId: string, document: Document): Promise<readonly PolicyFault[]> {
  const sizes = sizeFindings(document);
  if (sizes.length > 0) return sizes;
  const parsed = await v.safeParseAsync(TenantSchema, document);
  if (!parsed.success) return parsed.issues.map((issue) => malformed(faultOf(issue)));
  const findings = await semanticFindings(parsed.output);
  if (findings.some(isError)) return findings;
  try {
    await parseTenant(tenantId, document);
    return findings;
  } catch (error) {
    if (error instanceof MalformedTenant) return error.faults.map(malformed);
    throw error;
  }
}

export const isError = ({ level }: Pick<PolicyFault, 'level'>): boolean => level === 'error';

export const isTooLarge = (mfaPolicy: unknown): boolean => bytesOf(mfaPolicy) > MAX_POLICY_BYTES;

function sizeFindings(document: Document): readonly PolicyFault[] {
  if (isTooLarge(document['mfaPolicy'])) {
    const message = `mfaPolicy: has ${bytesOf(document['mfaPolicy'])} bytes as JSON; at most ${MAX_POLICY_BYTES} can be kept`;
    return [{ level: 'error', code: 'policy-too-large', message }];
  }
  if (bytesOf(document) <= MAX_TENANT_BYTES) return [];
  const message = `the tenant has ${bytesOf(document)} bytes as JSON; at most ${MAX_TENANT_BYTES} can be kept`;
  return [{ level: 'error', code: 'tenant-too-large', message }];
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

const malformed = (message: string): PolicyFault => ({ level: 'error', code: 'malformed', message });

const semanticFindings = async (document: TenantDocument): Promise<readonly PolicyFault[]> => {
  const offered = secondFactorsOf(document);
  return [
    ...(document.firstFactors ?? [])
      .filter((factor) => !isKnownFactor(factor))
      .map((factor): PolicyFault => ({ level: 'error', code: 'unknown-factor', message: `${factor} is not a factor` })),
    ...(document.requiredSecondaryFactors ?? []).flatMap((factor) => factorFault(factor, offered)),
    ...(document.mfaPolicy === undefined ? [] : await validatePolicy(document.mfaPolicy, offered)),
  ];
};
