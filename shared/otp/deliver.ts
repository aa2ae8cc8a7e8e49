import { subjectOfAbuse } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import type { Config } from '../config.ts';
import { codesForUser, emailsTo, smsCountriesPerIp, smsPerIp, smsSpend, smsTo } from '../limits.ts';
import type { DeliveryOutcome, LimitOutcome, LimitStore, Mailer, Texter } from '../ports.ts';
import type { OtpFactor } from '../mfa/factor.ts';
import type { Device } from './device.ts';

export interface DeliverDeps {
  readonly config: Pick<Config, 'APP_NAME' | 'PUBLIC_URL' | 'LIMIT_SCALE' | 'SMS_COUNTRIES'>;
  readonly limits: LimitStore;
  readonly mailer: Mailer;
  readonly texter: Texter;
}

/** Where a code is about to go. `country` only for phones. */
export interface Destination {
  readonly factorId: OtpFactor;
  readonly contact: string;
  readonly country?: string;
  readonly userId: string;
  readonly ip: string;
  /** The code opens a device, which the address's trail remembers; a code sent again opens none. */
  readonly opensDevice: boolean;
}

export type Permission =
  | { readonly allowed: true; readonly trail: readonly number[] }
  | { readonly allowed: false; readonly message: string; readonly retryAfterMs?: number };

/**
 * Counts a send against every limit that guards its channel; the tenant's money last, so that refused requests do not
 * eat it. What was counted before a refusal stays counted.
 */
export async function permitSend(
  to: Destination,
  tenant: Tenant,
  now: number,
  { limits, config }: Pick<DeliverDeps, 'limits' | 'config'>,
): Promise<Permission> {
  const scale = config.LIMIT_SCALE;
  const own = codesForUser(tenant.tenantId, to.userId, scale);
  if (to.factorId === 'otp-email') {
    const [there, mine] = await Promise.all([
      limits.spend(emailsTo(tenant.tenantId, subjectOfAbuse(to.contact), scale), now, to.opensDevice),
      limits.spend(own, now),
    ]);
    return permission(there, mine);
  }
  if (!countryAllowed(to.country, tenant, config)) {
    return { allowed: false, message: 'Text messages cannot be sent to this country. Please use another method.' };
  }
  const [there, mine, address, country] = await Promise.all([
    limits.spend(smsTo(tenant.tenantId, to.contact, scale), now, to.opensDevice),
    limits.spend(own, now),
    limits.spend(smsPerIp(to.ip, scale), now),
    limits.spendDistinct(smsCountriesPerIp(to.ip, scale), to.country ?? '', now),
  ]);
  const first = permission(there, mine, address, country);
  if (!first.allowed) return first;
  const money = await limits.spend(smsSpend(tenant.tenantId, tenant.smsDailyBudget, tenant.smsPrice), now);
  if (money.allowed) return first;
  const message = 'Text messages are not available right now. Please use another method.';
  return { allowed: false, retryAfterMs: money.retryAfterMs, message };
}

export function countryAllowed(country: string | undefined, tenant: Tenant, config: DeliverDeps['config']): boolean {
  const listed = tenant.smsCountries ?? config.SMS_COUNTRIES;
  return country !== undefined && (listed.includes('*') || listed.includes(country));
}

export function permission(there: LimitOutcome, ...others: readonly LimitOutcome[]): Permission {
  const refusals = [there, ...others].filter((outcome) => !outcome.allowed);
  if (there.allowed && refusals.length === 0) return { allowed: true, trail: there.trail };
  const retryAfterMs = Math.max(...refusals.map((refusal) => refusal.retryAfterMs));
  return {
    allowed: false,
    retryAfterMs,
    message: `Too many codes were requested. Please try again in ${span(retryAfterMs)}.`,
  };
}

/** For people: minutes, rounded up. */
export const span = (ms: number): string => {
  if (ms <= 60_000) return `${Math.max(1, Math.ceil(ms / 1000))} seconds`;
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
};

/**
 * Sends a code to its device's own address; the life told is the device's, not a setting's.
 *
 * @param language what the reader wants: see languageFor.
 */
export async function deliverCode(
  device: Device,
  code: string,
  tenant: Tenant,
  { config, mailer, texter }: DeliverDeps,
  language?: string,
): Promise<DeliveryOutcome> {
  const lifeSeconds = Math.round((device.expiresAt - device.sentAt) / 1000);
  const host = new URL(config.PUBLIC_URL).hostname;
  const tags = { to: device.contact, purpose: device.purpose, preAuthSessionId: device.preAuthSessionId };
  const about = { appName: config.APP_NAME, code, lifeSeconds, tenant, language };
  // Loaded where something is sent: this file serves those who only check codes as well.
  if (device.factorId === 'otp-phone') {
    const { otpSms } = await import('../delivery/sms.ts');
    return texter.send({ ...tags, ...otpSms({ ...about, host }) });
  }
  const { otpEmail } = await import('../delivery/mails.ts');
  const purposeText = device.purpose === 'enrol' || device.purpose === 'change' ? 'set-up' : 'sign-in';
  return mailer.send({ ...tags, ...otpEmail({ ...about, publicHost: host, purposeText }) });
}

export const NOT_DELIVERED: Readonly<Record<Exclude<DeliveryOutcome, 'sent'>, string>> = {
  undeliverable: 'We could not send a code to this address. Please use another method.',
  failed: "We couldn't send the code right now. Please try again in a minute.",
};
