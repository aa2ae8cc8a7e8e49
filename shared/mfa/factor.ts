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

export type OtpFactor = 'otp-email' | 'otp-phone';
export type PasswordlessFactor = OtpFactor | 'link-email' | 'link-phone';
/** What can complete a session here. */
export type SecondFactor = OtpFactor | 'totp' | 'backup-code';
export const SECOND_FACTORS: readonly SecondFactor[] = ['otp-email', 'otp-phone', 'totp', 'backup-code'];
export type ContactMethod = 'EMAIL' | 'PHONE' | 'EMAIL_OR_PHONE';
/** What a message of a first factor carries. */
export type FlowType = 'USER_INPUT_CODE' | 'MAGIC_LINK' | 'USER_INPUT_CODE_AND_MAGIC_LINK';

const PASSWORDLESS: readonly PasswordlessFactor[] = ['otp-email', 'otp-phone', 'link-email', 'link-phone'];

/** First factors this service has an endpoint for. A tenant without `firstFactors` offers all that its settings allow. */
export const OFFERED_FIRST_FACTORS: readonly FactorId[] = ['emailpassword', 'thirdparty', ...PASSWORDLESS];

/** What passwordless can begin a session with, in the FDI's order. @see wire.md §6.1 */
export const passwordlessFactors = (contactMethod: ContactMethod, flowType: FlowType): readonly PasswordlessFactor[] =>
  PASSWORDLESS.filter(
    (id) => contactMethod.toLowerCase().includes(FACTORS[id].channel) && carries(flowType, id.startsWith('link')),
  );

export const carries = (flowType: FlowType, link: boolean): boolean =>
  flowType === 'USER_INPUT_CODE_AND_MAGIC_LINK' || flowType === (link ? 'MAGIC_LINK' : 'USER_INPUT_CODE');

/** What a message carries where these factors of one channel may begin a session. */
export const flowTypeOf = (factors: readonly FactorId[]): FlowType => {
  const links = factors.filter((factor) => factor.startsWith('link')).length;
  if (links === 0) return 'USER_INPUT_CODE';
  return links === factors.length ? 'MAGIC_LINK' : 'USER_INPUT_CODE_AND_MAGIC_LINK';
};

/** One-time codes that go out by this contact method, in the order the FDI lists them. */
export const offeredSecondFactors = (contactMethod: ContactMethod): readonly OtpFactor[] =>
  contactMethod === 'EMAIL' ? ['otp-email'] : contactMethod === 'PHONE' ? ['otp-phone'] : ['otp-email', 'otp-phone'];

export const isKnownFactor = (id: string): id is keyof typeof FACTORS => Object.hasOwn(FACTORS, id);

/** Both travel to the mailbox, or both to the phone: whoever holds the one holds the other. */
export const isSameWay = (one: FactorId, other: FactorId): boolean =>
  isKnownFactor(one) &&
  isKnownFactor(other) &&
  FACTORS[one].channel === FACTORS[other].channel &&
  (FACTORS[one].channel === 'email' || FACTORS[one].channel === 'phone');
/** Custom factors are a channel of their own. */
export const channelOf = (id: FactorId): string => (isKnownFactor(id) ? FACTORS[id].channel : id);

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
