import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Match } from './routes.ts';

/** Payload format 2.0, both ways, as docs.aws.amazon.com describes it; see toolchain.md §4 for what is not verified. */

/** The types whose bodies arrive as text; all others, forms and bodies without a type included, are base64. */
const TEXT = /^(text\/|application\/(json|xml|javascript)\b)/;

export async function toEvent(
  request: IncomingMessage,
  url: URL,
  { route, params }: Match,
): Promise<APIGatewayProxyEventV2> {
  const { cookie, ...sent } = joinedHeaders(request.rawHeaders);
  const sourceIp = request.socket.remoteAddress!.replace('::ffff:', '');
  // The gateway adds the peer behind whatever the client claims.
  const headers: Record<string, string> = {
    ...sent,
    'x-forwarded-for': [...(sent['x-forwarded-for']?.split(', ') ?? []), sourceIp].join(', '),
  };
  const query = joined([...url.searchParams]);
  const body = await buffer(request);
  const isText = TEXT.test(headers['content-type'] ?? '');
  const method = request.method!;
  // Absent, never empty.
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split(/[;,] ?/) }),
    headers,
    ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }),
    ...(Object.keys(params).length === 0 ? {} : { pathParameters: params }),
    requestContext: context(
      { method, sourceIp, userAgent: sent['user-agent'] ?? '', protocol: `HTTP/${request.httpVersion}` },
      url,
      route,
    ),
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Whom IAM recognised by the signature. */
const OPERATOR = {
  accessKey: 'A',
  accountId: '123456789012',
  callerId: 'AROAEXAMPLE:ops',
  cognitoIdentity: null,
  principalOrgId: 'o-example',
  userArn: 'arn:aws:sts::123456789012:assumed-role/operator/ops',
  userId: 'AROAEXAMPLE:ops',
};

function context(
  http: Omit<APIGatewayProxyEventV2['requestContext']['http'], 'path'>,
  url: URL,
  { routeKey, iam }: Match['route'],
): APIGatewayProxyEventV2['requestContext'] {
  const now = new Date();
  return {
    accountId: '123456789012',
    ...(iam ? { authorizer: { iam: OPERATOR } } : {}),
    apiId: 'local',
    domainName: url.host,
    domainPrefix: url.hostname.split('.')[0]!,
    http: { ...http, path: url.pathname },
    requestId: randomUUID(),
    routeKey,
    stage: '$default',
    time: now.toUTCString(),
    timeEpoch: now.getTime(),
  };
}

function joinedHeaders(raw: readonly string[]): Record<string, string> {
  const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1]!] as const] : []));
  return joined(pairs);
}

/** Repeated names become one, joined by a comma. */
function joined(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const groups = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries([...groups].map(([name, group]) => [name, group.map(([, value]) => value).join(',')]));
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
}

export const message = (status: number, text: string): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: text }),
});

interface Structured {
  readonly statusCode: unknown;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** What the client gets for what the function returned. */
export function toReply(result: unknown): HttpReply {
  if (!isStructured(result)) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(result) ?? '' };
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = result;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return message(500, 'Internal Server Error');
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(own),
      ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }),
    },
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  };
}

const isStructured = (result: unknown): result is Structured =>
  typeof result === 'object' && result !== null && 'statusCode' in result;
