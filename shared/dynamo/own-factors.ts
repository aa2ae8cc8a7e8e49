import type { FactorStore } from '../ports.ts';
import { sessionStep } from './account-steps.ts';
import { profileKey } from './keys.ts';
import { requiredFactorsUpdate } from './required-factors.ts';
import { type Table, transact } from './table-client.ts';
import { forgetSteps } from './device-steps.ts';

export function dynamoFactors(table: Table): FactorStore {
  return {
    async change({ user, handle, factor, required, endOthers, now }) {
      const epoch = endOthers ? user.epoch + 1 : user.epoch;
      const outcome = await transact(table, [
        {
          Update: {
            TableName: table.name,
            Key: profileKey(user.userId),
            UpdateExpression: 'SET epoch = :next',
            ConditionExpression: 'epoch = :epoch AND #status = :active',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':next': epoch, ':epoch': user.epoch, ':active': 'active' },
          },
        },
        sessionStep(table, { user, handle, endOthers, now }),
        // Where sessions end, what was remembered is over with them.
        ...(endOthers ? [] : forgetSteps(table, user)),
        requiredFactorsUpdate(table, user.userId, [factor], required, { at: now }),
      ]);
      return outcome.done;
    },
  };
}
