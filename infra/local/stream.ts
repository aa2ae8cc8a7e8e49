import { setTimeout as pause } from 'node:timers/promises';
import * as v from 'valibot';

/** The stream of a local table, read as Lambda reads it in the cloud. Nothing is signed: nobody checks it here. */

const Streams = v.object({ Streams: v.array(v.object({ StreamArn: v.string() })) });
const Description = v.object({
  StreamDescription: v.object({ Shards: v.array(v.object({ ShardId: v.string() })) }),
});
const Iterator = v.object({ ShardIterator: v.string() });
const Batch = v.object({ Records: v.array(v.unknown()), NextShardIterator: v.nullish(v.string()) });

export interface FollowOptions {
  readonly endpoint: string;
  readonly tableName: string;
  readonly everyMs?: number;
  /** Ends it; what is being handed on is handed on. */
  readonly signal?: AbortSignal;
}

/**
 * Hands on every change of the table, from the oldest that is kept, in batches as Lambda makes them. What a batch
 * throws is thrown here, and the rest is not read. Keeps no process alive.
 *
 * @returns at once where the table has no stream.
 */
export async function followStream(
  { endpoint, tableName, everyMs = 1_000, signal }: FollowOptions,
  take: (event: { readonly Records: readonly unknown[] }) => Promise<unknown>,
): Promise<void> {
  const ask = <S extends v.GenericSchema>(operation: string, about: object, schema: S) =>
    call(endpoint, operation, about, schema);
  const { Streams: streams } = await ask('ListStreams', { TableName: tableName }, Streams);
  const StreamArn = streams.at(-1)?.StreamArn;
  if (StreamArn === undefined) return;
  /** By shard: where to read on; undefined: it is closed and read to its end. */
  const iterators = new Map<string, string | undefined>();

  const isOver = () => signal?.aborted === true;

  while (!isOver()) {
    const { StreamDescription: described } = await ask('DescribeStream', { StreamArn }, Description);
    for (const { ShardId } of described.Shards) {
      if (iterators.has(ShardId)) continue;
      const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
      iterators.set(ShardId, (await ask('GetShardIterator', from, Iterator)).ShardIterator);
    }
    let isBehind = false;
    for (const [shard, ShardIterator] of iterators) {
      if (ShardIterator === undefined) continue;
      const { Records, NextShardIterator } = await ask('GetRecords', { ShardIterator }, Batch);
      if (Records.length > 0) await take({ Records });
      isBehind ||= Records.length > 0;
      iterators.set(shard, NextShardIterator ?? undefined);
    }
    if (!isBehind)
      await pause(everyMs, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) }).catch(() => {});
  }
}

async function call<S extends v.GenericSchema>(
  endpoint: string,
  operation: string,
  about: object,
  schema: S,
): Promise<v.InferOutput<S>> {
  const { AWS_ACCESS_KEY_ID: key = 'local', AWS_REGION: region = 'local' } = process.env;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
      // DynamoDB Local keeps tables apart by key and region, and reads both here.
      'x-amz-date': '20260101T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=local`,
    },
    body: JSON.stringify(about),
  });
  if (!response.ok) throw new Error(`DynamoDB Streams answered ${operation} with ${response.status}`);
  return v.parse(schema, await response.json());
}
