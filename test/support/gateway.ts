import type { APIGatewayProxyEventV2 as Event, Context } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { functions } from '../../functions/index.ts';
import type { App } from '../../shared/app.ts';
import type { Config } from '../../shared/config.ts';
import { toLambda } from '../../shared/http/lambda.ts';
import { matchRoute } from '../../shared/http/route.ts';

export interface GatewayRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  /** Sent as JSON unless it is text already. */
  readonly body?: unknown;
  /** The peer's address as the gateway saw it. */
  readonly ip?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Without the `rid` that the SDKs send with every request. */
  readonly bare?: boolean;
}

export interface GatewayReply {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/**
 * The endpoints as API Gateway calls them, without a socket in between: for what a socket hides or refuses (addresses,
 * duplicate headers, tokens of 100 kB) and for settings other than the file's.
 */
export function gateway(app: App, config: Partial<Config> = {}) {
  const endpoints = Object.values(functions).flat();
  const handler = toLambda(endpoints, { ...app, config: { ...app.config, ...config } });
  const routes = endpoints.flatMap((endpoint) => endpoint.routes);

  return async (method: string, path: string, request: GatewayRequest = {}): Promise<GatewayReply> => {
    const match = matchRoute(routes, method, path);
    if (match === undefined) throw new Error(`no route for ${method} ${path}`);
    const { body } = request;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const event = {
      version: '2.0',
      routeKey: match.routeKey,
      rawPath: path,
      rawQueryString: '',
      headers: {
        'user-agent': 'test-browser/1.0',
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...(request.bare === true ? {} : { rid: 'anti-csrf' }),
        ...request.headers,
      },
      ...(request.cookies === undefined ? {} : { cookies: [...request.cookies] }),
      ...(request.query === undefined ? {} : { queryStringParameters: { ...request.query } }),
      pathParameters: { ...match.params },
      ...(text === undefined ? {} : { body: text }),
      isBase64Encoded: false,
      requestContext: {
        http: { method, path, protocol: 'HTTP/1.1', sourceIp: request.ip ?? '192.0.2.1', userAgent: '' },
        requestId: randomUUID(),
      },
    } as unknown as Event;
    const result = await handler(event, {} as Context);
    const headers = Object.fromEntries(
      Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    return {
      status: result.statusCode ?? 0,
      body: result.body === undefined || result.body === '' ? undefined : JSON.parse(result.body),
      headers,
      cookies: result.cookies ?? [],
    };
  };
}

export const form = (fields: Readonly<Record<string, string>>) => ({
  formFields: Object.entries(fields).map(([id, value]) => ({ id, value })),
});
