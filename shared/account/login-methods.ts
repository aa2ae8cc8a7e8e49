import type { Config } from '../config.ts';
import { RESEND_COOLDOWN_MS } from '../limits.ts';
import { findProvider } from '../third-party/presets.ts';
import type { Tenant } from './tenant.ts';

/**
 * What a dynamic sign-in page may offer for a tenant, and what the hosted pages need beside it: SDKs leave keys they
 * do not know alone.
 *
 * @see FDI /loginmethods
 */
export const loginMethods = (
  tenant: Tenant,
  { returnTo, clientType }: { readonly returnTo?: string | undefined; readonly clientType?: string | undefined },
  { config }: { readonly config: Pick<Config, 'LIMIT_SCALE'> },
) => {
  const { firstFactors, secondFactors } = tenant;
  const back = returnTo === undefined ? undefined : allowedReturn(returnTo, tenant);
  return {
    status: 'OK' as const,
    emailPassword: { enabled: firstFactors.includes('emailpassword') },
    thirdParty: { enabled: firstFactors.includes('thirdparty'), providers: providersOf(tenant, clientType) },
    passwordless: { enabled: secondFactors.some((factor) => factor.startsWith('otp-')) },
    webauthn: { enabled: false },
    firstFactors,
    secondFactors,
    branding: tenant.name === undefined ? tenant.branding : { name: tenant.name, ...tenant.branding },
    signUpFields: tenant.signUpFields,
    passwordMinLength: tenant.passwordMinLength,
    otpDigits: tenant.otpDigits,
    ...(tenant.devices?.days === undefined ? {} : { rememberDeviceDays: tenant.devices.days }),
    resendSeconds: Math.ceil(RESEND_COOLDOWN_MS / 1000 / config.LIMIT_SCALE),
    ...(back === undefined ? {} : { returnTo: back }),
  };
};

/** Each once, whatever clients it has; with a `clientType`, those that have a client for it. */
function providersOf({ providers, firstFactors }: Tenant, clientType: string | undefined) {
  if (!firstFactors.includes('thirdparty')) return [];
  const names = new Map(
    providers
      .filter((each) => clientType === undefined || findProvider(providers, each.thirdPartyId, clientType) === each)
      .map(({ thirdPartyId, name }) => [thirdPartyId, name]),
  );
  return [...names].map(([id, name]) => ({ id, name }));
}

/**
 * Where a person may be sent after signing in: a page of an origin the tenant lists, and nowhere else.
 *
 * The list itself is not handed out. Everything is judged after parsing, so no spelling that browsers and people read
 * differently gets through.
 *
 * @returns the address as a browser understands it, `undefined` when it is not allowed.
 */
export function allowedReturn(returnTo: string, { allowedOrigins }: Pick<Tenant, 'allowedOrigins'>) {
  if (returnTo.length > 2000 || !URL.canParse(returnTo)) return undefined;
  const url = new URL(returnTo);
  const isPlain = /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isPlain && allowedOrigins.includes(url.origin) ? url.href : undefined;
}
