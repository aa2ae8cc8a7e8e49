import type { Tenant } from '../account/tenant.ts';
import { canonicalPhone } from '../account/contact.ts';
import { destinationBudget, MAX_DEVICE_AGE_MS, RESEND_COOLDOWN_MS } from '../limits.ts';
import { sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import { languageFor } from '../delivery/language.ts';
import type { Session } from '../session/session.ts';
import { belongsTo, sealCode } from './code.ts';
import { deliverCode, NOT_DELIVERED, permitSend, span } from './deliver.ts';
import type { Device } from './device.ts';
import { codeLifeMs, type GeneralError, refusedSend, type SendDeps } from './send-code.ts';

export type ResendOutcome = { readonly status: 'OK' } | { readonly status: 'RESTART_FLOW_ERROR' } | GeneralError;

/**
 * Sends a new code for a device that waits for one. The earlier code is good for nothing any more; the attempts stay
 * spent; the device lives no longer than 30 minutes in all.
 *
 * Unknown, used, exhausted and foreign devices look the same.
 *
 * @throws 401 that ends the session when its user may not have it any more.
 * @see FDI /signinup/code/resend
 */
export async function resendCode(
  input: {
    readonly session: Session;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly deviceId: string;
    readonly preAuthSessionId: string;
  },
  deps: SendDeps,
): Promise<ResendOutcome> {
  const { session, tenant, client } = input;
  const now = deps.clock.now();
  if (!belongsTo(input.deviceId, input.preAuthSessionId)) return RESTART;
  const [device, context] = await Promise.all([
    deps.codes.get(tenant.tenantId, input.preAuthSessionId),
    sessionContext({ session, tenant, client }, deps),
  ]);
  if (device === undefined || !isOpen(device, session, now)) return RESTART;
  if (await isRetired(device, deps)) return RESTART;

  const cooldownMs = RESEND_COOLDOWN_MS / deps.config.LIMIT_SCALE;
  const waitMs = device.sentAt + cooldownMs - now;
  if (waitMs > 0) return tooSoon(waitMs);
  const phone = device.factorId === 'otp-phone' ? await canonicalPhone(device.contact) : undefined;
  const permitted = await permitSend(
    { ...device, ip: client.ip, opensDevice: false, ...(phone === undefined ? {} : { country: phone.country }) },
    tenant,
    now,
    deps,
  );
  if (!permitted.allowed) return refusedSend(permitted);

  const { code, ...sealed } = sealCode(await deps.keys.secrets(), device, tenant.otpDigits);
  const expiresAt = Math.min(now + codeLifeMs(device.factorId, deps), device.createdAt + MAX_DEVICE_AGE_MS);
  const renewed = { ...device, ...sealed, sentAt: now, expiresAt };
  if (!(await deps.codes.renew({ ...sealed, device, now, expiresAt, cooldownMs }))) return tooSoon(cooldownMs);

  const delivered = await deliverCode(renewed, code, tenant, deps, languageFor({ ...context, client }));
  return delivered === 'sent' ? { status: 'OK' } : { status: 'GENERAL_ERROR', message: NOT_DELIVERED[delivered] };
}

export const RESTART = { status: 'RESTART_FLOW_ERROR' } as const;

const isOpen = (device: Device, session: Session, now: number): boolean =>
  device.sessionHandle === session.handle &&
  device.attempts < device.maxAttempts &&
  now - device.createdAt < MAX_DEVICE_AGE_MS;

/** Killed by a newer device or by a success. */
export const isRetired = async (device: Device, { budgets }: Pick<SendDeps, 'budgets'>): Promise<boolean> =>
  device.createdAt <= (await budgets.deadBefore(destinationBudget(device)));

export const tooSoon = (waitMs: number): GeneralError => ({
  status: 'GENERAL_ERROR',
  message: `A code was sent just now. Please wait ${span(waitMs)} before asking for another.`,
  retryAfterMs: waitMs,
});
