import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { languageFor } from '../delivery/language.ts';
import {
  destinationBudget,
  MAX_ATTEMPTS_PER_DEVICE,
  MAX_DEVICE_AGE_MS,
  MAX_DEVICES_PER_DESTINATION,
  SMS_CODE_MAX_SECONDS,
} from '../limits.ts';
import type { FlowType, OtpFactor } from '../mfa/factor.ts';
import type { BudgetStore, CodeStore, Keyring } from '../ports.ts';
import { badRequest, invalidClaim } from '../protocol-error.ts';
import { type ContextDeps, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { Session } from '../session/session.ts';
import { newDeviceId, sealCode } from './code.ts';
import { deliverCode, type DeliverDeps, NOT_DELIVERED, permitSend } from './deliver.ts';
import { destine, readContact } from './destination.ts';
import type { Device } from './device.ts';

export type SendDeps = ContextDeps &
  DeliverDeps & {
    readonly config: Pick<Config, 'OTP_SECONDS'>;
    readonly keys: Pick<Keyring, 'secrets'>;
    readonly codes: CodeStore;
    readonly budgets: BudgetStore;
  };

export type GeneralError = {
  readonly status: 'GENERAL_ERROR';
  readonly message: string;
  /** Not part of the body. */
  readonly retryAfterMs?: number;
};

export type SendOutcome =
  | {
      readonly status: 'OK';
      readonly deviceId: string;
      readonly preAuthSessionId: string;
      readonly flowType: FlowType;
    }
  | { readonly status: 'SIGN_IN_UP_NOT_ALLOWED'; readonly reason: string }
  | GeneralError;

/** The FDI's sentence for a refusal that tells nothing, with its support code. @see wire.md §6.7 */
export const notAllowed = (code: string) => ({
  status: 'SIGN_IN_UP_NOT_ALLOWED' as const,
  reason:
    code === 'ERR_CODE_002' || code === 'ERR_CODE_003'
      ? `Cannot sign in / up due to security reasons. Please try a different login method or contact support. (${code})`
      : `Cannot sign in / up due to security reasons. Please contact support. (${code})`,
});

/**
 * Sends a one-time code for the session's second factor.
 *
 * The code leaves only after its device is stored and every limit allowed it; it is in no reply and no log. A delivery
 * that fails is told as such and may be asked for again on the same terms.
 *
 * @throws 403 `st-mfa` when the factor may not be set up now, 400 when the tenant does not use this kind of contact.
 * @see FDI /signinup/code
 */
export async function sendCode(
  input: {
    readonly session: Session;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly email?: string | undefined;
    readonly phoneNumber?: string | undefined;
  },
  deps: SendDeps,
): Promise<SendOutcome> {
  const { session, tenant, client } = input;
  const contact = await readContact({
    ...(input.email === undefined ? {} : { email: input.email }),
    ...(input.phoneNumber === undefined ? {} : { phoneNumber: input.phoneNumber }),
  });
  if ('message' in contact) return { status: 'GENERAL_ERROR', message: contact.message };

  const context = await sessionContext({ session, tenant, client }, deps);
  const destined = destine({ ...context, factorId: contact.factorId, contact: contact.value });
  if ('refused' in destined) {
    if (destined.refused === 'method') throw badRequest('this contact method is not in use');
    if (destined.refused === 'claim') throw invalidClaim('st-mfa', destined.reason);
    return notAllowed('ERR_CODE_002');
  }

  return openDevice({ session, tenant, client, contact, purpose: destined.purpose, user: context.user }, deps);
}

/** Opens a device for an address that is decided on, and sends its code. */
export async function openDevice(
  to: {
    readonly session: Session;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly user: User;
    readonly contact: Exclude<Awaited<ReturnType<typeof readContact>>, { readonly message: string }>;
    readonly purpose: Device['purpose'];
  },
  deps: SendDeps,
): Promise<Extract<SendOutcome, { readonly status: 'OK' | 'GENERAL_ERROR' }>> {
  const { session, tenant, client, contact, purpose } = to;
  const now = deps.clock.now();
  const permitted = await permitSend(
    {
      factorId: contact.factorId,
      contact: contact.value,
      userId: session.userId,
      ip: client.ip,
      opensDevice: true,
      ...(contact.country === undefined ? {} : { country: contact.country }),
    },
    tenant,
    now,
    deps,
  );
  if (!permitted.allowed) return refusedSend(permitted);

  const id = newDeviceId();
  const bound = {
    tenantId: tenant.tenantId,
    preAuthSessionId: id.preAuthSessionId,
    purpose,
    factorId: contact.factorId,
    userId: session.userId,
    sessionHandle: session.handle,
    contact: contact.value,
  };
  const { code, ...sealed } = sealCode(await deps.keys.secrets(), bound, tenant.otpDigits);
  const device: Device = {
    ...bound,
    ...sealed,
    attempts: 0,
    maxAttempts: MAX_ATTEMPTS_PER_DEVICE,
    createdAt: now,
    sentAt: now,
    expiresAt: now + codeLifeMs(contact.factorId, deps),
  };
  await Promise.all([deps.codes.put(device), retireOldest(device, permitted.trail, now, deps)]);
  const delivered = await deliverCode(device, code, tenant, deps, languageFor(to));
  return delivered === 'sent'
    ? { status: 'OK', ...id, flowType: 'USER_INPUT_CODE' }
    : { status: 'GENERAL_ERROR', message: NOT_DELIVERED[delivered] };
}

export const refusedSend = (refused: { readonly message: string; readonly retryAfterMs?: number }): GeneralError => ({
  status: 'GENERAL_ERROR',
  message: refused.message,
  ...(refused.retryAfterMs === undefined ? {} : { retryAfterMs: refused.retryAfterMs }),
});

export const codeLifeMs = (factorId: OtpFactor, { config }: { readonly config: Pick<Config, 'OTP_SECONDS'> }): number =>
  (factorId === 'otp-phone' ? Math.min(config.OTP_SECONDS, SMS_CODE_MAX_SECONDS) : config.OTP_SECONDS) * 1000;

/** A fourth live device for one address kills the oldest: no pile of codes to guess among. */
export async function retireOldest(
  device: Device,
  trail: readonly number[],
  now: number,
  { budgets }: Pick<SendDeps, 'budgets'>,
): Promise<void> {
  const oldest = trail.at(-1 - MAX_DEVICES_PER_DESTINATION);
  if (oldest === undefined || now - oldest > MAX_DEVICE_AGE_MS) return;
  await budgets.retire(destinationBudget(device), oldest);
}
