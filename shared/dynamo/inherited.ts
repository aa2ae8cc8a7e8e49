import type { User } from '../account/user.ts';
import { graceAttribute, sinceAttribute } from './factors-item.ts';
import { factorsKey } from './keys.ts';
import type { Table } from './table-client.ts';

/**
 * What an account is asked for by taking in another: the factors that one had to do, and its graces where they end
 * earlier. Signing in to a second account and linking it is no way to a second grace.
 *
 * @param now when the factors came onto the user's own list: epoch milliseconds.
 * @returns no step where it changes nothing.
 */
export function inherited(table: Table, user: User, from: User, now: number) {
  const deadlines = Object.entries(from.grace ?? {}).flatMap(([tenantId, rules]) =>
    Object.entries(rules).flatMap(([ruleId, until]) => {
      const own = user.grace?.[tenantId]?.[ruleId] ?? Infinity;
      return until < own ? [{ name: graceAttribute(tenantId, ruleId), until }] : [];
    }),
  );
  const { requiredFactors: required } = from;
  if (deadlines.length === 0 && required.length === 0) return [];
  const fresh = required.filter((factor) => !user.requiredFactors.includes(factor));
  const attributes = [
    ...deadlines.map(({ name, until }) => ({ name, value: until })),
    ...fresh.map((factor) => ({ name: sinceAttribute(factor), value: now })),
  ];
  const sets = attributes.map((_, i) => `#g${i} = :g${i}`);
  return [
    {
      Update: {
        TableName: table.name,
        Key: factorsKey(user.userId),
        UpdateExpression: [
          ...(sets.length === 0 ? [] : [`SET ${sets.join(', ')}`]),
          ...(required.length === 0 ? [] : ['ADD required :factors']),
        ].join(' '),
        ...(attributes.length === 0
          ? {}
          : { ExpressionAttributeNames: Object.fromEntries(attributes.map(({ name }, i) => [`#g${i}`, name])) }),
        ExpressionAttributeValues: {
          ...Object.fromEntries(attributes.map(({ value }, i) => [`:g${i}`, value])),
          ...(required.length === 0 ? {} : { ':factors': new Set(required) }),
        },
      },
    },
  ];
}
