import { createHash, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Config } from '../../shared/config.ts';
import { EDGE_COUNTRY_HEADER, EDGE_TOKEN_HEADER, EDGE_VIEWER_HEADER } from '../../shared/http/edge.ts';

/** CloudFront's own header. Here it is for whoever sends a request to say; there CloudFront writes it. */
const COUNTRY_HEADER = 'cloudfront-viewer-country';

/**
 * What the distribution is in the cloud: says, beside a token that the service knows, whose request it is and out of
 * which country.
 *
 * @param country where a request does not say; undefined: unknown.
 */
export function localEdge(country: string | undefined) {
  const token = randomBytes(32).toString('base64url');
  const config = {
    EDGE_TOKEN_SHA256: [createHash('sha256').update(token).digest('hex')],
    EDGE_COUNTRY: true,
  } satisfies Partial<Config>;

  const inFrontOf =
    (listener: RequestListener): RequestListener =>
    (request, response) => {
      const said = request.headers[COUNTRY_HEADER] ?? country;
      request.headers[EDGE_TOKEN_HEADER] = token;
      request.headers[EDGE_VIEWER_HEADER] = request.socket.remoteAddress ?? '';
      delete request.headers[EDGE_COUNTRY_HEADER];
      if (said !== undefined) request.headers[EDGE_COUNTRY_HEADER] = said;
      listener(request, response);
    };
  return { config, inFrontOf };
}
