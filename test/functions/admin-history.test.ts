/**
 * Whatever an operator does to a user stands in the user's history, with who it was and by which way: also where it is
 * written within the transaction, and also the last thing there is to say.
 *
 * Why: ASVS 16.3; without a name an operator who talks himself into an account is everybody.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { itemsUnder } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('acme', { secondFactors: ['totp', 'otp-email'] }));

const operator = () => stepgate.browser();
/** The local run's operator: behind the gateway it is the ARN that IAM names. */
const SIGNED = { by: 'local', via: 'api' };
const historyOf = async (userId: string) =>
  (await itemsUnder(stepgate, `AUDIT#${userId}#`)).map(({ event, details }) => ({ event, details }));

type Act = (userId: string, other: string) => Promise<{ readonly status: number }>;

describe('the history of a user', () => {
  it.each<[string, string, Act]>([
    [
      'a patch',
      'admin.patched',
      (id) => operator().send('PATCH', `/admin/users/${id}`, { metadata: { plan: 'paid' } }),
    ],
    ['a role', 'admin.role-granted', (id) => operator().put(`/admin/users/${id}/roles/public/clerk`)],
    ['a role taken away', 'admin.role-removed', (id) => operator().delete(`/admin/users/${id}/roles/public/clerk`)],
    ['a factor', 'admin.factor-required', (id) => operator().put(`/admin/users/${id}/factors/otp-email`)],
    ['a tenant', 'admin.tenant-joined', (id) => operator().put(`/admin/users/${id}/tenants/acme`)],
    ['a reset', 'admin.factors-reset', (id) => operator().post(`/admin/users/${id}/factors/reset`, {})],
    [
      'a link',
      'admin.login-methods-linked',
      (id, other) => operator().post(`/admin/users/${id}/link`, { userId: other }),
    ],
    ['the end', 'admin.erased', (id) => operator().delete(`/admin/users/${id}`)],
  ])('%s: says who it was', async (name, event, act) => {
    const userId = await stepgate.user(`${event}.one@example.com`);
    const other = await stepgate.user(`${event}.two@example.com`);
    expect((await act(userId, other)).status, name).toBe(200);
    expect(await historyOf(userId)).toContainEqual({ event, details: expect.objectContaining(SIGNED) });
  });
});
