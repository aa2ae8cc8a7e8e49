import { createServer, type IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { boundPort } from '../../infra/local/ports.ts';

/**
 * A fence in front of DynamoDB: lets a function do what the rights of its role in the synthesised template allow, and
 * answers AccessDeniedException to the rest, as IAM would.
 *
 * Who calls is told by the access key, which deployedGateway makes the function's logical id.
 */

interface Right {
  readonly actions: ReadonlySet<string>;
  /** `USER#*` or a whole key. */
  readonly leadingKeys: readonly string[];
}

const Statement = v.object({
  Action: v.union([v.string(), v.array(v.string())]),
  Effect: v.string(),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))),
});
const Policies = v.array(v.object({ PolicyDocument: v.object({ Statement: v.array(Statement) }) }));
const Role = v.object({ Policies: v.optional(Policies, []) });
const Policy = v.object({
  PolicyDocument: v.object({ Statement: v.array(Statement) }),
  Roles: v.array(v.object({ Ref: v.string() })),
});
const Function = v.object({ Role: v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) }) });

type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;

/** What each function of a template may do to the table, by logical id. */
export function tableRights(resources: Resources): ReadonlyMap<string, readonly Right[]> {
  const ofType = <S extends v.GenericSchema>(type: string, schema: S) =>
    Object.entries(resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, { Properties }]) => [id, v.parse(schema, Properties)] as const);
  const policies = ofType('AWS::IAM::Policy', Policy);
  const roles = new Map(
    ofType('AWS::IAM::Role', Role).map(([id, role]) => [
      id,
      [
        ...role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
        ...policies.flatMap(([, policy]) =>
          policy.Roles.some(({ Ref }) => Ref === id) ? policy.PolicyDocument.Statement : [],
        ),
      ],
    ]),
  );
  return new Map(
    Object.entries(resources)
      .filter(([, { Type, Properties }]) => Type === 'AWS::Lambda::Function' && v.is(Function, Properties))
      .map(([id, { Properties }]) => {
        const role = v.parse(Function, Properties).Role['Fn::GetAtt'][0];
        return [id, (roles.get(role) ?? []).flatMap(rightOf)];
      }),
  );
}

function rightOf(statement: v.InferOutput<typeof Statement>): readonly Right[] {
  const actions = [statement.Action].flat().filter((action) => action.startsWith('dynamodb:'));
  if (statement.Effect !== 'Allow' || actions.length === 0) return [];
  const keys = statement.Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
  return [
    {
      actions: new Set(actions.map((action) => action.slice('dynamodb:'.length))),
      leadingKeys: [keys].flat().filter((key) => typeof key === 'string'),
    },
  ];
}

export interface Denial {
  readonly caller: string;
  readonly action: string;
  readonly key: string;
}

/** @returns where to reach DynamoDB through the fence, and what it turned away. */
export async function fence(upstream: string, rights: ReadonlyMap<string, readonly Right[]>) {
  const denials: Denial[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await read(request);
      const caller = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const denied = touches(String(request.headers['x-amz-target']), body).filter(
        ({ action, key }) => !may(rights.get(caller) ?? [], action, key),
      );
      if (denied.length > 0) {
        denials.push(...denied.map((touch) => ({ caller, ...touch })));
        response
          .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
          .end(JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#AccessDeniedException', message: 'fenced' }));
        return;
      }
      const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
      const passed = await fetch(upstream, { method: 'POST', headers: headers as Record<string, string>, body });
      response.writeHead(passed.status, { 'content-type': 'application/x-amz-json-1.0' }).end(await passed.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${boundPort(server)}`,
    denials,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const may = (rights: readonly Right[], action: string, key: string): boolean =>
  rights.some(
    ({ actions, leadingKeys }) =>
      actions.has(action) &&
      leadingKeys.some((pattern) => (pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern)),
  );

const Attribute = v.object({ S: v.string() });
const Keyed = v.object({
  Key: v.optional(v.object({ pk: Attribute })),
  Item: v.optional(v.object({ pk: Attribute })),
  KeyConditionExpression: v.optional(v.string()),
  ExpressionAttributeValues: v.optional(v.record(v.string(), v.unknown())),
});
const Transaction = v.object({ TransactItems: v.array(v.record(v.string(), Keyed)) });

/** Which actions on which partition keys a request comes down to. */
function touches(target: string, body: string): readonly { readonly action: string; readonly key: string }[] {
  const operation = target.split('.')[1] ?? '';
  if (operation === 'TransactWriteItems') {
    const inner = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'ConditionCheckItem' };
    return v.parse(Transaction, JSON.parse(body)).TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, keyed]) => ({
        action: inner[kind as keyof typeof inner],
        key: partition(keyed),
      })),
    );
  }
  return [{ action: operation, key: partition(v.parse(Keyed, JSON.parse(body))) }];
}

function partition(keyed: v.InferOutput<typeof Keyed>): string {
  const own = keyed.Key?.pk.S ?? keyed.Item?.pk.S;
  if (own !== undefined) return own;
  const placeholder = /pk = (:\w+)/.exec(keyed.KeyConditionExpression ?? '')?.[1] ?? '';
  return v.parse(Attribute, keyed.ExpressionAttributeValues?.[placeholder]).S;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
