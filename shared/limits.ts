import { ipPrefix } from './client-address.ts';
import type { Device } from './otp/device.ts';
import type { Budget, Limit } from './ports.ts';

/**
 * Every rate limit and guess budget of the service. @see security.md §1.9
 *
 * `scale` widens what only guards against nuisance (sends, addresses) in a local run; guess budgets never widen.
 */
const MINUTE = 60;
const QUARTER = 900;
const TEN_MINUTES = 600;
const HOUR = 3_600;
const DAY = 86_400;

const perIp =
  (scope: string, perMinute: number) =>
  (ip: string, scale: number): Limit => ({
    scope,
    tenantId: '',
    subject: ipPrefix(ip),
    windows: [[MINUTE, perMinute * scale]],
  });

/** As long as different accounts are counted; what that adds to the minute's count is no limit of its own. */
const perIpForTen =
  (scope: string, perMinute: number) =>
  (ip: string, scale: number): Limit => ({
    ...perIp(scope, perMinute)(ip, scale),
    windows: [
      [MINUTE, perMinute * scale],
      [TEN_MINUTES, 10 * perMinute * scale],
    ],
  });

/** Different accounts that one address may fail for in ten minutes. */
const FAILING_ACCOUNTS = 20;

/** The same limit, for a guess at an account's secret: one secret tried on many accounts stays below each account's own. */
const guessing =
  (limit: (ip: string, scale: number) => Limit) =>
  (ip: string, scale: number, account: string): Limit => ({
    ...limit(ip, scale),
    among: { subject: account, max: FAILING_ACCOUNTS * scale },
  });

export const signInPerIp = perIpForTen('signin-ip', 60);
/** @param account its tenant and address, known here or not. */
export const passwordPerIp = guessing(signInPerIp);
export const signUpPerIp = perIp('signup-ip', 10);
export const existsPerIp = perIp('exists-ip', 10);
/** Each writes a state. */
export const authorisePerIp = perIp('authorise-ip', 30);
export const verifyPerIp = perIpForTen('verify-ip', 60);
/** @param account its user id. */
export const codePerIp = guessing(verifyPerIp);
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
  windows: [[TEN_MINUTES, 50]],
});

/** @param account its tenant and address, known here or not. */
export const firstCodePerIp = guessing(wrongFirstCodesPerIp);

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

/** No function that answers a request works longer on it. */
export const FUNCTION_SECONDS = 15;
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
