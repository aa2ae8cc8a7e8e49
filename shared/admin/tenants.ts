import { isTenantId } from '../account/tenant-id.ts';
import type { Config } from '../config.ts';
import { type Finding, finding } from '../mfa/lint/finding.ts';
import { adoptHandEdit, type PolicyDeps, settled } from '../policies/adopt.ts';
import { policyHash } from '../policies/hash.ts';
import { type Change, isChange, nextOf, outrun } from '../policies/versions.ts';
import type { PolicyVersion, SecretSealer, StoredTenant } from '../ports.ts';
import { badRequest, notFound, ProtocolError } from '../protocol-error.ts';
import { withoutSecrets, withSealedSecrets } from '../third-party/secrets.ts';
import { findingsOf, isError } from './tenant-findings.ts';

/** Tenants as documents, for those who configure them. */
export interface TenantAdmin {
  /** Ids, sorted: see `TenantList`. */
  list(): Promise<readonly string[]>;
  /** The stored attributes, whatever their state; opening adopts a hand-written tenant into the list. */
  read(tenantId: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /**
   * Creates or replaces, with `next` as its version where the policy is another one, in one transaction.
   *
   * @returns false, and nothing is written, when the policy is no longer what was `seen`.
   */
  write(
    tenantId: string,
    document: Readonly<Record<string, unknown>>,
    seen: StoredTenant,
    next: PolicyVersion | undefined,
  ): Promise<boolean>;
  /** Takes its policy's versions along. @returns false when somebody is still a member. */
  remove(tenantId: string): Promise<boolean>;
}

type Deps = { readonly tenantAdmin: TenantAdmin; readonly config?: Pick<Config, 'EDGE_COUNTRY'> };

export const listTenants = async ({ tenantAdmin }: Deps) => ({
  status: 'OK' as const,
  tenants: [...new Set(['public', ...(await tenantAdmin.list())])],
});

/** The document, and what is wrong with it where something is. Writes nothing. @throws 404 for an unknown tenant. */
export async function checkTenant(tenantId: string, { tenantAdmin, config }: Deps) {
  const document = await tenantAdmin.read(checked(tenantId));
  if (document === undefined && tenantId !== 'public') throw notFound('unknown tenant');
  return {
    status: 'OK' as const,
    tenantId,
    tenant: withoutState(withoutSecrets(document ?? {})),
    findings: [
      ...(await findingsOf(tenantId, document ?? {}, { knowsCountry: config?.EDGE_COUNTRY })),
      ...(await originFindings(tenantId, document ?? {}, tenantAdmin)),
    ],
  };
}

/** As `checkTenant`; a policy that was edited by hand is recorded on the way. */
export async function readTenant(tenantId: string, deps: Deps & PolicyDeps) {
  await adoptHandEdit({ tenantId: checked(tenantId) }, deps);
  return checkTenant(tenantId, deps);
}

/** What a write would replace. Secrets are not in it. */
export interface TenantReplacement {
  /** As it is stored. */
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/**
 * Creates or replaces. Another policy than before is a version as well.
 *
 * @param agree is asked once the document is known to be valid, where one is replaced; what it throws is thrown, and
 * nothing is written.
 * @throws 400 with `findings` for a document that could not be used, 409 when the policy was changed meanwhile.
 */
export async function writeTenant(
  tenantId: string,
  given: Readonly<Record<string, unknown>>,
  deps: Deps & PolicyDeps & { readonly secretSealer: SecretSealer },
  change: Change = { by: 'unknown', via: 'api', reason: 'the whole tenant was written' },
  agree: (what: TenantReplacement) => Promise<void> = async () => {},
) {
  const { tenantAdmin, secretSealer, clock, log } = deps;
  const { seen } = await settled(checked(tenantId), deps);
  const document = await withSealedSecrets(tenantId, withoutState(given), seen.document ?? {}, secretSealer);
  const findings = await findingsOf(tenantId, document, { knowsCountry: deps.config?.EDGE_COUNTRY });
  if (findings.some(isError)) throw new ProtocolError(400, { message: 'the tenant is not valid', findings });
  if (seen.document !== undefined || tenantId === 'public') {
    await agree({ before: withoutState(withoutSecrets(seen.document ?? {})), after: withoutSecrets(document) });
  }
  const { mfaPolicy } = document;
  const hash = policyHash(mfaPolicy);
  const next = isChange(seen, hash)
    ? { ...nextOf(seen, hash, change, clock.now()), ...(mfaPolicy === undefined ? {} : { mfaPolicy }) }
    : undefined;
  if (!(await tenantAdmin.write(tenantId, document, seen, next))) throw outrun(undefined);
  if (next !== undefined) log.info('policy.saved', { tenantId, version: next.version, via: next.via });
  return {
    status: 'OK' as const,
    tenantId,
    findings: [...findings, ...(await originFindings(tenantId, document, tenantAdmin))],
  };
}

/** Can be run again where it broke off. */
export async function removeTenant(tenantId: string, { tenantAdmin }: Deps) {
  const isThere = (await tenantAdmin.read(checked(tenantId))) !== undefined;
  if (!isThere && !(await tenantAdmin.list()).includes(tenantId)) throw notFound('unknown tenant');
  if (!(await tenantAdmin.remove(tenantId))) throw badRequest('the tenant still has users');
  return { status: 'OK' as const };
}

/** Which version the policy is, is not the caller's to say. */
function withoutState(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { policyState: _, ...document } = given;
  return document;
}

function checked(tenantId: string): string {
  if (!isTenantId(tenantId))
    throw badRequest('not a tenant id: lower-case letters, digits and hyphens, no reserved word');
  return tenantId;
}

/**
 * A front end the tenant lists and `public` does not cannot begin: its SDK's first call and every preflight of
 * `session/refresh`, `mfa/info` and `signout` name no tenant, so that there the list of `public` counts.
 */
async function originFindings(
  tenantId: string,
  { allowedOrigins }: Readonly<Record<string, unknown>>,
  tenantAdmin: Pick<TenantAdmin, 'read'>,
): Promise<readonly Finding[]> {
  if (tenantId === 'public') return [];
  const everywhere = itemsOf((await tenantAdmin.read('public'))?.['allowedOrigins']);
  return itemsOf(allowedOrigins)
    .filter((origin) => !everywhere.includes(origin))
    .map((origin) =>
      finding(
        'warning',
        'origin-not-public',
        `allowedOrigins: ${origin} must be listed at the tenant public too, for the calls that name no tenant`,
        { path: 'allowedOrigins' },
      ),
    );
}

const itemsOf = (value: unknown): readonly string[] =>
  (value instanceof Set || Array.isArray(value) ? [...value] : []).filter((item) => typeof item === 'string');
