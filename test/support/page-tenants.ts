import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { tenantKey } from '../../shared/dynamo/keys.ts';
import type { LocalRun } from './local-run.ts';

/** Everybody is asked for a code: by mail or by text message, and the first one may go anywhere. */
export const EITHER = { requiredSecondaryFactors: ['otp-email', 'otp-phone'], firstEnrolment: 'open' };
/** Nobody is asked unless they wish. */
export const OPT_IN = { mfaPolicy: { rules: [{ id: 'opted-in', requireFrom: 'user' }] } };
/** Nobody can meet what is asked: the admin API refuses it. */
export const NOBODY = { mfaPolicy: { rules: [{ id: 'all', require: ['webauthn'] }] } };

/** Writes tenants straight into the table of a local run, whatever the admin API thinks of them. */
export async function writeByHand(
  { dynamodb }: Pick<LocalRun, 'dynamodb'>,
  tenants: Readonly<Record<string, object>>,
): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const db = new DynamoDBClient({ endpoint: dynamodb, region: 'local', credentials });
  for (const [tenantId, document] of Object.entries(tenants)) {
    await db.send(new PutCommand({ TableName: 'stepgate', Item: { ...tenantKey(tenantId), ...document } }));
  }
  db.destroy();
}
