import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import type { HistoryEvent } from '../ports.ts';
import { auditKey } from './keys.ts';
import { type Item, jsonOf, type Table } from './table-client.ts';

/** What happened to a user since then, oldest first. Epoch milliseconds. */
export async function historyOf(table: Table, userId: string, since: number, now: number) {
  const months = await Promise.all(monthsOf(since, now).map((month) => eventsOf(table, userId, month)));
  return months.flat();
}

const Event = v.object({
  event: v.string(),
  tenantId: v.string(),
  details: v.exactOptional(v.record(v.string(), v.unknown())),
});

async function eventsOf(table: Table, userId: string, month: number): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let from: Item | undefined;
  do {
    const page: { Items?: Item[] | undefined; LastEvaluatedKey?: Item | undefined } = await table.db.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': auditKey(userId, month, '').pk },
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    for (const item of page.Items ?? []) {
      const at = String(item['sk']).split('#')[0] ?? '';
      events.push({ at, ...v.parse(Event, jsonOf(item)) });
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return events;
}

/** The first moment of each month from then to now, UTC. */
function monthsOf(since: number, now: number): readonly number[] {
  const months: number[] = [];
  const start = new Date(since);
  for (let month = 0; ; month += 1) {
    const first = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month);
    if (first > now) return months;
    months.push(first);
  }
}
