import * as v from 'valibot';
import { PREFIX, tenantKey } from './keys.ts';

/**
 * Which changes of the table are told to `functions/policies`: those of tenants' items, whoever made them. The pattern
 * is matched before a function runs, so that all other writes cost nothing.
 *
 * An item that is taken away is none: a removed tenant has no policy, and `removeTenant` sweeps up after itself.
 */
export const TENANT_CHANGES = {
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: { Keys: { pk: { S: [{ prefix: PREFIX.tenant }] }, sk: { S: [tenantKey('').sk] } } },
};

const Text = v.object({ S: v.string() });
const Changes = v.object({
  Records: v.array(
    v.object({
      eventName: v.string(),
      dynamodb: v.object({ Keys: v.object({ pk: Text, sk: Text }) }),
    }),
  ),
});

/**
 * The tenants that a batch of the table's stream tells of, each once; what the pattern above would have kept away is
 * left out.
 *
 * @returns undefined where the event is no such batch. What is behind the prefix need not be a tenant id.
 */
export function changedTenants(event: unknown): readonly string[] | undefined {
  const batch = v.safeParse(Changes, event);
  if (!batch.success) return undefined;
  const ids = batch.output.Records.flatMap(({ eventName, dynamodb: { Keys } }) => {
    const tenantId = Keys.pk.S.slice(PREFIX.tenant.length);
    const key = tenantKey(tenantId);
    const isTenants = Keys.pk.S === key.pk && Keys.sk.S === key.sk;
    return isTenants && TENANT_CHANGES.eventName.includes(eventName) ? [tenantId] : [];
  });
  return [...new Set(ids)];
}
