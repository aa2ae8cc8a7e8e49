import type { Device } from '../otp/device.ts';
import type { Completion, Proof } from '../ports.ts';
import { useBackupCode } from './backup-codes.ts';
import { deviceKey } from './keys.ts';
import type { Table } from './table-client.ts';
import { useStep } from './totp.ts';

/** Whatever was right is good only once: the condition decides among any number of parallel requests. */
export function useProof(table: Table, completion: Completion) {
  if ('totp' in completion) return useStep(table, completion.user.userId, completion.totp);
  if ('backupCode' in completion) return useBackupCode(table, completion.user.userId, completion.backupCode);
  return useCode(table, completion.device, completion);
}

/** Tells one proof from another; the user's own are told apart by user and session already. */
export const proofName = (proof: Proof): string =>
  'totp' in proof
    ? `totp ${proof.totp.device.name} ${proof.totp.step}`
    : 'backupCode' in proof
      ? `backup-code ${proof.backupCode}`
      : proof.device.preAuthSessionId;

/** Uses a device's code, or its link. */
export const useCode = (table: Table, device: Device, { now, requestId }: Pick<Completion, 'now' | 'requestId'>) => ({
  Update: {
    TableName: table.name,
    Key: deviceKey(device.tenantId, device.preAuthSessionId),
    UpdateExpression: 'SET consumedAt = :now, consumedBy = :request',
    // The MAC as it was compared: a resend in between replaced the code that was right.
    ConditionExpression: 'attribute_not_exists(consumedAt) AND expiresAt > :now AND codeMac = :mac',
    ExpressionAttributeValues: { ':now': now, ':request': requestId, ':mac': device.codeMac },
  },
});
