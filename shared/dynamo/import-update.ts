import { rolesAt, type User } from '../account/user.ts';
import type { ImportStore } from '../ports.ts';
import type { Step } from './claims.ts';
import { sinceAttribute } from './factors-item.ts';
import { auditOf, MAX_STEPS, SAID_PASSWORD } from './import-steps.ts';
import { factorsKey, loginKey, profileKey, rolesKey, totpKey } from './keys.ts';
import { type Table, transact } from './table-client.ts';
import { forgetSteps } from './device-steps.ts';

type Update = Parameters<ImportStore['update']>[0];

/**
 * One transaction. The profile must be of the version and epoch that were read, which every change of credentials moves;
 * what such changes leave alone (metadata, roles, the own list) must be word for word as it was read.
 */
export async function updateImported(table: Table, step: Update): ReturnType<ImportStore['update']> {
  const { user } = step.found;
  const steps = [
    profileUpdate(table, step),
    ...Object.entries(step.change.roles).map(([tenantId, roles]) => rolesUpdate(table, user, tenantId, roles)),
    ...factorsUpdate(table, step),
    ...deviceSteps(table, step),
    ...step.change.passwords.map((password) => passwordUpdate(table, user, password)),
    ...(step.change.endsSessions ? forgetSteps(table, user) : []),
    { Put: auditOf(table, step.audit, step.token) },
  ];
  if (steps.length > MAX_STEPS) return 'TOO_MANY';
  const outcome = await transact(table, steps, step.token);
  return outcome.done ? 'UPDATED' : 'CHANGED';
}

function profileUpdate(table: Table, { found, change, importedAs }: Update): Step {
  const { user, metadata } = found;
  const { metadata: next, status } = change;
  const wasThere = metadata === undefined ? 'attribute_not_exists(metadata)' : 'metadata = :was';
  return {
    Update: {
      TableName: table.name,
      Key: profileKey(user.userId),
      UpdateExpression:
        'SET version = version + :one, importedAs = :said' +
        (change.endsSessions ? ', epoch = epoch + :one' : '') +
        `${status === undefined ? '' : ', #status = :status'}${next === undefined ? '' : ', metadata = :metadata'}`,
      ConditionExpression:
        'version = :version AND epoch = :epoch' +
        `${status === undefined ? '' : ' AND #status = :wasStatus'}${next === undefined ? '' : ` AND ${wasThere}`}`,
      ...(status === undefined ? {} : { ExpressionAttributeNames: { '#status': 'status' } }),
      ExpressionAttributeValues: {
        ':one': 1,
        ':said': importedAs,
        ':version': user.version,
        ':epoch': user.epoch,
        ...(status === undefined ? {} : { ':status': status, ':wasStatus': user.status }),
        ...(next === undefined ? {} : { ':metadata': next }),
        ...(next === undefined || metadata === undefined ? {} : { ':was': metadata }),
      },
    },
  };
}

/** A set as it was read; one that is empty is not there. */
const setIs = (name: string, was: readonly string[]) =>
  was.length === 0
    ? { ConditionExpression: `attribute_not_exists(${name})` }
    : { ConditionExpression: `${name} = :was`, ExpressionAttributeValues: { ':was': new Set(was) } };

function rolesUpdate(table: Table, user: User, tenantId: string, roles: readonly string[]): Step {
  const { ConditionExpression, ExpressionAttributeValues } = setIs('#roles', rolesAt(user, tenantId));
  const at = {
    TableName: table.name,
    Key: rolesKey(user.userId, tenantId),
    ConditionExpression,
    ExpressionAttributeNames: { '#roles': 'roles' },
  };
  if (roles.length === 0) return { Delete: { ...at, ...(ExpressionAttributeValues && { ExpressionAttributeValues }) } };
  return {
    Update: {
      ...at,
      UpdateExpression: 'SET #roles = :roles',
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ':roles': new Set(roles) },
    },
  };
}

/** An operator's word: what the user switched since, and when, does not take it back. */
function factorsUpdate(table: Table, { found: { user }, change }: Update): readonly Step[] {
  const next = change.requiredFactors;
  if (next === undefined) return [];
  const moved = [...new Set([...next, ...user.requiredFactors])].filter(
    (factor) => next.includes(factor) !== user.requiredFactors.includes(factor),
  );
  const { ConditionExpression, ExpressionAttributeValues } = setIs('required', user.requiredFactors);
  const removes = [...(next.length === 0 ? ['required'] : []), ...moved.map((_, i) => `#f${i}`)];
  const values = { ...ExpressionAttributeValues, ...(next.length === 0 ? {} : { ':next': new Set(next) }) };
  return [
    {
      Update: {
        TableName: table.name,
        Key: factorsKey(user.userId),
        UpdateExpression: `${next.length === 0 ? '' : 'SET required = :next '}REMOVE ${removes.join(', ')}`,
        ConditionExpression,
        ExpressionAttributeNames: Object.fromEntries(moved.map((factor, i) => [`#f${i}`, sinceAttribute(factor)])),
        ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
      },
    },
  ];
}

/** The seed as it was read, so that an app which took the place of another meanwhile is not lost. */
function deviceSteps(table: Table, { found: { user }, change }: Update): readonly Step[] {
  const own = (name: string) => user.totpDevices?.find((device) => device.name === name);
  const asRead = (name: string) => {
    const before = own(name);
    return before === undefined
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: 'sealedSeed = :seed AND lastStep = :step',
          ExpressionAttributeValues: { ':seed': before.sealedSeed, ':step': before.lastStep },
        };
  };
  const at = (name: string) => ({ TableName: table.name, ...asRead(name) });
  return [
    ...change.addedDevices.map((device) => ({
      Put: { ...at(device.name), Item: { ...totpKey(user.userId, device.name), ...device } },
    })),
    ...change.removedDevices.map(({ name }) => ({ Delete: { ...at(name), Key: totpKey(user.userId, name) } })),
  ];
}

function passwordUpdate(table: Table, user: User, password: Update['change']['passwords'][number]): Step {
  const before = user.loginMethods.find((method) => method.recipeUserId === password.recipeUserId)?.passwordHash;
  return {
    Update: {
      TableName: table.name,
      Key: loginKey(user.userId, password.recipeUserId),
      UpdateExpression: 'SET passwordHash = :hash, #said = :said',
      ConditionExpression: `attribute_exists(pk) AND ${before === undefined ? 'attribute_not_exists(passwordHash)' : 'passwordHash = :was'}`,
      ExpressionAttributeNames: { '#said': SAID_PASSWORD },
      ExpressionAttributeValues: {
        ':hash': password.passwordHash,
        ':said': password.said,
        ...(before === undefined ? {} : { ':was': before }),
      },
    },
  };
}
