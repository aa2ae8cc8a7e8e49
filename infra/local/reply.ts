import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** An answer of one of the local AWS services. */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long to wait before answering. */
  readonly afterMs?: number;
};

/** An error as AWS names it, before it takes on a service's wire shape. */
export type AwsError = { readonly name: string; readonly message: string };

export const isAwsError = (value: object): value is AwsError => 'name' in value && 'message' in value;

/** The HTTP status that goes with an error's name, where a service has nothing special to say. */
export function statusOf(name: string): number {
  if (/^TooManyRequests|LimitExceeded$/.test(name)) return 429;
  return /Internal|Unavailable|Timeout/.test(name) ? 500 : 400;
}

export function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function writeReply(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  response.writeHead(reply.status, { 'x-amzn-requestid': randomUUID(), ...reply.headers }).end(reply.body);
}
