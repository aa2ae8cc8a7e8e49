import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { DECISION_EVENT } from '../policies/decision-record.ts';
import type { DecisionStore, KeptDecision } from '../ports.ts';
import { auditPartitions } from './keys.ts';
import type { Item, Table } from './table-client.ts';

const strings = v.array(v.string());
const Requirement = v.union([v.string(), v.object({ oneOf: strings }), v.object({ allOfInAnyOrder: strings })]);
const Origin = v.union([
  v.picklist(['user', 'tenant']),
  v.custom<`rule:${string}`>((value) => typeof value === 'string' && value.startsWith('rule:')),
]);

const Decision = v.object({
  occasion: v.picklist(['sign-in', 'tenant-switch', 'factor', 'refresh', 'mfa-info']),
  result: v.picklist(['challenged', 'waived', 'satisfied', 'not-asked']),
  policyHash: v.string(),
  policyVersion: v.exactOptional(v.number()),
  required: v.array(Requirement),
  next: strings,
  ahead: v.exactOptional(v.picklist(['owed-factor', 'first-enrolment'])),
  matched: v.array(
    v.object({
      ruleId: v.string(),
      because: v.picklist(['always', 'condition', 'fault', 'unless', 'from', 'rollout']),
      asks: v.boolean(),
      reads: strings,
    }),
  ),
  observed: strings,
  more: v.exactOptional(v.number()),
  waivers: v.array(
    v.object({
      requirement: Requirement,
      origins: v.array(Origin),
      by: v.picklist(['trusted-device', 'grace', 'exemption']),
      until: v.exactOptional(v.number()),
    }),
  ),
  used: v.record(v.string(), v.unknown()),
  ignored: strings,
  session: v.string(),
});

const Entry = v.pipe(
  v.object({ sk: v.string(), tenantId: v.string(), details: Decision }),
  v.transform(({ sk, tenantId, details }) => ({
    sk,
    kept: { at: Date.parse(sk.split('#')[0]!), tenantId, decision: details } satisfies KeptDecision,
  })),
);

/** Events of other kinds lie between them: so many are read at a time. */
const PAGE = 200;

export function dynamoDecisions(table: Table): DecisionStore {
  const page = async (pk: string, span: { readonly first: string; readonly last: string }, now: number, start?: Item) =>
    table.db.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        // Expiry is compared here: the table deletes what is over when it comes to it.
        FilterExpression: '#event = :event AND #ttl > :now',
        ExpressionAttributeNames: { '#event': 'event', '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':pk': pk,
          ':first': span.first,
          ':last': span.last,
          ':event': DECISION_EVENT,
          ':now': Math.floor(now / 1000),
        },
        ScanIndexForward: false,
        Limit: PAGE,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );

  return {
    async list({ userId, tenantId, from, to, now, limit, after }) {
      const span = {
        first: new Date(from).toISOString(),
        // `~` is behind every id of an event of that millisecond.
        last: `${new Date(to).toISOString()}#~`,
      };
      const found: v.InferOutput<typeof Entry>[] = [];
      for (const pk of auditPartitions(userId, from, to)) {
        let start: Item | undefined;
        do {
          const { Items = [], LastEvaluatedKey } = await page(pk, span, now, start);
          const entries = Items.map((item) => v.parse(Entry, item));
          found.push(
            ...entries.filter(
              ({ sk, kept }) =>
                (after === undefined || sk < after) && (tenantId === undefined || kept.tenantId === tenantId),
            ),
          );
          start = LastEvaluatedKey;
        } while (start !== undefined && found.length <= limit);
        if (found.length > limit) break;
      }
      const shown = found.slice(0, limit);
      return {
        decisions: shown.map(({ kept }) => kept),
        ...(found.length > limit ? { next: shown.at(-1)!.sk } : {}),
      };
    },
  };
}
