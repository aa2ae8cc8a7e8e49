import type { APIGatewayProxyEventV2 as Event } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from './endpoint.ts';
import { type LambdaDeps, toLambda } from './lambda.ts';
import { matchRoute } from './route.ts';

const MAX_BODY_BYTES = 1_048_576;

/**
 * The same endpoints without a gateway: speaks API Gateway's dialect to `toLambda`, so that even the middlewares are
 * the ones that run in the cloud.
 */
export function toNode<App extends LambdaDeps>(endpoints: readonly Endpoint<App>[], app: App) {
  const handler = toLambda(endpoints, app);
  const routes = endpoints.flatMap((endpoint) => endpoint.routes);
  const signed = new Set(endpoints.filter(({ caller }) => caller === 'iam').flatMap((endpoint) => endpoint.routes));

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
    const match = matchRoute(routes, request.method ?? 'GET', path);
    if (match === undefined) return send(response, 404, '{"message":"Not Found"}');
    const body = await readBody(request);
    if (body === undefined) return send(response, 413, '{"message":"Request Entity Too Large"}');
    const result = await handler(
      eventOf(request, { ...match, path, query, body, isSigned: signed.has(match.routeKey) }),
    );
    for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, String(value));
    if (result.cookies !== undefined) response.setHeader('set-cookie', result.cookies);
    response.writeHead(result.statusCode ?? 200).end(result.body);
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      app.log.error('server.failed', { error: error instanceof Error ? error.name : 'unknown' });
      if (!response.headersSent) send(response, 500, '{"message":"Internal Server Error"}');
    });
  };
}

const send = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
};

/** @returns undefined when it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function eventOf(
  request: IncomingMessage,
  at: {
    readonly routeKey: string;
    readonly params: Readonly<Record<string, string>>;
    readonly path: string;
    readonly query: string;
    readonly body: Buffer;
    /** Behind the gateway, IAM would have said who calls. */
    readonly isSigned: boolean;
  },
): Event {
  const { cookie, ...rest } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );
  const isText = /^(text\/|application\/(json|javascript|xml)\b)/i.test(headers['content-type'] ?? '');
  const query = Object.fromEntries(new URLSearchParams(at.query));
  return {
    version: '2.0',
    routeKey: at.routeKey,
    rawPath: at.path,
    rawQueryString: at.query,
    headers,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }),
    ...(Object.keys(at.params).length === 0 ? {} : { pathParameters: at.params }),
    ...(at.body.byteLength === 0 ? {} : { body: at.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: at.body.byteLength > 0 && !isText,
    requestContext: {
      accountId: 'local',
      ...(at.isSigned ? { authorizer: { iam: { userArn: 'local' } } } : {}),
      apiId: 'local',
      domainName: headers['host'] ?? 'localhost',
      domainPrefix: 'localhost',
      http: {
        method: request.method ?? 'GET',
        path: at.path,
        protocol: 'HTTP/1.1',
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: at.routeKey,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  };
}
