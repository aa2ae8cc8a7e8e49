import { createHash } from 'node:crypto';
import type { FirstFactorStore, Keyring } from '../ports.ts';
import { budgetKey, budgetReset } from './budgets.ts';
import { useCode } from './proof.ts';
import { type Table, transact } from './table-client.ts';
import { accountPuts } from './users.ts';

/**
 * The code or link of a first factor in one transaction: it is used, the account is made where there is none, the count
 * of wrong guesses starts anew. After any fault either all of it is there or nothing: no account without a proof, and
 * no address that is taken by nobody.
 */
export function dynamoFirstFactors(table: Table, keys: Pick<Keyring, 'secrets'>): FirstFactorStore {
  return {
    async use(step) {
      const { device, account } = step;
      const resets = await Promise.all(
        step.budgets.map(async (budget) => budgetReset(table, await budgetKey(keys, budget), step.now)),
      );
      const made = account === undefined ? [] : accountPuts(table, await keys.secrets(), account.user, account.method);
      const outcome = await transact(
        table,
        [useCode(table, device, step), ...made, ...resets],
        createHash('sha256')
          .update(`${step.requestId}|${device.preAuthSessionId}|${account?.user.userId ?? ''}`)
          .digest('hex')
          .slice(0, 36),
      );
      if (outcome.done) return 'OK';
      return outcome.failed[0] === true ? 'CODE_GONE' : 'CONTACT_TAKEN';
    },
  };
}
