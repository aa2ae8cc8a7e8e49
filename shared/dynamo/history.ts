import * as v from 'valibot';
import type { HistoryEvent } from '../ports.ts';
import { auditKey } from './keys.ts';
import { queryAll } from './query-all.ts';
import { jsonOf, type Table } from './table-client.ts';

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
  for await (const item of queryAll(table, auditKey(userId, month, '').pk)) {
    const at = String(item['sk']).split('#')[0] ?? '';
    events.push({ at, ...v.parse(Event, jsonOf(item)) });
  }
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
