import type { SecretSealer } from '../ports.ts';

type Document = Readonly<Record<string, unknown>>;

/** What a provider's secret is bound to: sealed for one provider of one tenant, it opens for no other. */
export const secretUse = (tenantId: string, thirdPartyId: string): string => `provider:${tenantId}:${thirdPartyId}`;

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesOf = ({ providers }: Document): readonly Document[] =>
  Array.isArray(providers) && providers.every(isDocument) ? providers : [];

const nameOf = ({ thirdPartyId, clientType }: Document): string => JSON.stringify([thirdPartyId, clientType]);

/** A tenant as it may be shown: of a secret only whether there is one. */
export function withoutSecrets(document: Document): Document {
  if (!('providers' in document)) return document;
  const providers = entriesOf(document).map(({ sealedSecret, ...entry }) => ({
    ...Object.fromEntries(Object.entries(entry).filter(([name]) => name !== 'clientSecret')),
    ...(sealedSecret === undefined ? {} : { hasSecret: true }),
  }));
  return { ...document, providers };
}

/**
 * A tenant as it may be stored: each `clientSecret` sealed; `hasSecret: true` keeps the one that is stored, so that what
 * was read can be written back. Anything else stays as it is, for the schema to refuse.
 */
export async function withSealedSecrets(
  tenantId: string,
  document: Document,
  stored: Document,
  sealer: SecretSealer,
): Promise<Document> {
  const entries = entriesOf(document);
  if (entries.length === 0 || entries.length > 20) return document;
  const kept = new Map(entriesOf(stored).map((entry) => [nameOf(entry), entry['sealedSecret']]));
  const providers = await Promise.all(
    entries.map(async ({ hasSecret, clientSecret, ...rest }) => {
      const { thirdPartyId } = rest;
      if (typeof clientSecret === 'string' && typeof thirdPartyId === 'string') {
        return { ...rest, sealedSecret: await seal(clientSecret, secretUse(tenantId, thirdPartyId), sealer) };
      }
      const own = hasSecret === true ? kept.get(nameOf(rest)) : undefined;
      return {
        ...rest,
        ...(clientSecret === undefined ? {} : { clientSecret }),
        ...(hasSecret === undefined || own !== undefined || hasSecret === false ? {} : { hasSecret }),
        ...(own === undefined ? {} : { sealedSecret: own }),
      };
    }),
  );
  return { ...document, providers };
}

const seal = async (secret: string, use: string, sealer: SecretSealer): Promise<string> =>
  Buffer.from(await sealer.seal(Buffer.from(secret, 'utf8'), use)).toString('base64');
