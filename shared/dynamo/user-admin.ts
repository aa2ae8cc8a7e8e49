import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { UserAdmin, UserPatch } from '../admin/users.ts';
import { badRequest } from '../protocol-error.ts';
import type { Keyring } from '../ports.ts';
import { setExemption } from './exemptions.ts';
import { resetFactors } from './factor-reset.ts';
import { dynamoMemberships } from './memberships.ts';
import { MEMBER_SHARDS, memberPk, profileKey, rolesKey } from './keys.ts';
import { finishRemoval, removeUser } from './removal.ts';
import { ifConditionHolds, type Table, transact } from './table-client.ts';
import { userIsThere } from './user-is-there.ts';

export function dynamoUserAdmin(table: Table, keys: Pick<Keyring, 'secrets'>): UserAdmin {
  return {
    ...dynamoMemberships(table, keys),

    async members(tenantId, limit, cursor) {
      const userIds: string[] = [];
      let at = readCursor(cursor);
      while (at !== undefined && userIds.length < limit) {
        const page = await table.db.send(
          new QueryCommand({
            TableName: table.name,
            KeyConditionExpression: 'pk = :pk AND sk > :after',
            ExpressionAttributeValues: { ':pk': memberPk(tenantId, MEMBER_SHARDS[at.shard]!), ':after': at.after },
            Limit: limit - userIds.length,
          }),
        );
        userIds.push(...(page.Items ?? []).map((item) => String(item['sk'])));
        const last = page.LastEvaluatedKey;
        at = last === undefined ? nextShard(at.shard) : { shard: at.shard, after: String(last['sk']) };
      }
      return { userIds, ...(at === undefined ? {} : { cursor: writeCursor(at) }) };
    },

    async patch(userId, patch) {
      const { sets, removes, names, values } = patchExpression(patch);
      const update = [
        sets.length === 0 ? '' : `SET ${sets.join(', ')}`,
        removes.length === 0 ? '' : ` REMOVE ${removes.join(', ')}`,
        patch.status === 'disabled' ? ' ADD epoch :one' : '',
      ].join('');
      if (update === '') return true;
      const outcome = await ifConditionHolds(
        table.db.send(
          new UpdateCommand({
            TableName: table.name,
            Key: profileKey(userId),
            UpdateExpression: update,
            ConditionExpression: 'attribute_exists(pk)',
            ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
            ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
          }),
        ),
      );
      return outcome.done;
    },

    remove: (user) => removeUser(table, keys, user),

    finishRemoval: (userId) => finishRemoval(table, userId),

    async setRole(userId, tenantId, role, granted) {
      const outcome = await transact(table, [
        userIsThere(table, userId),
        {
          Update: {
            TableName: table.name,
            Key: rolesKey(userId, tenantId),
            UpdateExpression: granted ? 'ADD #roles :role' : 'DELETE #roles :role',
            ExpressionAttributeNames: { '#roles': 'roles' },
            ExpressionAttributeValues: { ':role': new Set([role]) },
          },
        },
      ]);
      return outcome.done;
    },

    setExemption: (...change) => setExemption(table, ...change),

    resetFactors: (reset) => resetFactors(table, keys, reset),
  };
}

function patchExpression({ metadata = {}, status, owedFactors }: UserPatch) {
  const sets: string[] = [];
  const removes: string[] = [];
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  for (const [i, [key, value]] of Object.entries(metadata).entries()) {
    names[`#k${i}`] = key;
    if (value === null) {
      removes.push(`metadata.#k${i}`);
    } else {
      sets.push(`metadata.#k${i} = :v${i}`);
      values[`:v${i}`] = value;
    }
  }
  if (owedFactors === null) removes.push('owedFactors');
  if (status !== undefined) {
    sets.push('#status = :status');
    names['#status'] = 'status';
    values[':status'] = status;
    if (status === 'disabled') values[':one'] = 1;
  }
  return { sets, removes, names, values };
}

interface Cursor {
  readonly shard: number;
  readonly after: string;
}

const nextShard = (shard: number): Cursor | undefined =>
  shard + 1 < MEMBER_SHARDS.length ? { shard: shard + 1, after: ' ' } : undefined;

const writeCursor = ({ shard, after }: Cursor): string =>
  Buffer.from(`${shard}:${after}`, 'utf8').toString('base64url');

function readCursor(cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined) return { shard: 0, after: ' ' };
  const [, shard, after] = /^(\d{1,2}):(.+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (shard === undefined || after === undefined || Number(shard) >= MEMBER_SHARDS.length) {
    throw badRequest('not a cursor of ours');
  }
  return { shard: Number(shard), after };
}
