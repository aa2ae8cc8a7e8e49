import type { Exemption } from '../account/user.ts';
import { badRequest, notFound } from '../protocol-error.ts';
import { adminView, mustLoad, type UserAdminDeps } from './users.ts';

/** A year and a day: what is to hold longer is a rule's `unless`. */
const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

/**
 * Spares a user everything a tenant's policy asks, until then and no longer; in place of an exemption that stands.
 *
 * It waives neither what is owed after a password from an unproven address nor what the code itself requires. Sessions
 * see it at their next refresh.
 *
 * @throws 400 for an end that is past or more than 366 days ahead; 404 for an unknown user and one that is not of the
 * tenant.
 */
export async function exempt(
  given: { readonly userId: string; readonly tenantId: string; readonly exemption: Exemption },
  deps: UserAdminDeps,
) {
  const { userId, tenantId, exemption } = given;
  const now = deps.clock.now();
  if (exemption.until <= now) throw badRequest('until is in the past');
  if (exemption.until > now + LONGEST_DAYS * DAY_MS) {
    throw badRequest(`until is more than ${LONGEST_DAYS} days ahead; what is to hold longer belongs in the policy`);
  }
  const user = await mustLoad(userId, deps);
  if (!user.tenantIds.includes(tenantId)) throw notFound('the user is no member of this tenant');
  if (!(await deps.userAdmin.setExemption(userId, tenantId, exemption))) throw notFound('unknown user');
  const { until, reason, by } = exemption;
  const details = { until: new Date(until).toISOString(), reason, ...(by === undefined ? {} : { by }) };
  await deps.audit.write({ userId, tenantId, at: now, event: 'admin.exempted', details });
  return viewAfter(userId, deps);
}

/** The policy asks again, from the next sign-in or refresh on. Taking away what is not there is done already. */
export async function endExemption(
  given: { readonly userId: string; readonly tenantId: string; readonly by?: string },
  deps: UserAdminDeps,
) {
  const { userId, tenantId, by } = given;
  const user = await mustLoad(userId, deps);
  if (user.exemptions !== undefined && Object.hasOwn(user.exemptions, tenantId)) {
    if (!(await deps.userAdmin.setExemption(userId, tenantId, undefined))) throw notFound('unknown user');
    const details = by === undefined ? {} : { details: { by } };
    const at = deps.clock.now();
    await deps.audit.write({ userId, tenantId, at, event: 'admin.exemption-ended', ...details });
  }
  return viewAfter(userId, deps);
}

const viewAfter = async (userId: string, deps: UserAdminDeps) => ({
  status: 'OK' as const,
  user: adminView(await mustLoad(userId, deps)),
});
