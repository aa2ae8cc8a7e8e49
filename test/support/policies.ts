import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach } from 'vitest';
import { tenantKey } from '../../shared/dynamo/keys.ts';
import { useStepgate } from './stepgate.ts';

export const asking = (...factors: string[]) => ({ rules: [{ id: 'all', require: factors }] });
export const BY_MAIL = asking('otp-email');
export const BY_PHONE = asking('otp-phone');
export const NOBODY = { rules: [] };

/** The service, and for each test a tenant without a policy: its policy over HTTP, and what the table says of it. */
export function usePolicies() {
  const stepgate = useStepgate();
  const operator = () => stepgate.browser();
  let tenants = 0;
  let tenantId = '';
  const at = (path = '') => `/admin/tenants/${tenantId}/policy${path}`;

  beforeEach(async () => {
    tenantId = `policy-${(tenants += 1)}`;
    await operator().put(`/admin/tenants/${tenantId}`, { contactMethod: 'EMAIL_OR_PHONE' });
  });

  return {
    stepgate,
    operator,
    at,
    tenantId: () => tenantId,
    /** The rest of the test is about this one. */
    becomes: (other: string) => {
      tenantId = other;
    },
    save: (mfaPolicy: unknown, about: object = {}) =>
      operator().put(at(), { mfaPolicy, reason: 'as agreed', ...about }),
    versions: async (): Promise<readonly Record<string, unknown>[]> =>
      (await operator().get(at('/versions?limit=200'))).body.versions,
    stored: async () => {
      const { table } = stepgate.app();
      return (await table.db.send(new GetCommand({ TableName: table.name, Key: tenantKey(tenantId) }))).Item ?? {};
    },
    versionItems: async () => {
      const { table } = stepgate.app();
      const found = await table.db.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :policy)',
          ExpressionAttributeValues: { ':pk': tenantKey(tenantId).pk, ':policy': 'POLICY#' },
        }),
      );
      return found.Items ?? [];
    },
  };
}
