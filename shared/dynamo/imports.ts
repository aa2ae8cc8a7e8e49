import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { LoginMethod, User } from '../account/user.ts';
import { contactsOf } from '../import/contacts.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { ImportStore, Keyring, SaidPasswords } from '../ports.ts';
import type { Step } from './claims.ts';
import { exemptionAttribute, graceAttribute } from './factors-item.ts';
import { historyOf } from './history.ts';
import { auditOf, MAX_STEPS, SAID_PASSWORD } from './import-steps.ts';
import {
  backupCodesKey,
  erasingKey,
  factorsKey,
  lookupKey,
  memberKey,
  profileKey,
  rolesKey,
  SESSION_SK,
  totpKey,
  userPk,
} from './keys.ts';
import { finishRemoval } from './removal.ts';
import { type Item, type Table, transact } from './table-client.ts';
import { loginItem, profileItem, userOf } from './users.ts';

/** Somebody erases and imports the same id over and over. */
const TRIES = 5;

export function dynamoImports(table: Table, keys: Pick<Keyring, 'secrets'>): ImportStore {
  return {
    async create(step) {
      const { user } = step;
      const claims = claimsOf(await keys.secrets(), user);
      const steps = [
        profilePut(table, step),
        ...claims.map((claim) => claimPut(table, claim, step)),
        ...belongings(step).map((item): Step => ({ Put: { TableName: table.name, Item: item } })),
        { Put: auditOf(table, step.audit, step.token) },
        isFree(table, user.userId),
      ];
      if (steps.length > MAX_STEPS) return { status: 'TOO_MANY' };
      for (let tried = 1; ; tried += 1) {
        const outcome = await transact(table, steps, step.token);
        if (outcome.done) return { status: 'CREATED' };
        if (outcome.failed[0] === true) return { status: 'EXISTS' };
        const contacts = claims.flatMap(({ contact }, i) =>
          outcome.failed[i + 1] === true ? [{ ...contact, userId: holderOf(outcome.items[i + 1]) }] : [],
        );
        if (contacts.length > 0) return { status: 'TAKEN', contacts };
        if (tried >= TRIES) throw new Error('an id is erased again and again');
        await finishRemoval(table, user.userId);
      }
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
      const contacts = claims.flatMap(({ contact }, i) =>
        isHeld(held[i]) ? [{ ...contact, userId: holderOf(held[i]) }] : [],
      );
      return contacts.length === 0 ? { status: 'CREATED' } : { status: 'TAKEN', contacts };
    },

    update: async (step) => (await import('./import-update.ts')).updateImported(table, step),

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
      if (user === undefined) return undefined;
      const profile = items.find(({ sk }) => sk === 'PROFILE');
      const importedAs = profile?.['importedAs'];
      return {
        user,
        metadata: profile?.['metadata'],
        saidPasswords: Object.fromEntries(
          items.flatMap((item) =>
            typeof item[SAID_PASSWORD] === 'string' ? [[String(item['recipeUserId']), item[SAID_PASSWORD]]] : [],
          ),
        ),
        ...(typeof importedAs === 'string' ? { importedAs } : {}),
      };
    },

    history: (userId, since, now) => historyOf(table, userId, since, now),
  };
}

/** Whose a lookup is. */
const holderOf = (lookup: Item | undefined): string => (typeof lookup?.['userId'] === 'string' ? lookup['userId'] : '');

type Creation = Parameters<ImportStore['create']>[0];

const profilePut = (table: Table, { user, importedAs }: Creation): Step => ({
  Put: {
    TableName: table.name,
    Item: { ...profileItem(user), importedAs },
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

const claimPut = (
  table: Table,
  { key, contact }: ReturnType<typeof claimsOf>[number],
  { user, audit }: Creation,
): Step => ({
  Put: {
    TableName: table.name,
    Item: { ...key, userId: user.userId, recipeUserId: contact.recipeUserId },
    ConditionExpression: 'attribute_not_exists(pk) OR reservedUntil <= :now',
    ExpressionAttributeValues: { ':now': audit.at },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});

/** Nothing is on its way out under this id. @see removal.ts */
const isFree = (table: Table, userId: string): Step => ({
  ConditionCheck: {
    TableName: table.name,
    Key: erasingKey(userId),
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

const claimsOf = (secrets: Secrets, user: User) =>
  contactsOf(user).map((contact) => ({
    contact,
    key: lookupKey(contact.tenantId, secrets.index(contact.kind, contact.tenantId, contact.value)),
  }));

const methodItem = (user: User, method: LoginMethod, said: SaidPasswords): Item => ({
  ...loginItem(user.userId, method),
  ...(said[method.recipeUserId] === undefined ? {} : { [SAID_PASSWORD]: said[method.recipeUserId] }),
});

/** All but the profile; a set that is empty is not there. */
function belongings({ user, saidPasswords }: Creation): readonly Item[] {
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
    ...user.loginMethods.map((method) => methodItem(user, method, saidPasswords)),
    ...user.tenantIds.map((id) => ({ ...memberKey(id, user.userId), joinedAt: user.timeJoined })),
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
