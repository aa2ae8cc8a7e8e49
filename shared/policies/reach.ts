import { canonicalEmail, canonicalPhone } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import type { Config } from '../config.ts';
import type { OtpFactor } from '../mfa/factor.ts';
import { countryAllowed } from '../otp/deliver.ts';

export type ReachConfig = Pick<Config, 'APP_NAME' | 'PUBLIC_URL' | 'LIMIT_SCALE' | 'SMS_COUNTRIES'>;

/**
 * Whether the service would send a code there, as far as the address, the tenant and its money say: not whether it
 * arrives, nor whether a limit is used up at the moment.
 *
 * @param share of the tenant's daily budget that may be spent on it.
 */
export async function isReachable(
  factor: OtpFactor,
  contact: string,
  tenant: Tenant,
  config: ReachConfig,
  share = 1,
): Promise<boolean> {
  if (factor === 'otp-email') return canonicalEmail(contact) === contact;
  if (!affordsTexts(tenant, share)) return false;
  const phone = await canonicalPhone(contact);
  return phone?.number === contact && countryAllowed(phone.country, tenant, config);
}

/** Whether there is any new address of this kind that a code would be sent to. */
export const reachesAnybody = (factor: OtpFactor, tenant: Tenant, config: ReachConfig): boolean =>
  factor === 'otp-email' || (affordsTexts(tenant) && (tenant.smsCountries ?? config.SMS_COUNTRIES).length > 0);

const affordsTexts = ({ smsDailyBudget, smsPrice }: Tenant, share = 1): boolean =>
  Math.floor(smsDailyBudget * share) >= smsPrice;
