import { subjectOfAbuse } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import { languageFor } from '../delivery/language.ts';
import { pageUrl } from '../delivery/links.ts';
import type { Secrets } from '../keys/secrets.ts';
import {
  asFirstFactor,
  emailsTo,
  firstSendsPerIp,
  firstSmsSpend,
  smsCountriesPerIp,
  smsPerIp,
  smsSpend,
  smsTo,
} from '../limits.ts';
import { carries, type FlowType } from '../mfa/factor.ts';
import type { DeliveryOutcome } from '../ports.ts';
import type { Client } from '../session/client.ts';
import { sealCode, sealLink } from './code.ts';
import { countryAllowed, type DeliverDeps, type Destination, type Permission, permission } from './deliver.ts';
import type { Device } from './device.ts';

/** The message of a first factor: who asks for it is unknown, and whether anybody has the address is not looked up. */

/**
 * Counts a send against every limit of first factors. They are apart from those of second factors: an outsider may use
 * up what strangers get, and never what an owner's own sign-in needs.
 */
export async function permitFirst(
  to: Omit<Destination, 'userId'>,
  tenant: Tenant,
  now: number,
  { limits, config }: Pick<DeliverDeps, 'limits' | 'config'>,
): Promise<Permission> {
  const scale = config.LIMIT_SCALE;
  const { tenantId } = tenant;
  if (to.factorId === 'otp-email') {
    const [there, address] = await Promise.all([
      limits.spend(asFirstFactor(emailsTo(tenantId, subjectOfAbuse(to.contact), scale)), now, to.opensDevice),
      limits.spend(firstSendsPerIp(to.ip, scale), now),
    ]);
    return permission(there, address);
  }
  if (!countryAllowed(to.country, tenant, config)) {
    return { allowed: false, message: 'Text messages cannot be sent to this country. Please use another method.' };
  }
  const first = permission(
    ...(await Promise.all([
      limits.spend(asFirstFactor(smsTo(tenantId, to.contact, scale)), now, to.opensDevice),
      limits.spend(firstSendsPerIp(to.ip, scale), now),
      limits.spend(smsPerIp(to.ip, scale), now),
      limits.spendDistinct(smsCountriesPerIp(to.ip, scale), to.country ?? '', now),
    ])),
  );
  if (!first.allowed) return first;
  for (const money of [firstSmsSpend, smsSpend]) {
    const spent = await limits.spend(money(tenantId, tenant.smsDailyBudget, tenant.smsPrice), now);
    if (!spent.allowed) {
      const message = 'Text messages are not available right now. Please use another method.';
      return { allowed: false, retryAfterMs: spent.retryAfterMs, message };
    }
  }
  return first;
}

/** What goes into the message, and what is stored of it. A code that is not sent opens nothing. */
export function sealMessage(
  secrets: Secrets,
  bound: Parameters<typeof sealCode>[1],
  flowType: FlowType,
  digits: 6 | 8,
) {
  const { code, ...stored } = sealCode(secrets, bound, digits);
  if (!carries(flowType, true)) return { stored, sent: { code } };
  const { linkCode, linkMac } = sealLink(secrets, bound, stored.salt);
  return { stored: { ...stored, linkMac }, sent: carries(flowType, false) ? { code, linkCode } : { linkCode } };
}

/** Sends a device's code, link, or both. The link's secret is behind the `#`: no server on its way ever sees it. */
export async function deliverFirst(
  device: Device,
  { code, linkCode }: { readonly code?: string; readonly linkCode?: string },
  from: { readonly tenant: Tenant; readonly client: Client; readonly origin: string | undefined },
  { config, mailer, texter }: DeliverDeps,
): Promise<DeliveryOutcome> {
  const { tenant, client } = from;
  const host = new URL(config.PUBLIC_URL).hostname;
  const tags = { to: device.contact, purpose: device.purpose, preAuthSessionId: device.preAuthSessionId };
  const about = {
    appName: config.APP_NAME,
    lifeSeconds: Math.round((device.expiresAt - device.sentAt) / 1000),
    tenant,
    language: languageFor({ client }),
    isFirstFactor: true,
  };
  // Loaded where something is sent: what begins a sign-in need not wait for it.
  const [{ linkEmail, otpEmail }, { linkSms, otpSms }] = await Promise.all([
    import('../delivery/mails.ts'),
    import('../delivery/sms.ts'),
  ]);
  if (linkCode === undefined) {
    const withCode = { ...about, code: code ?? '' };
    return device.factorId === 'otp-phone'
      ? texter.send({ ...tags, ...otpSms({ ...withCode, host }) })
      : mailer.send({ ...tags, ...otpEmail({ ...withCode, publicHost: host }) });
  }
  const url = pageUrl('/verify', { ...from, publicUrl: config.PUBLIC_URL });
  const { preAuthSessionId, tenantId } = device;
  url.search = new URLSearchParams({ preAuthSessionId, tenantId }).toString();
  const withLink = { ...about, link: `${url.href}#${linkCode}`, ...(code === undefined ? {} : { code }) };
  if (device.factorId === 'otp-phone') return texter.send({ ...tags, ...linkSms({ ...withLink, host }) });
  const kind = code === undefined ? 'magic' : 'magic-code';
  return mailer.send({ ...tags, ...linkEmail({ ...withLink, kind, publicHost: host }) });
}
