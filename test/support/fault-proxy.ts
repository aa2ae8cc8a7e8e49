import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { startDynamo } from '../../infra/local/dynamodb.ts';
import { boundPort } from '../../infra/local/ports.ts';

/** What may go wrong between the service and its table. No emulator does any of it by itself. */
export type Fault =
  /** DynamoDB says no and changes nothing. `reasons`: of a cancelled transaction, by index. */
  | { readonly kind: 'error'; readonly type: string; readonly reasons?: readonly string[] }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The connection breaks before the request arrives. */
  | { readonly kind: 'drop-before' }
  /** The request is done, and its answer is lost. */
  | { readonly kind: 'apply-then-drop' }
  /** The request is done, and answered by a 500. */
  | { readonly kind: 'apply-then-error' }
  /** Something else happens first. */
  | { readonly kind: 'meanwhile'; readonly run: () => Promise<unknown> };

export interface Rule {
  /** `UpdateItem`, as in `X-Amz-Target`. */
  readonly operation: string;
  /** Only requests whose JSON matches; keys are in it: `/"OTP#/`. */
  readonly of?: RegExp;
  /** From the n-th such request on, the first being 1. */
  readonly nth?: number;
  /** So many requests; left out: one. */
  readonly times?: number;
  readonly fault: Fault;
}

export interface FaultProxy {
  readonly endpoint: string;
  /** From now on. Of several rules the first that matches a request holds. */
  readonly inject: (rule: Rule) => void;
  /** Everything works again. */
  readonly calm: () => void;
  /** How many requests of an operation arrived since `inject` or `calm` was last called. */
  readonly seen: (operation: string, of?: RegExp) => number;
  readonly stop: () => Promise<void>;
}

interface Active {
  readonly rule: Rule;
  matched: number;
}

/** An HTTP proxy in front of a DynamoDB that breaks requests by rule. @see security.md §4.3 */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let rules: Active[] = [];
  let seen: { readonly operation: string; readonly body: string }[] = [];

  const faultOf = (operation: string, body: string): Fault | undefined => {
    const match = rules.find(({ rule }) => rule.operation === operation && (rule.of?.test(body) ?? true));
    if (match === undefined) return undefined;
    match.matched += 1;
    const first = match.rule.nth ?? 1;
    const within = match.matched >= first && match.matched < first + (match.rule.times ?? 1);
    return within ? match.rule.fault : undefined;
  };

  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = await buffer(request);
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      seen.push({ operation, body: body.toString() });
      await play(faultOf(operation, body.toString()), { target, request, response, body });
    };
    answer().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    endpoint: `http://127.0.0.1:${boundPort(server)}`,
    inject: (rule) => {
      rules.push({ rule, matched: 0 });
      seen = [];
    },
    calm: () => {
      rules = [];
      seen = [];
    },
    seen: (operation, of) => seen.filter((one) => one.operation === operation && (of?.test(one.body) ?? true)).length,
    stop: () => close(server),
  };
}

interface Exchange {
  readonly target: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

async function play(fault: Fault | undefined, exchange: Exchange): Promise<void> {
  const { response } = exchange;
  switch (fault?.kind) {
    case 'error':
      return refuse(response, fault.type, fault.reasons);
    case 'drop-before':
      return void response.destroy();
    case 'apply-then-drop':
      await forward(exchange);
      return void response.destroy();
    case 'apply-then-error':
      await forward(exchange);
      return refuse(response, 'InternalServerError');
    case 'delay':
      await sleep(fault.ms);
      break;
    case 'meanwhile':
      await fault.run();
      break;
    case undefined:
      break;
  }
  const { status, headers, body } = await forward(exchange);
  response.writeHead(status, headers).end(body);
}

/** As DynamoDB spells it on the wire. */
function refuse(response: ServerResponse, type: string, reasons?: readonly string[]): void {
  const body = {
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    message: 'Made to fail by the fault proxy.',
    ...(reasons === undefined ? {} : { CancellationReasons: reasons.map((Code) => ({ Code })) }),
  };
  response
    .writeHead(type === 'InternalServerError' ? 500 : 400, { 'content-type': 'application/x-amz-json-1.0' })
    .end(JSON.stringify(body));
}

function forward({ target, request, body }: Exchange) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
    const outgoing = httpRequest(target, { method: 'POST', headers: request.headers }, (incoming) => {
      buffer(incoming).then(
        (answer) => resolve({ status: incoming.statusCode ?? 500, headers: incoming.headers, body: answer }),
        reject,
      );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/**
 * Puts a fault proxy before the table of this file. To be awaited at the top of a file, before `useStepgate` or
 * `useTable`, which then go through it.
 */
export async function useFaults(): Promise<FaultProxy> {
  const given = process.env['DYNAMODB_LOCAL_ENDPOINT'];
  const dynamo = given === undefined ? await startDynamo() : { endpoint: given, stop: async () => {} };
  const proxy = await startFaultProxy(dynamo.endpoint);
  process.env['DYNAMODB_LOCAL_ENDPOINT'] = proxy.endpoint;
  afterAll(async () => {
    await proxy.stop();
    await dynamo.stop();
    if (given === undefined) delete process.env['DYNAMODB_LOCAL_ENDPOINT'];
    else process.env['DYNAMODB_LOCAL_ENDPOINT'] = given;
  });
  return proxy;
}
