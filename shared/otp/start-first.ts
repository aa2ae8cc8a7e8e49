import { canonicalPhone } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import { destinationBudget, MAX_ATTEMPTS_PER_DEVICE, MAX_DEVICE_AGE_MS, RESEND_COOLDOWN_MS } from '../limits.ts';
import { FACTORS, flowTypeOf, type OtpFactor, type PasswordlessFactor } from '../mfa/factor.ts';
import { badRequest, sessionEnded } from '../protocol-error.ts';
import type { Client } from '../session/client.ts';
import { belongsTo, newDeviceId } from './code.ts';
import { NOT_DELIVERED } from './deliver.ts';
import { readContact } from './destination.ts';
import type { Device } from './device.ts';
import { deliverFirst, permitFirst, sealMessage } from './first-message.ts';
import { isRetired, type ResendOutcome, RESTART, tooSoon } from './resend-code.ts';
import { codeLifeMs, refusedSend, retireOldest, type SendDeps, type SendOutcome } from './send-code.ts';

type Asked = {
  readonly tenant: Tenant;
  readonly client: Client;
  /** Of the page that asks: links lead back there if the tenant lists it. */
  readonly origin: string | undefined;
};

/** Those of the tenant's passwordless first factors that travel the way a code of this kind does. */
export const sameWay = (tenant: Tenant, factorId: OtpFactor): readonly PasswordlessFactor[] =>
  tenant.passwordless.filter((id) => FACTORS[id].channel === FACTORS[factorId].channel);

/**
 * Sends a code, a link, or both to sign in or up with. Whether the address has an account is not looked up, so no reply
 * and no waiting time can tell.
 *
 * While codes for the address are locked, or used up for good, by wrong guesses, the message carries a link instead: no
 * outsider shuts an owner out.
 *
 * @throws 401 when nothing of the kind begins a session here, 400 when the tenant does not use this kind of contact.
 * @see FDI /signinup/code
 */
export async function startFirst(
  input: Asked & { readonly email?: string | undefined; readonly phoneNumber?: string | undefined },
  deps: SendDeps,
): Promise<SendOutcome> {
  const { tenant, client } = input;
  const contact = await readContact({
    ...(input.email === undefined ? {} : { email: input.email }),
    ...(input.phoneNumber === undefined ? {} : { phoneNumber: input.phoneNumber }),
  });
  if ('message' in contact) return { status: 'GENERAL_ERROR', message: contact.message };
  const { factorId } = contact;
  if (!tenant.secondFactors.includes(factorId)) throw badRequest('this contact method is not in use');
  const valid = sameWay(tenant, factorId);
  if (valid.length === 0) throw sessionEnded();

  const now = deps.clock.now();
  const to = { factorId, contact: contact.value, ip: client.ip, opensDevice: true };
  const permitted = await permitFirst(
    { ...to, ...(contact.country === undefined ? {} : { country: contact.country }) },
    tenant,
    now,
    deps,
  );
  if (!permitted.allowed) return refusedSend(permitted);

  const id = newDeviceId();
  const bound = {
    tenantId: tenant.tenantId,
    preAuthSessionId: id.preAuthSessionId,
    purpose: 'first-factor',
    factorId,
    userId: '',
    sessionHandle: '',
    contact: contact.value,
  } as const;
  const isOpen = await deps.budgets.isOpen(destinationBudget(bound), now);
  const flowType = isOpen ? flowTypeOf(valid) : 'MAGIC_LINK';
  const { stored, sent } = sealMessage(await deps.keys.secrets(), bound, flowType, tenant.otpDigits);
  const device: Device = {
    ...bound,
    ...stored,
    flowType,
    attempts: 0,
    maxAttempts: MAX_ATTEMPTS_PER_DEVICE,
    createdAt: now,
    sentAt: now,
    expiresAt: now + codeLifeMs(factorId, deps),
  };
  await Promise.all([deps.codes.put(device), retireOldest(device, permitted.trail, now, deps)]);
  const delivered = await deliverFirst(device, sent, input, deps);
  // An address that takes no messages is not told apart: it might have an account.
  return delivered === 'failed'
    ? { status: 'GENERAL_ERROR', message: NOT_DELIVERED.failed }
    : { status: 'OK', ...id, flowType };
}

/**
 * Sends a first factor's message again, with a new code and a new link; those of before are good for nothing any more.
 *
 * @see resendCode
 */
export async function resendFirst(
  input: Asked & { readonly deviceId: string; readonly preAuthSessionId: string },
  deps: SendDeps,
): Promise<ResendOutcome> {
  const { tenant, client } = input;
  const now = deps.clock.now();
  if (!belongsTo(input.deviceId, input.preAuthSessionId)) return RESTART;
  const device = await deps.codes.get(tenant.tenantId, input.preAuthSessionId);
  if (device === undefined || !isOpen(device, now) || sameWay(tenant, device.factorId).length === 0) return RESTART;
  if (await isRetired(device, deps)) return RESTART;

  const cooldownMs = RESEND_COOLDOWN_MS / deps.config.LIMIT_SCALE;
  const waitMs = device.sentAt + cooldownMs - now;
  if (waitMs > 0) return tooSoon(waitMs);
  const phone = device.factorId === 'otp-phone' ? await canonicalPhone(device.contact) : undefined;
  const permitted = await permitFirst(
    { ...device, ip: client.ip, opensDevice: false, ...(phone === undefined ? {} : { country: phone.country }) },
    tenant,
    now,
    deps,
  );
  if (!permitted.allowed) return refusedSend(permitted);

  const flowType = device.flowType ?? 'USER_INPUT_CODE';
  const { stored, sent } = sealMessage(await deps.keys.secrets(), device, flowType, tenant.otpDigits);
  const expiresAt = Math.min(now + codeLifeMs(device.factorId, deps), device.createdAt + MAX_DEVICE_AGE_MS);
  if (!(await deps.codes.renew({ ...stored, device, now, expiresAt, cooldownMs }))) return tooSoon(cooldownMs);
  const delivered = await deliverFirst({ ...device, ...stored, sentAt: now, expiresAt }, sent, input, deps);
  return delivered === 'failed' ? { status: 'GENERAL_ERROR', message: NOT_DELIVERED.failed } : { status: 'OK' };
}

const isOpen = (device: Device, now: number): boolean =>
  device.purpose === 'first-factor' &&
  device.attempts < device.maxAttempts &&
  now - device.createdAt < MAX_DEVICE_AGE_MS;
