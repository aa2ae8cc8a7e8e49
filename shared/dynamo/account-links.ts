import { addressOf, contactKindOf, contactOf, primaryKind } from '../account/contact-kind.ts';
import type { LoginMethod, User } from '../account/user.ts';
import type { Secrets } from '../keys/secrets.ts';
import type { Keyring, LinkChange, LinkOutcome, LinkStore } from '../ports.ts';
import { profileStep, sessionStep } from './account-steps.ts';
import { auditPut } from './audit.ts';
import { budgetKey, budgetReset } from './budgets.ts';
import { claimStep, type Named as NamedStep, type Step } from './claims.ts';
import { useCode } from './proof.ts';
import { inherited } from './inherited.ts';
import { factorsKey, loginKey, lookupKey, memberKey, profileKey, rolesKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';
import { forgetTokens } from './token-steps.ts';
import { loginItem } from './users.ts';

type Named = NamedStep<LinkOutcome>;

/** What DynamoDB takes in one transaction. */
const MAX_STEPS = 100;

/** Of several reasons the first tells most: what changed meanwhile is to be read again before anything is refused. */
const REASONS: readonly LinkOutcome[] = ['CODE_GONE', 'CHANGED', 'OWN_ADDRESS_TAKEN', 'METHOD_TAKEN', 'ADDRESS_TAKEN'];

export function dynamoLinks(table: Table, keys: Pick<Keyring, 'secrets'>): LinkStore {
  return {
    async apply(change) {
      const secrets = await keys.secrets();
      const steps = [
        ...(await useProof(table, keys, change)),
        ...accountOf(table, change),
        ...emptied(table, change),
        ...methods(table, secrets, change),
        ...addresses(table, secrets, change),
        must({ Put: auditPut(table, change.audit) }),
      ];
      if (steps.length > MAX_STEPS) return 'TOO_MANY';
      const outcome = await transact(
        table,
        steps.map(({ step }) => step),
      );
      if (outcome.done) return 'OK';
      const failed = new Set(steps.filter((_, i) => outcome.failed[i]).map(({ name }) => name));
      return REASONS.find((reason) => failed.has(reason)) ?? 'CHANGED';
    },
  };
}

const must = (step: Step): Named => ({ name: 'CHANGED', step });

async function useProof(table: Table, keys: Pick<Keyring, 'secrets'>, { uses, now }: LinkChange) {
  if (uses === undefined) return [];
  const resets = uses.budgets.map(async (budget) => must(budgetReset(table, await budgetKey(keys, budget), now)));
  return [
    { name: 'CODE_GONE', step: useCode(table, uses.device, { ...uses, now }) } as const,
    ...(await Promise.all(resets)),
  ];
}

function accountOf(table: Table, change: LinkChange): readonly Named[] {
  const { user, handle, endsSessions: endOthers, primary, now } = change;
  return [
    must(profileStep(table, { user, endOthers, primary })),
    ...(handle === undefined ? [] : [must(sessionStep(table, { user, handle, endOthers, now }))]),
    ...(endOthers ? [must(forgetTokens(table, user.userId))] : []),
  ];
}

/**
 * The other account ceases to be: nobody is of that id any more. What it was asked for, the user is asked for. An
 * exemption of it ends: it was given to that account.
 */
function emptied(table: Table, { user, from, now }: LinkChange): readonly Named[] {
  if (from === undefined) return [];
  const remove = (key: ReturnType<typeof profileKey>) => must({ Delete: { TableName: table.name, Key: key } });
  const required = from.requiredFactors;
  return [
    must({
      Delete: {
        TableName: table.name,
        Key: profileKey(from.userId),
        ConditionExpression: 'epoch = :epoch AND version = :version AND #status = :active',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':epoch': from.epoch, ':version': from.version, ':active': 'active' },
      },
    }),
    // A requirement that comes in this moment is not lost.
    must({
      Delete: {
        TableName: table.name,
        Key: factorsKey(from.userId),
        ...(required.length === 0
          ? { ConditionExpression: 'attribute_not_exists(required)' }
          : {
              ConditionExpression: 'required = :seen',
              ExpressionAttributeValues: { ':seen': new Set(required) },
            }),
      },
    }),
    ...inherited(table, user, from, now).map(must),
    ...Object.keys(from.roles).map((tenantId) => remove(rolesKey(from.userId, tenantId))),
    ...from.tenantIds.map((tenantId) => remove(memberKey(tenantId, from.userId))),
    ...from.loginMethods.map(({ recipeUserId }) => remove(loginKey(from.userId, recipeUserId))),
  ];
}

