import type { APIGatewayProxyEventV2 as Event, Context } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { functions } from '../../functions/index.ts';
import type { App } from '../../shared/app.ts';
import type { Config } from '../../shared/config.ts';
import { toLambda } from '../../shared/http/lambda.ts';
import { matchRoute } from '../../shared/http/route.ts';
import { type Browser, browser, type Mode } from './browser.ts';
import { type Stepgate, useStepgate } from './stepgate.ts';

/** The two ways in: a Lambda handler behind API Gateway, and a server of one's own. */
export type Door = 'gateway' | 'node';
export const DOORS = ['gateway', 'node'] as const satisfies readonly Door[];
export const MODES = ['cookie', 'header'] as const satisfies readonly Mode[];
/** Every transfer mode at every door. */
export const EVERYWHERE = MODES.flatMap((mode) => DOORS.map((door) => [mode, door] as const));

/** What pages of our own address send with every call, beside what the SDKs add. */
const OWN_PAGE = { origin: 'http://localhost:3001', 'sec-fetch-site': 'same-origin' };

export interface GatewayOptions {
  /** Settings other than the file's. */
  readonly config?: Partial<Config>;
  /** Ports other than the file's. */
  readonly app?: Partial<App>;
  /** `/prod`: a named stage stands in front of every path. */
  readonly stage?: string;
  /** Bodies arrive in base64, as for types the gateway does not take for text. */
  readonly base64?: boolean;
}

/** `fetch`, answered by the Lambda handler: payload 2.0 with lower-case headers and cookies apart, no socket. */
export function gatewayFetch(app: App, options: GatewayOptions = {}): typeof fetch {
  const endpoints = Object.values(functions).flat();
  const handler = toLambda(endpoints, { ...app, ...options.app, config: { ...app.config, ...options.config } });
  const routes = endpoints.flatMap((endpoint) => endpoint.routes);

  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input, 'http://gateway');
    const method = init.method ?? 'GET';
    const match = matchRoute(routes, method, url.pathname);
    if (match === undefined) return Response.json({ message: 'Not Found' }, { status: 404 });
    const event = eventOf({ url, method, init, ...match }, options);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- handlers of ours read no more of the context
    const result = await handler(event, {} as Context);
    const headers = new Headers();
    for (const [name, value] of Object.entries(result.headers ?? {})) headers.set(name, String(value));
    for (const cookie of result.cookies ?? []) headers.append('set-cookie', cookie);
    const status = result.statusCode ?? 200;
    return new Response(status === 204 ? null : (result.body ?? ''), { status, headers });
  };
}

function eventOf(
  call: {
    readonly url: URL;
    readonly method: string;
    readonly init: RequestInit;
    readonly routeKey: string;
    readonly params: Readonly<Record<string, string>>;
  },
  { stage = '', base64 = false }: GatewayOptions,
): Event {
  const { url, method, init } = call;
  const { cookie, ...headers } = Object.fromEntries(new Headers(init.headers));
  const query = Object.fromEntries(url.searchParams);
  const body = typeof init.body === 'string' && init.body !== '' ? init.body : undefined;
  const rawPath = `${stage}${url.pathname}`;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the gateway sends, without what nobody reads
  return {
    version: '2.0',
    routeKey: call.routeKey,
    rawPath,
    rawQueryString: url.search.slice(1),
    headers,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }),
    ...(Object.keys(call.params).length === 0 ? {} : { pathParameters: { ...call.params } }),
    ...(body === undefined ? {} : { body: base64 ? Buffer.from(body).toString('base64') : body }),
    isBase64Encoded: body !== undefined && base64,
    requestContext: {
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: '' },
      requestId: randomUUID(),
      routeKey: call.routeKey,
      stage: stage === '' ? '$default' : stage.slice(1),
    },
  } as unknown as Event;
}

export type PageOptions = GatewayOptions & { readonly door?: Door; readonly tenantId?: string };

/** The whole service for one file of the conformance suite, with front ends at both doors. */
export function useFrontDoors(): Stepgate & { readonly page: (mode: Mode, options?: PageOptions) => Browser } {
  const stepgate = useStepgate();
  return {
    ...stepgate,
    page: (mode, { door = 'gateway', tenantId, ...options } = {}) => {
      const through = door === 'node' ? fetch : gatewayFetch(stepgate.app(), options);
      return browser(stepgate.url(), mode, tenantId, {
        request: (input, init) => through(input, { ...init, headers: { ...OWN_PAGE, ...headersOf(init) } }),
      });
    },
  };
}

/** As they were given: casing is part of what is tested. */
const headersOf = (init: RequestInit | undefined): Record<string, string> =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `browser` gives a record
  (init?.headers ?? {}) as Record<string, string>;

/** `[name, attributes]` of each cookie set, without values. */
export const cookieNames = (setCookies: readonly string[]): readonly string[] =>
  setCookies.map((line) => line.split('=')[0]!);
