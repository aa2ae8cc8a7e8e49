import * as v from 'valibot';
import { isTenantId, MalformedTenant } from '../account/tenant-id.ts';
import { parseTenant } from '../account/parse-tenant.ts';
import { secondFactorsOf } from '../account/tenant-defaults.ts';
import { faultOf, type TenantDocument, TenantSchema } from '../account/tenant-schema.ts';
import { isKnownFactor } from '../mfa/factor.ts';
import type { PolicyFault } from '../mfa/policy.ts';
import { factorFault, validatePolicy } from '../mfa/validate.ts';
import type { SecretSealer } from '../ports.ts';
import { badRequest, notFound, ProtocolError } from '../protocol-error.ts';
import { withoutSecrets, withSealedSecrets } from '../third-party/secrets.ts';

/** Tenants as documents, for those who configure them. */
export interface TenantAdmin {
  /** Ids, sorted. Tenants written by hand appear once they were opened here. */
  list(): Promise<readonly string[]>;
  /** The stored attributes, whatever their state; opening adopts a hand-written tenant into the list. */
  read(tenantId: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  write(tenantId: string, document: Readonly<Record<string, unknown>>): Promise<void>;
  /** @returns false when somebody is still a member. */
  remove(tenantId: string): Promise<boolean>;
}

type Deps = { readonly tenantAdmin: TenantAdmin };

export const listTenants = async ({ tenantAdmin }: Deps) => ({
  status: 'OK' as const,
  tenants: [...new Set(['public', ...(await tenantAdmin.list())])],
});

/** The document, and what is wrong with it where something is. @throws 404 for an unknown tenant. */
export async function readTenant(tenantId: string, { tenantAdmin }: Deps) {
  const document = await tenantAdmin.read(checked(tenantId));
  if (document === undefined && tenantId !== 'public') throw notFound('unknown tenant');
  return {
    status: 'OK' as const,
    tenantId,
    tenant: withoutSecrets(document ?? {}),
    findings: [
      ...(await findingsOf(tenantId, document ?? {})),
      ...(await originFindings(tenantId, document ?? {}, tenantAdmin)),
    ],
  };
}

/** Creates or replaces. @throws 400 with `findings` for a document that could not be used. */
export async function writeTenant(
  tenantId: string,
  given: Readonly<Record<string, unknown>>,
  { tenantAdmin, secretSealer }: Deps & { readonly secretSealer: SecretSealer },
) {
  const stored = (await tenantAdmin.read(checked(tenantId))) ?? {};
  const document = await withSealedSecrets(tenantId, given, stored, secretSealer);
  const findings = await findingsOf(tenantId, document);
  if (findings.some(({ level }) => level === 'error')) {
    throw new ProtocolError(400, { message: 'the tenant is not valid', findings });
  }
  await tenantAdmin.write(tenantId, document);
  return {
    status: 'OK' as const,
    tenantId,
    findings: [...findings, ...(await originFindings(tenantId, document, tenantAdmin))],
  };
}

export async function removeTenant(tenantId: string, { tenantAdmin }: Deps) {
  if ((await tenantAdmin.read(checked(tenantId))) === undefined) throw notFound('unknown tenant');
  if (!(await tenantAdmin.remove(tenantId))) throw badRequest('the tenant still has users');
  return { status: 'OK' as const };
}

function checked(tenantId: string): string {
  if (!isTenantId(tenantId))
    throw badRequest('not a tenant id: lower-case letters, digits and hyphens, no reserved word');
  return tenantId;
}

/** Everything that is wrong with a document, errors and warnings. */
export async function findingsOf(
  tenantId: string,
  document: Readonly<Record<string, unknown>>,
): Promise<readonly PolicyFault[]> {
  const parsed = await v.safeParseAsync(TenantSchema, document);
  if (!parsed.success) return parsed.issues.map((issue) => malformed(faultOf(issue)));
  const findings = await semanticFindings(parsed.output);
  if (findings.some(({ level }) => level === 'error')) return findings;
  try {
    await parseTenant(tenantId, document);
    return findings;
  } catch (error) {
    if (error instanceof MalformedTenant) return error.faults.map(malformed);
    throw error;
  }
}

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

/**
 * A front end the tenant lists and `public` does not cannot begin: its SDK's first call and every preflight of
 * `session/refresh`, `mfa/info` and `signout` name no tenant, so that there the list of `public` counts.
 */
async function originFindings(
  tenantId: string,
  { allowedOrigins }: Readonly<Record<string, unknown>>,
  tenantAdmin: Pick<TenantAdmin, 'read'>,
): Promise<readonly PolicyFault[]> {
  if (tenantId === 'public') return [];
  const everywhere = itemsOf((await tenantAdmin.read('public'))?.['allowedOrigins']);
  return itemsOf(allowedOrigins)
    .filter((origin) => !everywhere.includes(origin))
    .map((origin) => ({
      level: 'warning',
      code: 'origin-not-public',
      message: `allowedOrigins: ${origin} must be listed at the tenant public too, for the calls that name no tenant`,
    }));
}

const itemsOf = (value: unknown): readonly string[] =>
  (value instanceof Set || Array.isArray(value) ? [...value] : []).filter((item) => typeof item === 'string');
