import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { KeyTimes } from '../keys/key-times.ts';
import type { Clock } from '../ports.ts';
import { type Envelope, type KeysItem, newSlot, parseKeys } from './keyring.ts';
import { KEYS_KEY } from './keys.ts';
import { ifConditionHolds, type Table } from './table-client.ts';

/**
 * `rotated`: another key signs. `retired`: the replaced one is no longer published. `revoked`: what signed is gone.
 * `waiting`: nothing is due. `lost`: another call was first, and nothing was written.
 */
export type Rotation = 'rotated' | 'retired' | 'revoked' | 'waiting' | 'lost';

export interface RotationDeps {
  readonly table: Table;
  readonly envelope: Envelope;
  readonly clock: Clock;
  readonly times: KeyTimes;
}

/**
 * NEXT → CURRENT → PREVIOUS → gone, as far as it is due. Call it as often as you like.
 *
 * A key begins to sign only when it was published for `publishMs`; the one it replaces stays published for `retainMs`,
 * and until that is over nothing rotates again. One write on the condition that the set is as it was read: of any number
 * of parallel calls one takes, and one that dies before it writes leaves nothing.
 *
 * @throws KeysUnavailable where there are no keys.
 */
export async function rotateKeys({ table, envelope, clock, times }: RotationDeps): Promise<Rotation> {
  const seen = await readKeys(table);
  const now = clock.now();
  const isRetired = now >= replacedAt(seen) + times.retainMs;
  if (seen.previous !== undefined && !isRetired) return 'waiting';
  const isDue = now >= replacedAt(seen) + times.rotationMs && now >= seen.next.createdAt + times.publishMs;
  if (isDue) {
    const next = await newSlot(envelope, newest(seen, now));
    return write(table, seen, { current: seen.next, previous: seen.current, next, rotatedAt: clock.now() }, 'rotated');
  }
  if (seen.previous === undefined) return 'waiting';
  return write(table, seen, { current: seen.current, next: seen.next, rotatedAt: replacedAt(seen) }, 'retired');
}

/**
 * The key in use is in somebody else's hands: it and the replaced one are removed at once, and what they signed is
 * refused by whoever reads the set anew. NEXT signs from now on, however short it was published: no function has opened
 * it yet, so it has not leaked with the others.
 */
export async function revokeKeys({ table, envelope, clock }: RotationDeps): Promise<Rotation> {
  const seen = await readKeys(table);
  const next = await newSlot(envelope, newest(seen, clock.now()));
  return write(table, seen, { current: seen.next, next, rotatedAt: clock.now() }, 'revoked');
}

const replacedAt = ({ rotatedAt, current }: KeysItem): number => rotatedAt ?? current.createdAt;

/** A slot's time names it: no two of a set share one. */
const newest = ({ next, current }: KeysItem, now: number): number =>
  Math.max(now, next.createdAt + 1, current.createdAt + 1);

async function readKeys(table: Table): Promise<KeysItem> {
  const found = await table.db.send(new GetCommand({ TableName: table.name, Key: KEYS_KEY, ConsistentRead: true }));
  return parseKeys(found.Item);
}

type Change = Pick<KeysItem, 'current' | 'next' | 'previous'> & { readonly rotatedAt: number };

async function write(table: Table, seen: KeysItem, change: Change, done: Rotation): Promise<Rotation> {
  const { current, next, previous, rotatedAt } = change;
  const outcome = await ifConditionHolds(
    table.db.send(
      new UpdateCommand({
        TableName: table.name,
        Key: KEYS_KEY,
        UpdateExpression:
          'SET #current = :current, #next = :next, rotatedAt = :at, #version = :version' +
          (previous === undefined ? ' REMOVE previous' : ', previous = :previous'),
        ConditionExpression: '#version = :seen',
        ExpressionAttributeNames: { '#current': 'current', '#next': 'next', '#version': 'version' },
        ExpressionAttributeValues: {
          ':current': current,
          ':next': next,
          ':at': rotatedAt,
          ':version': seen.version + 1,
          ':seen': seen.version,
          ...(previous === undefined ? {} : { ':previous': previous }),
        },
      }),
    ),
  );
  return outcome.done ? done : 'lost';
}
