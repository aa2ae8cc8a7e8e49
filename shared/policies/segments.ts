import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import type { Config } from '../config.ts';
import { languageFor } from '../delivery/language.ts';
import { codeLifeMs } from '../otp/send-code.ts';

export type SegmentConfig = Pick<Config, 'APP_NAME' | 'PUBLIC_URL' | 'OTP_SECONDS'>;

const known = new WeakMap<Tenant, Map<string, Promise<number>>>();

/**
 * How many messages a network bills for one code by text message to this user: more than one where the tenant's own words
 * need it. The language is that on the user's record, or the service's own; what a browser would ask for is not known.
 */
export function smsSegmentsFor(user: User, tenant: Tenant, config: SegmentConfig): Promise<number> {
  const language = languageFor({ user });
  const ofTenant = known.get(tenant) ?? new Map<string, Promise<number>>();
  known.set(tenant, ofTenant);
  const found = ofTenant.get(language) ?? counted(language, tenant, config);
  ofTenant.set(language, found);
  return found;
}

async function counted(language: string, tenant: Tenant, config: SegmentConfig): Promise<number> {
  const [{ otpSms }, { smsSegments }] = await Promise.all([import('../delivery/sms.ts'), import('../delivery/gsm.ts')]);
  const { text } = otpSms({
    appName: config.APP_NAME,
    code: '0'.repeat(tenant.otpDigits),
    lifeSeconds: Math.round(codeLifeMs('otp-phone', { config }) / 1000),
    tenant,
    language,
    host: new URL(config.PUBLIC_URL).hostname,
  });
  return smsSegments(text);
}
