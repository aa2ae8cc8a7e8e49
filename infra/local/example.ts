import type { App } from '../../shared/app.ts';
import type { Endpoint, Reply, Request } from '../../shared/http/endpoint.ts';
import { issuerAt } from '../../shared/protect/issuer.ts';
import type { WithSession } from '../../shared/protect/require-session.ts';
import { orders } from '../example/handlers/orders.ts';
import { payouts } from '../example/handlers/payouts.ts';

/**
 * The two sample routes of `infra/example/`, with the handlers that are deployed there: somebody's own API to try the
 * SDKs on. Served as endpoints, they get the tenant's CORS headers and preflights from the service.
 */
export function exampleEndpoints(app: Pick<App, 'config' | 'clock' | 'keys'>): readonly Endpoint<unknown>[] {
  const issuer = issuerAt({
    url: app.config.PUBLIC_URL,
    antiCsrf: app.config.ANTI_CSRF,
    keys: app.keys,
    clock: app.clock,
  });
  return [served('GET /example/orders', orders(issuer)), served('POST /example/payouts', payouts(issuer))];
}

type Handler = ReturnType<typeof orders>;
type Event = Parameters<Handler>[0];

const served = (route: string, handler: Handler): Endpoint<unknown> => ({
  routes: [route],
  access: {},
  caller: 'public',
  screen: false,
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the middleware itself puts the session there
  handle: async (request) => toReply(await handler(toEvent(request), {} as WithSession)),
});

/** Without what says where a browser stands: the service in front has asked its tenants' `allowedOrigins` already. */
const toEvent = ({ method, path, headers, cookies, ip, requestId, routeKey }: Request): Event =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all of an event that these two handlers read
  ({
    headers: { ...headers, origin: undefined, 'sec-fetch-site': undefined },
    cookies: [...cookies],
    rawPath: path,
    routeKey,
    requestContext: { http: { method, path, sourceIp: ip }, requestId, routeKey },
  }) as unknown as Event;

function toReply(result: Awaited<ReturnType<Handler>>): Reply {
  const { statusCode = 200, headers = {}, body = '' } = result;
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { status: statusCode, headers: Object.fromEntries(lower), body: body === '' ? undefined : JSON.parse(body) };
}