/** The methods, and what each is found by. */
function methods(table: Table, secrets: Secrets, { user, adds = [], from, removes = [], now }: LinkChange) {
  const put = (method: LoginMethod): Named =>
    must({
      Put: {
        TableName: table.name,
        Item: loginItem(user.userId, method),
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    });
  const contact = (method: LoginMethod, tenantId: string) =>
    lookupKey(tenantId, secrets.index(contactKindOf(method), tenantId, contactOf(method)));
  const found = (method: LoginMethod, tenantId: string, holder: string | undefined): Step => ({
    Put: {
      TableName: table.name,
      Item: { ...contact(method, tenantId), userId: user.userId, recipeUserId: method.recipeUserId },
      ...(holder === undefined
        ? {
            ConditionExpression: 'attribute_not_exists(pk) OR reservedUntil <= :now',
            ExpressionAttributeValues: { ':now': now },
          }
        : { ConditionExpression: 'userId = :holder', ExpressionAttributeValues: { ':holder': holder } }),
    },
  });
  return [
    ...adds.flatMap((method) => [
      put(method),
      ...method.tenantIds.map((id): Named => ({ name: 'METHOD_TAKEN', step: found(method, id, undefined) })),
    ]),
    ...(from?.loginMethods ?? []).flatMap((method) => [
      put(method),
      ...method.tenantIds.map((id) => must(found(method, id, from?.userId))),
    ]),
    ...removes.flatMap((method) => [
      must({
        Delete: {
          TableName: table.name,
          Key: loginKey(user.userId, method.recipeUserId),
          ConditionExpression: 'attribute_exists(pk)',
        },
      }),
      ...method.tenantIds.map((id) => must(giveUp(table, user, contact(method, id)))),
    ]),
  ];
}

const giveUp = (table: Table, user: User, key: ReturnType<typeof lookupKey>): Step => ({
  Delete: {
    TableName: table.name,
    Key: key,
    ConditionExpression: 'attribute_not_exists(pk) OR userId = :me',
    ExpressionAttributeValues: { ':me': user.userId },
  },
});

/** A primary user holds exactly the addresses of its methods: each once, whatever methods have it. */
function addresses(table: Table, secrets: Secrets, change: LinkChange): readonly Named[] {
  const { user, adds = [], from, removes = [] } = change;
  if (!user.isPrimary && !change.primary) return [];
  const keysOf = (method: LoginMethod) =>
    addressOf(method) === ''
      ? []
      : method.tenantIds.map((tenantId) => ({
          tenantId,
          key: lookupKey(tenantId, secrets.index(primaryKind(method), tenantId, addressOf(method))),
        }));
  const claims = new Map<string, Named>();
  const take = (name: LinkOutcome) => (method: LoginMethod) => {
    for (const { tenantId, key } of keysOf(method)) {
      if (claims.has(key.pk)) continue;
      const kind = primaryKind(method);
      const value = addressOf(method);
      const claim = { kind, tenantId, value, userId: user.userId, method, from: from?.userId, now: change.now };
      claims.set(key.pk, { name, step: claimStep(table, secrets, claim) });
    }
  };
  user.loginMethods.filter((own) => !removes.includes(own)).forEach(take('OWN_ADDRESS_TAKEN'));
  [...adds, ...(from?.loginMethods ?? [])].forEach(take('ADDRESS_TAKEN'));
  const given = new Map(removes.flatMap(keysOf).map(({ key }) => [key.pk, key]));
  return [
    ...claims.values(),
    ...[...given.values()].filter(({ pk }) => !claims.has(pk)).map((key) => must(giveUp(table, user, key))),
  ];
}
