import * as v from 'valibot';
import { isFactorId, SECOND_FACTORS } from '../mfa/factor.ts';
import { PolicySchema } from '../mfa/policy-schema.ts';
import { PolicyStateSchema } from '../policies/state.ts';
import { RememberDeviceSchema } from '../trusted-devices/tracking.ts';
import { claimName } from './claim-name.ts';

/**
 * A tenant as people write it: the `CONFIG` item without its keys.
 *
 * Every attribute is optional. A name that is not here makes the tenant malformed: a misspelt
 * `requiredSecondaryFactors` must not silently ask for nothing. What few tenants have is read when one has it: most
 * functions start without the schemas of providers and of words.
 */

const list = <S extends v.GenericSchema>(item: S) =>
  v.pipe(
    v.union([v.array(v.unknown()), v.set(v.unknown())], 'must be a list'),
    v.transform((value) => [...value]),
    v.array(item),
    v.maxLength(50),
  );

const factorList = list(v.pipe(v.string(), v.check(isFactorId, 'is not a factor id')));
const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

const originSchema = v.pipe(
  v.string(),
  v.check(
    (value) => URL.canParse(value) && new URL(value).origin === value && /^https?:/.test(value),
    'must be an origin such as https://app.example.com',
  ),
);

const signUpField = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/), v.notValue('email'), v.notValue('password')),
  optional: v.optional(v.boolean()),
  maxLength: v.optional(whole(1, 1000)),
});

export type SignUpField = v.InferOutput<typeof signUpField>;

/** A logo is an `https` address or a small picture of its own; a picture cannot run script. */
const LOGO = /^(https:\/\/[^\s"'<>\\]{1,500}|data:image\/(svg\+xml|png|webp|jpeg);base64,[A-Za-z0-9+/=]{1,16000})$/;

/** How the hosted pages look and speak for a tenant. */
const brandingSchema = v.strictObject({
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(40))),
  logoUrl: v.optional(v.pipe(v.string(), v.regex(LOGO, 'must be an https address or a data:image of 12 KB'))),
  color: v.optional(v.pipe(v.string(), v.regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #0b6b53'))),
  /** Where the browser wants none that the pages have. */
  language: v.optional(v.picklist(['en', 'hu'])),
});

export type Branding = v.InferOutput<typeof brandingSchema>;

const secondFactors = list(v.picklist(SECOND_FACTORS, `must be one of ${SECOND_FACTORS.join(', ')}`));
const replaceable = SECOND_FACTORS.filter((factor) => factor !== 'backup-code');

export const TenantSchema = v.strictObjectAsync({
  name: v.optional(text(80)),
  firstFactors: v.optional(factorList),
  requiredSecondaryFactors: v.optional(factorList),
  mfaPolicy: v.optional(PolicySchema),
  /** Which version of `mfaPolicy` it is: ours to write. One that cannot be read closes nothing. */
  policyState: v.fallback(v.optional(PolicyStateSchema), undefined),
  /** Default: the codes of `contactMethod`, and what the policy names besides. */
  secondFactors: v.optional(secondFactors),
  /** A backup code may stand in for one of these. */
  backupCodeReplaces: v.optional(list(v.picklist(replaceable, `must be one of ${replaceable.join(', ')}`))),
  contactMethod: v.optional(v.picklist(['EMAIL', 'PHONE', 'EMAIL_OR_PHONE'])),
  flowType: v.optional(v.picklist(['USER_INPUT_CODE', 'MAGIC_LINK', 'USER_INPUT_CODE_AND_MAGIC_LINK'])),
  allowedOrigins: v.optional(list(originSchema)),
  /** The first consumed code with a session puts its factor on the user's own list. */
  optInOnConsume: v.optional(v.boolean()),
  profile: v.optional(v.picklist(['strict', 'compat'])),
  /** `open` lets a session with its first factor alone choose where the second goes. The reference's rule; unsafe. */
  firstEnrolment: v.optional(v.picklist(['proof', 'open'])),
  /** Off: a code to the mailbox or phone that began the session counts as a second factor. Weaker. */
  distinctChannels: v.optional(v.boolean()),
  /** Where the pages of listed origins lie that links in mails lead to; `/auth` unless told. */
  websiteBasePath: v.optional(
    v.pipe(v.string(), v.regex(/^(\/[A-Za-z0-9._~-]{1,40}){0,5}$/, 'must be a path such as /auth')),
  ),
  /** REQUIRED: protected endpoints want the address proven. OPTIONAL: tokens say whether it is. */
  emailVerification: v.optional(v.picklist(['OFF', 'OPTIONAL', 'REQUIRED'])),
  /** First factors of one proven address are one account's. */
  accountLinking: v.optional(v.strictObject({ automatic: v.boolean() })),
  /** A new address is linked as a second factor only where the session's own e-mail is proven. */
  secondFactorNeedsVerifiedEmail: v.optional(v.boolean()),
  /** Nothing tells whether an address has an account, where the FDI has an answer that would. */
  strictEnumeration: v.optional(v.boolean()),
  /** A lost refresh reply is forgiven for 5 seconds only. */
  strictRefresh: v.optional(v.boolean()),
  /** Switching a factor on or off ends the user's other sessions. */
  endSessionsOnFactorChange: v.optional(v.boolean()),
  rememberDevice: v.optional(RememberDeviceSchema),
  passwordMinLength: v.optional(whole(8, 64)),
  otpDigits: v.optional(v.picklist([6, 8])),
  smsCountries: v.optional(list(v.pipe(v.string(), v.regex(/^([A-Z]{2}|\*)$/, 'must be a country code')))),
  /** What SMS may cost this tenant in a day, and what one message is taken to cost. */
  smsDailyBudgetUsd: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100_000))),
  smsPriceUsd: v.optional(v.pipe(v.number(), v.minValue(0.0001), v.maxValue(10))),
  signUpFields: v.optional(list(signUpField)),
  branding: v.optional(brandingSchema),
  claims: v.optional(v.record(claimName, v.string())),
  metadata: v.optional(v.record(v.string(), v.unknown())),
  templates: v.optionalAsync(v.lazyAsync(async () => (await import('../delivery/templates.ts')).templatesSchema)),
  providers: v.optionalAsync(v.lazyAsync(async () => (await import('../third-party/provider.ts')).ProvidersSchema)),
  limits: v.optional(v.strictObject({})),
});

export type TenantDocument = v.InferOutput<typeof TenantSchema>;

/** `mfaPolicy.rules.0.when: …`: the attribute and what is wrong with it, without its value. */
export function faultOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'item';
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${path}: is not an attribute we know`;
  return `${path}: ${issue.message.replace(/ but received .*$/s, '')}`;
}
