import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { AuditEvent, HistoryEvent, ImportStore, Keyring, TakenContact } from '../ports.ts';
import { auditPut } from './audit.ts';
import type { Step } from './claims.ts';
import { exemptionAttribute, graceAttribute } from './factors-item.ts';
import {
  auditKey,
  backupCodesKey,
  factorsKey,
  type Key,
  lookupKey,
  memberKey,
  profileKey,
  rolesKey,
  SESSION_SK,
  totpKey,
  userPk,
} from './keys.ts';
import { type Item, jsonOf, type Table, transact } from './table-client.ts';
import { loginItem, profileItem, userOf } from './users.ts';

/** What DynamoDB takes in one transaction. */
const MAX_STEPS = 100;

export function dynamoImports(table: Table, keys: Pick<Keyring, 'secrets'>): ImportStore {
  return {
    async create({ user, importedAs, audit, token }) {
      const claims = claimsOf(await keys.secrets(), user);
      const put = (item: Item): Step => ({ Put: { TableName: table.name, Item: item } });
      const steps: readonly Step[] = [
        {
          Put: {
            TableName: table.name,
            Item: { ...profileItem(user), importedAs },
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
        ...claims.map(({ key, recipeUserId }): Step => ({
          Put: {
            TableName: table.name,
            Item: { ...key, userId: user.userId, recipeUserId },
            ConditionExpression: 'attribute_not_exists(pk) OR reservedUntil <= :now',
            ExpressionAttributeValues: { ':now': audit.at },
          },
        })),
        ...user.loginMethods.map((method) => put(loginItem(user.userId, method))),
        ...user.tenantIds.map((id) => put({ ...memberKey(id, user.userId), joinedAt: user.timeJoined })),
        ...belongings(user).map(put),
        { Put: auditOf(table, audit, token) },
      ];
      if (steps.length > MAX_STEPS) return { status: 'TOO_MANY' };
      const outcome = await transact(table, steps, token);
      if (outcome.done) return { status: 'CREATED' };
      if (outcome.failed[0] === true) return { status: 'EXISTS' };
      return {
        status: 'TAKEN',
        contacts: claims.filter((_, i) => outcome.failed[i + 1]).map(({ contact }) => contact),
      };
    },

    async check(user, now) {
      const claims = claimsOf(await keys.secrets(), user);
      const [profile, ...held] = await Promise.all(
        [profileKey(user.userId), ...claims.map(({ key }) => key)].map(async (key) => {
          const found = await table.db.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
          return found.Item;
        }),
      );
      if (profile !== undefined) return { status: 'EXISTS' };
      const isHeld = (item: Item | undefined) => item !== undefined && !(Number(item['reservedUntil']) <= now);
      const contacts = claims.filter((_, i) => isHeld(held[i])).map(({ contact }) => contact);
      return contacts.length === 0 ? { status: 'CREATED' } : { status: 'TAKEN', contacts };
    },

    async find(userId) {
      const found = await table.db.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: 'pk = :pk AND sk < :sessions',
          ExpressionAttributeValues: { ':pk': userPk(userId), ':sessions': SESSION_SK },
          ConsistentRead: true,
        }),
      );
      const items = found.Items ?? [];
      const user = userOf(items);
      const importedAs = items.find(({ sk }) => sk === 'PROFILE')?.['importedAs'];
      return user && { user, ...(typeof importedAs === 'string' ? { importedAs } : {}) };
    },

    async history(userId, since, now) {
      const months = await Promise.all(monthsOf(since, now).map((month) => eventsOf(table, userId, month)));
      return months.flat();
    },
  };
}

/** A repetition of one attempt is the same transaction to the letter. */
function auditOf(table: Table, audit: AuditEvent, token: string) {
  const { Item: item, ...put } = auditPut(table, audit);
  return { ...put, Item: { ...item, ...auditKey(audit.userId, audit.at, token.slice(0, 8)) } };
}

/** What a user is found by, each once: every contact and, of a primary user, every address among those as well. */
function claimsOf(secrets: Secrets, user: User) {
  const claims = new Map<
    string,
    { readonly key: Key; readonly recipeUserId: string; readonly contact: TakenContact }
  >();
  for (const method of user.loginMethods) {
    for (const tenantId of method.tenantIds) {
      for (const [kind, value] of [
        [contactKindOf(method), contactOf(method)] as const,
        ...(user.isPrimary ? [[primaryKind(method), addressOf(method)] as const] : []),
      ]) {
        const key = lookupKey(tenantId, secrets.index(kind, tenantId, value));
        const claim = { key, recipeUserId: method.recipeUserId, contact: { kind, tenantId } };
        if (value !== '' && !claims.has(key.pk)) claims.set(key.pk, claim);
      }
    }
  }
  return [...claims.values()];
}

/** Roles, factors, apps and codes; a set that is empty is not there. */
function belongings(user: User): readonly Item[] {
  const factors = {
    ...(user.requiredFactors.length === 0 ? {} : { required: new Set(user.requiredFactors) }),
    ...Object.fromEntries(
      Object.entries(user.grace ?? {}).flatMap(([tenantId, rules]) =>
        Object.entries(rules).map(([ruleId, until]) => [graceAttribute(tenantId, ruleId), until]),
      ),
    ),
    ...Object.fromEntries(
      Object.entries(user.exemptions ?? {}).map(([tenantId, exemption]) => [exemptionAttribute(tenantId), exemption]),
    ),
  };
  return [
    ...Object.entries(user.roles)
      .filter(([, roles]) => roles.length > 0)
      .map(([tenantId, roles]) => ({ ...rolesKey(user.userId, tenantId), roles: new Set(roles) })),
    ...(Object.keys(factors).length === 0 ? [] : [{ ...factorsKey(user.userId), ...factors }]),
    ...(user.totpDevices ?? []).map((device) => ({ ...totpKey(user.userId, device.name), ...device })),
    ...(user.backupCodes === undefined
      ? []
      : [
          {
            ...backupCodesKey(user.userId),
            kid: user.backupCodes.kid,
            createdAt: user.backupCodes.createdAt,
            ...(user.backupCodes.macs.length === 0 ? {} : { macs: new Set(user.backupCodes.macs) }),
          },
        ]),
  ];
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
