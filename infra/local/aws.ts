import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type LocalAccount, readyAccount } from './account.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { KMS_TARGET, kmsError, kmsReply } from './kms.ts';
import { invokedFunction, lambdaError, lambdaReply, type LocalFunction } from './lambda.ts';
import { boundPort } from './ports.ts';
import { json, writeReply, type AwsError, type Reply } from './reply.ts';
import { SES_SEND, sesError, sesReply } from './ses.ts';
import { sesAccountReply } from './ses-account.ts';
import { snsAccountReply } from './sns-account.ts';
import { snsError, snsReply } from './sns.ts';

export type Service = 'ses' | 'sns' | 'kms' | 'lambda';

export type RunningAws = {
  /** Where `AWS_ENDPOINT_URL_SESV2`, `_SNS`, `_KMS` and `_LAMBDA` point. */
  readonly endpoint: string;
  /** Everything that SES and SNS would have delivered. */
  readonly inbox: Inbox;
  /**
   * Makes the next `count` requests to a service fail with an error as AWS spells it on the wire, such as
   * `MessageRejected`, `TooManyRequestsException`, `Throttling` or `KMSInternalException`.
   *
   * Requests, not calls: the SDK tries throttling and 5xx three times, so one failing call takes a count of 3.
   */
  readonly failNext: (service: Service, errorName: string, count?: number) => void;
  /** What Lambda's `Invoke` calls, by name or ARN. */
  readonly functions: Map<string, LocalFunction>;
  /** What they say of the account, when the doctor asks. */
  readonly account: LocalAccount;
  readonly stop: () => Promise<void>;
};

export type AwsOptions = {
  /** Left out: any free port. */
  readonly port?: number;
  /** 32 bytes behind every KMS key id. Left out: new ones, so that nothing sealed before can be opened. */
  readonly masterKey?: Buffer;
};

type Failures = Record<Service, string[]>;
type Sinks = {
  readonly inbox: Inbox;
  readonly masterKey: Buffer;
  readonly failures: Failures;
  readonly functions: Map<string, LocalFunction>;
  readonly account: LocalAccount;
};
type Request = {
  readonly service: Service | undefined;
  readonly method: string;
  readonly target: string;
  readonly url: string;
  readonly body: string;
};

/** SES v2, SNS, KMS and Lambda's Invoke in one server on 127.0.0.1 that takes the AWS SDK's own requests. */
export async function startAws(options: AwsOptions = {}): Promise<RunningAws> {
  const failures: Failures = { ses: [], sns: [], kms: [], lambda: [] };
  const functions = new Map<string, LocalFunction>();
  const sinks = {
    inbox: createInbox(),
    masterKey: options.masterKey ?? randomBytes(32),
    failures,
    functions,
    account: readyAccount(),
  };
  const server = serve(sinks);
  const port = await listen(server, options.port ?? 0);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    inbox: sinks.inbox,
    functions,
    account: sinks.account,
    failNext: (service, errorName, count = 1) => {
      failures[service].push(...Array<string>(count).fill(errorName));
    },
    stop: () => close(server),
  };
}

function serve(sinks: Sinks): Server {
  return createServer((request, response) => {
    answer(request, response, sinks).catch(() => response.destroy());
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, sinks: Sinks): Promise<void> {
  const reply = await replyTo(await readRequest(request), sinks);
  if (reply.afterMs === undefined) return writeReply(response, reply);
  const timer = setTimeout(writeReply, reply.afterMs, response, reply);
  response.once('close', () => clearTimeout(timer));
}

async function readRequest(request: IncomingMessage): Promise<Request> {
  const target = String(request.headers['x-amz-target'] ?? '');
  return {
    service: serviceOf(request, target),
    method: request.method ?? '',
    target,
    url: request.url ?? '',
    body: await text(request),
  };
}

function serviceOf(request: IncomingMessage, target: string): Service | undefined {
  if (request.method === 'GET' && request.url?.startsWith('/v2/email/')) return 'ses';
  if (request.method !== 'POST') return undefined;
  if (request.url === SES_SEND) return 'ses';
  if (invokedFunction(request.url ?? '') !== undefined) return 'lambda';
  if (target.startsWith(KMS_TARGET)) return 'kms';
  return request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ? 'sns' : undefined;
}

const ERRORS: Readonly<Record<Service, (error: AwsError) => Reply>> = {
  ses: sesError,
  sns: snsError,
  kms: kmsError,
  lambda: lambdaError,
};

async function replyTo({ service, method, target, url, body }: Request, sinks: Sinks): Promise<Reply> {
  const { inbox, masterKey, failures, functions, account } = sinks;
  if (service === undefined)
    return json(404, {
      message: 'The local AWS knows SES v2 and SNS as far as Stepgate uses them, KMS and Lambda Invoke.',
    });
  const failure = failures[service].shift();
  if (failure !== undefined) return ERRORS[service]({ name: failure, message: 'Made to fail by failNext.' });
  if (service === 'ses') return sesAccountReply(method, url, account) ?? sesReply(body, inbox);
  if (service === 'sns') {
    const form = new URLSearchParams(body);
    return snsAccountReply(form, account) ?? snsReply(form, inbox);
  }
  if (service === 'lambda') return lambdaReply(invokedFunction(url) ?? '', body, functions);
  return kmsReply(target.slice(KMS_TARGET.length), body, masterKey, account.keyState);
}

function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', (cause) =>
    reject(new Error(`The local AWS services cannot listen on port ${port}.`, { cause })),
  );
  server.listen(port, '127.0.0.1', () => resolve(boundPort(server)));
  return promise;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
