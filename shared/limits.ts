import type { Device } from './otp/device.ts';
import type { Budget, Limit } from './ports.ts';

/**
 * Every rate limit and guess budget of the service. @see security.md §1.9
 *
 * `scale` widens what only guards against nuisance (sends, addresses) in a local run; guess budgets never widen.
 */
const MINUTE = 60;
const QUARTER = 900;
const HOUR = 3_600;
const DAY = 86_400;

/** A client's address as it is counted: IPv4 whole, IPv6 by its /64. */
export function ipPrefix(ip: string): string {
  const plain = plainIp(ip);
  return plain.includes(':') ? groupsOf(plain).slice(0, 4).join(':') : plain;
}

/** The network an address is of, for records that need not know whose it was: `192.0.2.0/24`, `2001:db8:1::/48`. */
export function networkOf(ip: string): string {
  const plain = plainIp(ip);
  if (plain.includes(':')) return `${groupsOf(plain).slice(0, 3).join(':')}::/48`;
  return plain.includes('.') ? `${plain.split('.').slice(0, 3).join('.')}.0/24` : '';
}

const plainIp = (ip: string): string => ip.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');

function groupsOf(ip: string): readonly string[] {
  const [head = '', tail = ''] = ip.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''));
}

const perIp =
  (scope: string, perMinute: number) =>
  (ip: string, scale: number): Limit => ({
    scope,
    tenantId: '',
    subject: ipPrefix(ip),
    windows: [[MINUTE, perMinute * scale]],
  });

export const signInPerIp = perIp('signin-ip', 60);
export const signUpPerIp = perIp('signup-ip', 10);
export const existsPerIp = perIp('exists-ip', 10);
/** Each writes a state. */
export const authorisePerIp = perIp('authorise-ip', 30);
export const verifyPerIp = perIp('verify-ip', 60);
export const resetPerIp = perIp('reset-ip', 10);
export const redeemPerIp = perIp('redeem-ip', 30);

/** Wrong passwords: 10 in 15 minutes for an account from one address, 30 from anywhere. Never widened. */
export const wrongPasswords = (tenantId: string, account: string, ip: string): Limit => ({
  scope: 'password',
  tenantId,
  subject: account,
  windows: [[QUARTER, 30]],
  per: { subject: ipPrefix(ip), max: 10 },
});

/** Codes to one address. An e-mail is counted without its tag and, at Gmail, without dots. */
export const emailsTo = (tenantId: string, subject: string, scale: number): Limit => ({
  scope: 'email-to',
  tenantId,
  subject,
  windows: [
    [HOUR, 10 * scale],
    [DAY, 30 * scale],
  ],
});

/** Links for a new password to one address; what is more is dropped without a word. */
export const resetsTo = (tenantId: string, subject: string, scale: number): Limit => ({
  scope: 'reset-to',
  tenantId,
  subject,
  windows: [
    [HOUR, 3 * scale],
    [DAY, 10 * scale],
  ],
});

export const smsTo = (tenantId: string, subject: string, scale: number): Limit => ({
  scope: 'sms-to',
  tenantId,
  subject,
  windows: [
    [HOUR, 5 * scale],
    [DAY, 10 * scale],
  ],
});

export const codesForUser = (tenantId: string, userId: string, scale: number): Limit => ({
  scope: 'codes-user',
  tenantId,
  subject: userId,
  windows: [[HOUR, 10 * scale]],
});

export const smsPerIp = (ip: string, scale: number): Limit => ({
  scope: 'sms-ip',
  tenantId: '',
  subject: ipPrefix(ip),
  windows: [[HOUR, 20 * scale]],
});

/** One address may send to so many different countries a day. */
export const smsCountriesPerIp = (ip: string, scale: number): Limit => ({
  scope: 'sms-ip-countries',
  tenantId: '',
  subject: ipPrefix(ip),
  windows: [[DAY, 3 * scale]],
});

/** What a tenant's messages may cost in a day, in millionths of a dollar. A hard stop, never widened. */
export const smsSpend = (tenantId: string, budget: number, price: number): Limit => ({
  scope: 'sms-spend',
  tenantId,
  subject: tenantId,
  windows: [[DAY, budget]],
  amount: price,
});

/** Messages of a first factor that one address asks for. Whoever asks need not be anybody. */
export const firstSendsPerIp = perIp('otp1-send-ip', 10);

/** A count of a second factor as a first factor has it, of its own: what outsiders use up is not what an owner needs. */
export const asFirstFactor = (limit: Limit): Limit => ({ ...limit, scope: `${limit.scope}-1` });

/** Of a day's money for messages, what people may spend who are not signed in: the rest is for second factors. */
export const firstSmsSpend = (tenantId: string, budget: number, price: number): Limit =>
  asFirstFactor(smsSpend(tenantId, Math.floor(budget / 2), price));

/** Wrong codes of first factors from one address, whoever they are for. Never widened. */
export const wrongFirstCodesPerIp = (ip: string): Limit => ({
  scope: 'otp1-wrong-ip',
  tenantId: '',
  subject: ipPrefix(ip),
  windows: [[600, 50]],
});

/** Wrong codes in a row for a user, over all devices and factors that are typed in: sent, computed or kept on paper. */
export const userBudget = (tenantId: string, userId: string): Budget => ({
  scope: 'otp-user',
  tenantId,
  subject: userId,
});

/**
 * Wrong codes in a row for an address: of a first factor, those of all who try to sign in with it, account or not, apart
 * from every second factor; else those of the account that has it, or, where it is to be enrolled, those of all
 * who try. Kept apart, so that no outsider's guesses lock an owner out.
 */
export const destinationBudget = ({
  tenantId,
  purpose,
  userId,
  contact,
}: Pick<Device, 'tenantId' | 'purpose' | 'userId' | 'contact'>): Budget => ({
  scope: purpose === 'first-factor' ? 'otp1-to' : 'otp-to',
  tenantId,
  subject: purpose === 'second-factor' ? `${userId} ${contact}` : contact,
});

/** Wrong guesses in a row before a lock. */
export const GUESSES_BEFORE_LOCK = 10;
export const MAX_TOTP_DEVICES = 5;
export const BACKUP_CODES = 10;
export const MAX_ATTEMPTS_PER_DEVICE = 5;
export const MAX_DEVICES_PER_DESTINATION = 3;
/** However often its code is sent again, a device lives no longer. */
export const MAX_DEVICE_AGE_MS = 30 * 60_000;
export const RESEND_COOLDOWN_MS = 30_000;
/** A factor this recent opens changes of factors, contacts and passwords. */
export const FRESH_FACTOR_SECONDS = 300;
/** A device is known for so long after it was last used. */
export const KNOWN_DEVICE_MS = 90 * DAY * 1000;
/** Remembered devices of one user, unless the tenant says otherwise. */
export const MAX_DEVICES = 10;
/** A device's value that was replaced by a parallel sign-in, or whose successor was lost on the way. */
export const DEVICE_GRACE_MS = 30_000;
/** A text message's code lives half as long as a mail's. */
export const SMS_CODE_MAX_SECONDS = 300;
/** Users of one request that a policy is tried on: loaded and evaluated well within the function's 15 seconds. */
export const MAX_SIMULATED = 500;
