import middy from '@middy/core';
import type { APIGatewayProxyEventV2 as Event, APIGatewayProxyStructuredResultV2 as Result, Context } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Config } from '../config.ts';
import type { Log } from '../ports.ts';
import { notFound, ProtocolError } from '../protocol-error.ts';
import type { CarrierConfig } from './carrier.ts';
import { type CorsDeps, corsHeaders } from './cors.ts';
import { refuseForeign } from './csrf.ts';
import type { Endpoint, Reply, Request } from './endpoint.ts';
import { type EdgeConfig, type Viewer, viewerOf } from './edge.ts';
import { errorReply } from './error-reply.ts';

export type LambdaDeps = {
  readonly config: CarrierConfig & Pick<Config, 'ANTI_CSRF'> & EdgeConfig;
  readonly log: Log;
  readonly tenants?: CorsDeps['tenants'];
};

export type LambdaHandler = (event: Event, context?: Context) => Promise<Result>;

/**
 * Puts endpoints behind API Gateway (HTTP API, payload 2.0).
 *
 * Middlewares do what every request needs and no endpoint should repeat; they load nothing an endpoint works on.
 * `after` and `onError` run last-registered first: a reply is made, then opened to the tenant's origins, then hardened.
 */
export function toLambda<App extends LambdaDeps>(endpoints: readonly Endpoint<App>[], app: App): LambdaHandler {
  const incoming = readOnce(app.config);
  const byRoute = new Map(endpoints.flatMap((endpoint) => endpoint.routes.map((route) => [route, endpoint] as const)));

  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- middy's own context argument is optional here
  return middy<Event, Result>()
    .use(hardened())
    .use(cors(app, incoming))
    .use(errors((event) => byRoute.get(event.routeKey)?.screen ?? false, app))
    .handler(async (event) => {
      const endpoint = byRoute.get(event.routeKey);
      if (endpoint === undefined) throw notFound('no such route');
      const { request, isThroughEdge } = incoming(event);
      // Administrators sign their requests for the API's own address.
      if (app.config.EDGE_ONLY === true && endpoint.caller === 'public' && !isThroughEdge) throw notThisWay();
      // Here and not in `endpoint()`, so that no endpoint can be served without it. IAM signs: no browser is behind it.
      if (endpoint.caller === 'public' && endpoint.crossSite !== true) await refuseForeign(request, app);
      return toResult(await endpoint.handle(request, app));
    }) as LambdaHandler;
}

const notThisWay = () => new ProtocolError(403, { message: 'forbidden' });

type Middleware = middy.MiddlewareObj<Event, Result>;

/** Nothing we say is cached, framed, sniffed or sent on, unless the reply itself says so. */
const hardened = (): Middleware => {
  const harden: middy.MiddlewareFn<Event, Result> = (handling) => {
    if (handling.response === undefined || handling.response === null) return;
    handling.response.headers = {
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      ...handling.response.headers,
    };
  };
  return { after: harden, onError: harden };
};

const cors = ({ config, tenants }: LambdaDeps, incoming: (event: Event) => Incoming): Middleware => {
  const open: middy.MiddlewareFn<Event, Result> = async (handling) => {
    if (tenants === undefined || handling.response === undefined || handling.response === null) return;
    const { response } = handling;
    const { request } = incoming(handling.event);
    response.headers = {
      ...response.headers,
      ...(await corsHeaders(request, response.headers ?? {}, { config, tenants })),
    };
  };
  return { after: open, onError: open };
};

const errors = (hasScreen: (event: Event) => boolean, { config, log }: LambdaDeps): Middleware => ({
  onError: (handling) => {
    const { error, event } = handling;
    handling.response = toResult(
      errorReply(error, { config, log, screen: hasScreen(event), route: event.routeKey, errorId: randomUUID() }),
    );
  },
});

interface Incoming extends Pick<Viewer, 'isThroughEdge'> {
  readonly request: Request;
}

/** Handler and CORS read the same request: its body is decoded and its edge token hashed once. */
function readOnce(config: EdgeConfig): (event: Event) => Incoming {
  const known = new WeakMap<Event, Incoming>();
  return (event) => {
    const before = known.get(event);
    if (before !== undefined) return before;
    const viewer = viewerOf(definedValues(event.headers), event.requestContext.http.sourceIp, config);
    const incoming = { request: toRequest(event, viewer), isThroughEdge: viewer.isThroughEdge };
    known.set(event, incoming);
    return incoming;
  };
}

function toRequest(event: Event, { ip, country, headers }: Viewer): Request {
  const { http } = event.requestContext;
  const body =
    event.body !== undefined && event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString('utf8') : event.body;
  return {
    method: http.method.toUpperCase(),
    routeKey: event.routeKey,
    path: event.rawPath,
    params: definedValues(event.pathParameters),
    query: definedValues(event.queryStringParameters),
    headers,
    cookies: event.cookies ?? [],
    body,
    ip,
    country,
    requestId: event.requestContext.requestId,
    ...principalOf(event),
  };
}

const Signed = v.object({ authorizer: v.object({ iam: v.object({ userArn: v.string() }) }) });

/** Only the gateway writes this, and only where the route is authorised by IAM. */
function principalOf({ requestContext }: Event): Pick<Request, 'principal'> {
  const signed = v.safeParse(Signed, requestContext);
  return signed.success ? { principal: signed.output.authorizer.iam.userArn } : {};
}

const definedValues = (record: Readonly<Record<string, string | undefined>> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(record ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined));

const toResult = (reply: Reply): Result => ({
  statusCode: reply.status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...reply.headers },
  body: reply.body === undefined ? '' : JSON.stringify(reply.body),
  ...(reply.cookies === undefined || reply.cookies.length === 0 ? {} : { cookies: [...reply.cookies] }),
});
