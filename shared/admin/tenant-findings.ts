import * as v from 'valibot';
import { parseTenant } from '../account/parse-tenant.ts';
import { secondFactorsOf } from '../account/tenant-defaults.ts';
import { MalformedTenant } from '../account/tenant-id.ts';
import { faultOf, type TenantDocument, TenantSchema } from '../account/tenant-schema.ts';
import { isKnownFactor } from '../mfa/factor.ts';
import type { LintOptions } from '../mfa/lint/context.ts';
import { type Finding, finding, type Level } from '../mfa/lint/finding.ts';

type Document = Readonly<Record<string, unknown>>;

/** An item of the table holds 400 KB, and a version lies in an item of its own beside who, when and why. */
export const MAX_POLICY_BYTES = 200_000;
const MAX_TENANT_BYTES = 350_000;

/**
 * What is wrong with a tenant as it is stored, or would be; one with errors is not saved. What is only worth knowing is
 * left for whoever asks (`checkPolicy`).
 */
export async function findingsOf(
  tenantId: string,
  document: Document,
  options: LintOptions = {},
): Promise<readonly Finding[]> {
  const sizes = sizeFindings(document);
  if (sizes.length > 0) return sizes;
  const parsed = await v.safeParseAsync(TenantSchema, document);
  if (!parsed.success) return shapeFindings(document, parsed.issues);
  const findings = await semanticFindings(parsed.output, options);
  if (findings.some(isError)) return findings;
  try {
    await parseTenant(tenantId, document);
    return [...findings, ...(await retiredFindings(document))];
  } catch (error) {
    if (error instanceof MalformedTenant) return error.faults.map(malformed);
    throw error;
  }
}

export const isError = ({ level }: { readonly level: Level }): boolean => level === 'error';

export const isTooLarge = (mfaPolicy: unknown): boolean => bytesOf(mfaPolicy) > MAX_POLICY_BYTES;

export function sizeFindings(document: Document): readonly Finding[] {
  if (isTooLarge(document['mfaPolicy'])) {
    const message = `mfaPolicy: has ${bytesOf(document['mfaPolicy'])} bytes as JSON; at most ${MAX_POLICY_BYTES} can be kept`;
    return [finding('error', 'policy-too-large', message)];
  }
  if (bytesOf(document) <= MAX_TENANT_BYTES) return [];
  const message = `the tenant has ${bytesOf(document)} bytes as JSON; at most ${MAX_TENANT_BYTES} can be kept`;
  return [finding('error', 'tenant-too-large', message)];
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

const malformed = (message: string): Finding => finding('error', 'malformed', message);

/** The policy's faults in the words of its own checks, with the rule; its paths begin at the policy. */
async function shapeFindings(document: Document, issues: readonly v.BaseIssue<unknown>[]): Promise<readonly Finding[]> {
  const isPolicys = (issue: v.BaseIssue<unknown>) => issue.path?.[0].key === 'mfaPolicy';
  const others = issues.filter((issue) => !isPolicys(issue)).map((issue) => malformed(faultOf(issue)));
  if (!issues.some(isPolicys)) return others;
  const { lintPolicy } = await import('../mfa/lint/lint.ts');
  return [...others, ...(await lintPolicy(document['mfaPolicy'], {})).filter(isError)];
}

async function semanticFindings(document: TenantDocument, options: LintOptions): Promise<readonly Finding[]> {
  const offered = secondFactorsOf(document);
  const [{ lintPolicy }, { factorFinding }] = await Promise.all([
    import('../mfa/lint/lint.ts'),
    import('../mfa/lint/factors.ts'),
  ]);
  const ofPolicy = document.mfaPolicy === undefined ? [] : await lintPolicy(document.mfaPolicy, document, options);
  return [
    ...(document.firstFactors ?? [])
      .filter((factor) => !isKnownFactor(factor))
      .flatMap((factor) => factorFinding(factor, offered, { path: 'firstFactors' })),
    ...(document.requiredSecondaryFactors ?? []).flatMap((factor) =>
      factorFinding(factor, offered, { path: 'requiredSecondaryFactors' }),
    ),
    ...ofPolicy.filter(({ level }) => level !== 'info'),
  ];
}

async function retiredFindings({ templates }: Document): Promise<readonly Finding[]> {
  if (templates === undefined) return [];
  const { retiredIn } = await import('../delivery/templates.ts');
  return retiredIn(templates).map((path) =>
    finding('warning', 'template-retired', `templates.${path}: is a mail we send no more; its words are left out`, {
      path: `templates.${path}`,
    }),
  );
}
