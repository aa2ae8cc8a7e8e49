/**
 * Where a link in a message leads: to the pages of the front end that asked, if the tenant lists its origin, else to our
 * own. A forged Origin moves nobody's link to a place the tenant did not choose.
 *
 * @param path with its slash: `/verify`.
 */
export function pageUrl(
  path: string,
  asked: {
    readonly origin: string | undefined;
    readonly tenant: { readonly allowedOrigins: readonly string[]; readonly websiteBasePath: string };
    readonly publicUrl: string;
  },
): URL {
  const { origin, tenant, publicUrl } = asked;
  const isListed = origin !== undefined && origin !== publicUrl && tenant.allowedOrigins.includes(origin);
  return new URL(isListed ? `${origin}${tenant.websiteBasePath}${path}` : `${publicUrl}${path}`);
}
