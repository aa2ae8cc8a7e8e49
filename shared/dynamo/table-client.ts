import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { sleep } from '../sleep.ts';

/** The one table, and how to reach it. */
export interface Table {
  readonly db: DynamoDBDocumentClient;
  readonly name: string;
}

/** Bounded: 1.5 seconds a try, two tries, so that no request outlives its Lambda. An operator may have more patience. */
export function openTable(name: string, { maxAttempts, requestMs } = { maxAttempts: 2, requestMs: 1_500 }): Table {
  const client = new DynamoDBClient({
    maxAttempts,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: Math.floor((requestMs * 2) / 3),
      requestTimeout: requestMs,
      throwOnRequestTimeout: true,
    }),
  });
  return { db: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), name };
}

export type Item = Readonly<Record<string, unknown>>;

/** A stored value as JSON has it: people write string sets, and JSON has no sets. */
export function jsonOf(value: unknown): unknown {
  if (value instanceof Set || Array.isArray(value)) return [...value].map(jsonOf);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOf(member)]));
}

/** A conditional write came back: it was done, or its condition did not hold and this is the item it met. */
export type Conditional<T> =
  | { readonly done: true; readonly output: T }
  | { readonly done: false; readonly item: Item | undefined };

/** A turned-down condition is an answer, not an exception. Anything else is thrown on. */
export async function ifConditionHolds<T>(write: Promise<T>): Promise<Conditional<T>> {
  try {
    return { done: true, output: await write };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The document client leaves the item of an exception in wire form.
    return { done: false, item: error.Item === undefined ? undefined : unmarshall(error.Item) };
  }
}

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

export type TransactionOutcome =
  | { readonly done: true }
  /** `failed[i]`: the i-th item's condition did not hold; `items[i]`: what it met, where it was asked for. */
  | { readonly done: false; readonly failed: readonly boolean[]; readonly items: readonly (Item | undefined)[] };

const RETRIES = 3;
const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/**
 * All or nothing. Conflicts and throttling are tried again, three times, with full jitter; a condition that does not
 * hold is an answer.
 */
export async function transact(
  table: Table,
  items: readonly TransactItem[],
  token?: string,
): Promise<TransactionOutcome> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await table.db.send(
        new TransactWriteCommand({
          TransactItems: [...items],
          ...(token === undefined ? {} : { ClientRequestToken: token }),
        }),
      );
      return { done: true };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const failed = reasons.map((reason) => reason.Code === 'ConditionalCheckFailed');
      if (failed.includes(true)) {
        return {
          done: false,
          failed,
          items: reasons.map((r) => (r.Item === undefined ? undefined : unmarshall(r.Item))),
        };
      }
      if (attempt >= RETRIES || !reasons.some((reason) => PASSING.has(reason.Code ?? ''))) throw error;
      await sleep(Math.random() * 50 * 2 ** attempt);
    }
  }
}

/** When DynamoDB may delete an item: a day after it stopped counting. Epoch seconds. */
export const ttlAfter = (expiresAtMs: number): number => Math.floor(expiresAtMs / 1000) + 86_400;
