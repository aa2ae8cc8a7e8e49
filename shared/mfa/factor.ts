/** A built-in factor id of the FDI, or a custom one. Wire words, verbatim. */
export type FactorId = string;

interface Factor {
  /** May begin a session. */
  readonly first: boolean;
  /** May complete one. */
  readonly second: boolean;
  /** Where its secret travels; two factors of one channel to one address are one factor. */
  readonly channel: 'password' | 'email' | 'phone' | 'idp' | 'totp' | 'backup' | 'key';
  /** @see RFC 8176 */
  readonly amr: readonly string[];
}

/** One line each; a further factor begins here. */
export const FACTORS = {
  emailpassword: { first: true, second: false, channel: 'password', amr: ['pwd'] },
  thirdparty: { first: true, second: false, channel: 'idp', amr: ['user'] },
  'otp-email': { first: true, second: true, channel: 'email', amr: ['otp'] },
  'otp-phone': { first: true, second: true, channel: 'phone', amr: ['otp', 'sms'] },
  'link-email': { first: true, second: true, channel: 'email', amr: ['otp'] },
  'link-phone': { first: true, second: true, channel: 'phone', amr: ['otp', 'sms'] },
  totp: { first: false, second: true, channel: 'totp', amr: ['otp'] },
  'backup-code': { first: false, second: true, channel: 'backup', amr: ['otp'] },
  webauthn: { first: true, second: true, channel: 'key', amr: ['hwk'] },
} as const satisfies Record<string, Factor>;

/** First factors this service has an endpoint for. A tenant without `firstFactors` offers all of them. */
export const OFFERED_FIRST_FACTORS: readonly FactorId[] = ['emailpassword', 'thirdparty'];

export type OtpFactor = 'otp-email' | 'otp-phone';
/** What can complete a session here. */
export type SecondFactor = OtpFactor | 'totp' | 'backup-code';
export const SECOND_FACTORS: readonly SecondFactor[] = ['otp-email', 'otp-phone', 'totp', 'backup-code'];
export type ContactMethod = 'EMAIL' | 'PHONE' | 'EMAIL_OR_PHONE';

/** One-time codes that go out by this contact method, in the order the FDI lists them. */
export const offeredSecondFactors = (contactMethod: ContactMethod): readonly OtpFactor[] =>
  contactMethod === 'EMAIL' ? ['otp-email'] : contactMethod === 'PHONE' ? ['otp-phone'] : ['otp-email', 'otp-phone'];

export const isKnownFactor = (id: string): id is keyof typeof FACTORS => Object.hasOwn(FACTORS, id);

/** A factor id as it may stand in a policy, a list or a path: built-in, or a custom name of this shape. */
export const isFactorId = (value: string): boolean => /^[a-z][a-z0-9-]{0,39}$/.test(value);

/**
 * `amr` of a session: every method used; `mfa` only when two different kinds of proof came together.
 *
 * @see RFC 8176
 */
export function amrOf(completed: Readonly<Record<FactorId, number>>): readonly string[] {
  const used = Object.keys(completed).filter(isKnownFactor);
  const methods = new Set<string>(used.flatMap((id) => FACTORS[id].amr));
  if (new Set(used.map((id) => FACTORS[id].channel)).size > 1) methods.add('mfa');
  return [...methods];
}
