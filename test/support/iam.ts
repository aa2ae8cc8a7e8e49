import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as v from 'valibot';
import { boundPort } from '../../infra/local/ports.ts';

/** What IAM decides about: one action on one resource, with what conditions can read. */
export interface Wanted {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

const oneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => [value].flat()),
);
const Statement = v.strictObject({
  Effect: v.literal('Allow'),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: v.optional(v.strictObject({ StringEquals: v.record(v.string(), v.string()) }), { StringEquals: {} }),
});
export const IamPolicy = v.strictObject({ Version: v.literal('2012-10-17'), Statement: v.array(Statement) });
export type IamPolicy = v.InferOutput<typeof IamPolicy>;

/** As IAM decides: some statement has the action, the resource, and every condition. */
export const isAllowed = (policy: IamPolicy, { action, resource, context }: Wanted): boolean =>
  policy.Statement.some(
    (statement) =>
      statement.Action.some((pattern) => matches(pattern, action)) &&
      statement.Resource.some((pattern) => matches(pattern, resource)) &&
      Object.entries(statement.Condition.StringEquals).every(([key, value]) => context[key] === value),
  );

const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text);

/** Where things are, for their ARNs. */
export const PLACE = { region: 'eu-central-1', account: '123456789012' };
const arn = (service: string, rest: string) => `arn:aws:${service}:${PLACE.region}:${PLACE.account}:${rest}`;

const Json = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()));
const Table = v.object({ TableName: v.string() });
const Transaction = v.object({ TransactItems: v.array(v.record(v.string(), Table)) });
const IN_TRANSACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};
const onTable = (operation: string, table: string): Wanted => ({
  action: `dynamodb:${operation}`,
  resource: arn('dynamodb', `table/${table}`),
  context: {},
});

/** What a request of the SDK asks of IAM. @throws for one of a service that is not known here. */
export function wantedBy(
  request: Pick<IncomingMessage, 'headers' | 'method' | 'url'>,
  body: string,
): readonly Wanted[] {
  const [service = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
  const url = request.url ?? '';
  if (service.startsWith('DynamoDB')) return dynamodb(operation, body);
  if (service === 'TrentService') return [kms(operation, body)];
  if (url.startsWith('/v2/email/')) return [ses(request.method ?? '', url, body)];
  if (url.startsWith('/2015-03-31/functions/')) {
    const name = decodeURIComponent(url.split('/')[3] ?? '');
    return [{ action: 'lambda:InvokeFunction', resource: name, context: {} }];
  }
  const form = new URLSearchParams(body);
  const action = form.get('Action') ?? '';
  if (action === 'DescribeStacks') {
    const resource = arn('cloudformation', `stack/${form.get('StackName')}/0a1b2c3d`);
    return [{ action: 'cloudformation:DescribeStacks', resource, context: {} }];
  }
  if (action !== '') return [{ action: `sns:${action}`, resource: '*', context: {} }];
  throw new Error(`no idea which right ${request.method} ${url} takes`);
}

function dynamodb(operation: string, body: string): readonly Wanted[] {
  const given = v.parse(Json, body);
  if (!operation.startsWith('Transact')) return [onTable(operation, v.parse(Table, given).TableName)];
  return v
    .parse(Transaction, given)
    .TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, { TableName }]) => onTable(IN_TRANSACTIONS[kind] ?? kind, TableName)),
    );
}

const Kms = v.object({ KeyId: v.string(), EncryptionContext: v.optional(v.record(v.string(), v.string()), {}) });

function kms(operation: string, body: string): Wanted {
  const { KeyId, EncryptionContext } = v.parse(v.pipe(v.string(), v.parseJson(), Kms), body);
  const context = Object.entries(EncryptionContext).map(([key, value]) => [`kms:EncryptionContext:${key}`, value]);
  return { action: `kms:${operation}`, resource: KeyId, context: Object.fromEntries(context) };
}

const SES: readonly (readonly [RegExp, string])[] = [
  [/^POST \/v2\/email\/outbound-emails$/, 'SendEmail'],
  [/^GET \/v2\/email\/account$/, 'GetAccount'],
  [/^GET \/v2\/email\/identities\/[^/]+$/, 'GetEmailIdentity'],
  [/^GET \/v2\/email\/suppression\/addresses(\?|$)/, 'ListSuppressedDestinations'],
];

function ses(method: string, url: string, body: string): Wanted {
  const operation = SES.find(([pattern]) => pattern.test(`${method} ${url}`))?.[1];
  if (operation === undefined) throw new Error(`no idea which right ${method} ${url} takes`);
  if (operation !== 'SendEmail') return { action: `ses:${operation}`, resource: '*', context: {} };
  const { FromEmailAddress } = v.parse(
    v.pipe(v.string(), v.parseJson(), v.object({ FromEmailAddress: v.string() })),
    body,
  );
  const address = /<([^>]+)>$/.exec(FromEmailAddress)?.[1] ?? FromEmailAddress;
  return {
    action: 'ses:SendEmail',
    resource: arn('ses', `identity/${address}`),
    context: { 'ses:FromAddress': address },
  };
}

/**
 * Stands before AWS as IAM does: what the policy does not allow is refused, as each service words it, and everything that
 * was asked is kept.
 *
 * @param answer replies for AWS to a request that nobody else answers.
 */
export async function startIam(target: {
  readonly of: (request: IncomingMessage) => string | undefined;
  readonly answer: (body: string) => string;
}) {
  let policy: IamPolicy = { Version: '2012-10-17', Statement: [] };
  let asked: { readonly wanted: Wanted; readonly allowed: boolean }[] = [];
  const server = createServer((request, response) => {
    const serve = async () => {
      const body = await buffer(request);
      const wanted = wantedBy(request, body.toString());
      const judged = wanted.map((one) => ({ wanted: one, allowed: isAllowed(policy, one) }));
      asked.push(...judged);
      const refused = judged.find(({ allowed }) => !allowed);
      if (refused !== undefined) return refuse(request, response, refused.wanted);
      const to = target.of(request);
      if (to === undefined) return void response.writeHead(200).end(target.answer(body.toString()));
      forward({ to, request, response, body });
    };
    serve().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${boundPort(server)}`,
    /** From now on, with nothing asked yet. */
    enforce: (next: IamPolicy) => {
      policy = next;
      asked = [];
    },
    asked: () => asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward({
  to,
  request,
  response,
  body,
}: {
  to: string;
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
}) {
  const { method, headers, url } = request;
  const outgoing = httpRequest(new URL(url ?? '/', to), { method, headers }, (incoming) => {
    response.writeHead(incoming.statusCode ?? 500, incoming.headers);
    incoming.pipe(response);
  });
  outgoing.once('error', () => response.destroy());
  outgoing.end(body);
}

function refuse(request: IncomingMessage, response: ServerResponse, { action, resource }: Wanted): void {
  const message = `User: arn:aws:iam::${PLACE.account}:user/anna is not authorized to perform: ${action} on resource: ${resource}`;
  if (request.headers['x-amz-target'] !== undefined || request.url !== '/') {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': 'AccessDeniedException' };
    return void response.writeHead(400, headers).end(JSON.stringify({ __type: 'AccessDeniedException', message }));
  }
  const error = `<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
  response.writeHead(403, { 'content-type': 'text/xml' }).end(`<ErrorResponse>${error}</ErrorResponse>`);
}
