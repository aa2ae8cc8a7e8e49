import * as v from 'valibot';
import { type Condition, compileCondition, isFault } from '../mfa/conditions.ts';
import {
  type ContactMethod,
  type FactorId,
  type FlowType,
  flowTypeOf,
  isFactorId,
  OFFERED_FIRST_FACTORS,
  offeredSecondFactors,
  type PasswordlessFactor,
  passwordlessFactors,
  SECOND_FACTORS,
} from '../mfa/factor.ts';
import { type CompiledPolicy, compilePolicy, DEFAULT_POLICY, PolicySchema } from '../mfa/policy.ts';
import { type DeviceTracking, RememberDeviceSchema, trackingOf } from '../trusted-devices/tracking.ts';
import { type Templates, templateFaults, templatesSchema } from '../delivery/templates.ts';
import { factorsIn } from '../mfa/requirements.ts';
import { type Provider, providerOf } from '../third-party/presets.ts';
import { ProvidersSchema } from '../third-party/provider.ts';
import { claimName } from './claim-name.ts';
import { PROFILES } from './profile.ts';
import { MalformedTenant } from './tenant-id.ts';

/**
 * A tenant as people write it: the `CONFIG` item without its keys.
 *
 * Every attribute is optional. A name that is not here makes the tenant malformed: a misspelt
 * `requiredSecondaryFactors` must not silently ask for nothing.
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

export const DEFAULT_CONTACT_METHOD: ContactMethod = 'EMAIL_OR_PHONE';

const secondFactors = list(v.picklist(SECOND_FACTORS, `must be one of ${SECOND_FACTORS.join(', ')}`));
const replaceable = SECOND_FACTORS.filter((factor) => factor !== 'backup-code');

export const TenantSchema = v.strictObject({
  name: v.optional(text(80)),
  firstFactors: v.optional(factorList),
  requiredSecondaryFactors: v.optional(factorList),
  mfaPolicy: v.optional(PolicySchema),
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
  templates: v.optional(templatesSchema),
  providers: v.optional(ProvidersSchema),
  limits: v.optional(v.strictObject({})),
});

export type TenantDocument = v.InferOutput<typeof TenantSchema>;

/** A tenant ready for use: defaults applied, conditions compiled. */
export interface Tenant {
  readonly tenantId: string;
  readonly name: string | undefined;
  /** Configured ∩ offered: what may begin a session here. */
  readonly firstFactors: readonly FactorId[];
  readonly requiredSecondaryFactors: readonly FactorId[];
  readonly secondFactors: readonly FactorId[];
  readonly backupCodeReplaces: readonly FactorId[];
  readonly providers: readonly Provider[];
  readonly contactMethod: ContactMethod;
  /** Those of `firstFactors` that are a code or a link. */
  readonly passwordless: readonly PasswordlessFactor[];
  readonly policy: CompiledPolicy;
  readonly allowedOrigins: readonly string[];
  readonly optInOnConsume: boolean;
  readonly firstEnrolment: 'proof' | 'open';
  readonly distinctChannels: boolean;
  readonly websiteBasePath: string;
  readonly emailVerification: 'OFF' | 'OPTIONAL' | 'REQUIRED';
  readonly accountLinking: { readonly automatic: boolean };
  readonly secondFactorNeedsVerifiedEmail: boolean;
  readonly strictEnumeration: boolean;
  readonly strictRefresh: boolean;
  readonly endSessionsOnFactorChange: boolean;
  /** Absent where no device is remembered. */
  readonly devices?: DeviceTracking;
  readonly passwordMinLength: number;
  readonly otpDigits: 6 | 8;
  readonly smsCountries: readonly string[] | undefined;
  /** Millionths of a US dollar. */
  readonly smsDailyBudget: number;
  readonly smsPrice: number;
  readonly signUpFields: readonly v.InferOutput<typeof signUpField>[];
  readonly branding: Branding;
  readonly templates: Templates;
  readonly claims: readonly { readonly name: string; readonly condition: Condition }[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Makes a usable tenant of what is stored.
 *
 * @throws MalformedTenant naming every attribute at fault.
 */
export async function parseTenant(tenantId: string, stored: unknown): Promise<Tenant> {
  const parsed = v.safeParse(TenantSchema, stored);
  if (!parsed.success) throw new MalformedTenant(tenantId, parsed.issues.map(faultOf));
  const document = parsed.output;
  const faults: string[] = [...templateFaults(document.templates ?? {})];

  const policy = await compilePolicy(document.mfaPolicy ?? DEFAULT_POLICY);
  if (!('rules' in policy)) faults.push(...policy.map((f) => `mfaPolicy rule ${f.ruleId ?? '?'}: ${f.message}`));

  const claims: Tenant['claims'][number][] = [];
  for (const [name, expression] of Object.entries(document.claims ?? {})) {
    const condition = await compileCondition(expression);
    if (isFault(condition)) faults.push(`claims.${name}: ${condition.message}`);
    else claims.push({ name, condition });
  }
  const codes: readonly string[] = offeredSecondFactors(document.contactMethod ?? DEFAULT_CONTACT_METHOD);
  const unsent = (document.secondFactors ?? []).filter(
    (factor) => factor.startsWith('otp-') && !codes.includes(factor),
  );
  faults.push(...unsent.map((factor) => `secondFactors: ${factor} does not go with contactMethod`));
  if (faults.length > 0 || !('rules' in policy)) throw new MalformedTenant(tenantId, faults);

  const contactMethod = document.contactMethod ?? DEFAULT_CONTACT_METHOD;
  const passwordless = passwordlessFactors(contactMethod, document.flowType ?? defaultFlowType(document));
  const providers = (document.providers ?? []).map(providerOf);
  const firstFactors = (document.firstFactors ?? OFFERED_FIRST_FACTORS).filter((id) =>
    id === 'thirdparty' ? providers.length > 0 : id === 'emailpassword' || passwordless.some((own) => own === id),
  );
  const profile = PROFILES[document.profile ?? 'strict'];
  const devices = trackingOf(document);
  return {
    tenantId,
    name: document.name,
    firstFactors,
    passwordless: passwordless.filter((id) => firstFactors.includes(id)),
    requiredSecondaryFactors: document.requiredSecondaryFactors ?? [],
    secondFactors: secondFactorsOf(document),
    backupCodeReplaces: document.backupCodeReplaces ?? [],
    providers,
    contactMethod,
    policy,
    allowedOrigins: document.allowedOrigins ?? [],
    optInOnConsume: document.optInOnConsume ?? false,
    firstEnrolment: document.firstEnrolment ?? profile.firstEnrolment,
    distinctChannels: document.distinctChannels ?? profile.distinctChannels,
    websiteBasePath: document.websiteBasePath ?? '/auth',
    emailVerification: document.emailVerification ?? 'OFF',
    accountLinking: document.accountLinking ?? { automatic: false },
    secondFactorNeedsVerifiedEmail: document.secondFactorNeedsVerifiedEmail ?? false,
    strictEnumeration: document.strictEnumeration ?? false,
    strictRefresh: document.strictRefresh ?? false,
    endSessionsOnFactorChange: document.endSessionsOnFactorChange ?? profile.endSessionsOnFactorChange,
    ...(devices === undefined ? {} : { devices }),
    passwordMinLength: document.passwordMinLength ?? (asksAnybody(document) ? 8 : 15),
    otpDigits: document.otpDigits ?? 6,
    smsCountries: document.smsCountries,
    smsDailyBudget: Math.round((document.smsDailyBudgetUsd ?? 20) * 1e6),
    smsPrice: Math.round((document.smsPriceUsd ?? 0.1) * 1e6),
    signUpFields: document.signUpFields ?? [],
    branding: document.branding ?? {},
    templates: document.templates ?? {},
    claims,
    metadata: document.metadata ?? {},
  };
}

/** What the listed first factors need; codes where nothing is listed. */
const defaultFlowType = ({ firstFactors = [] }: TenantDocument): FlowType =>
  flowTypeOf(firstFactors.filter((id) => isPasswordless(id)));

const isPasswordless = (id: FactorId): boolean => /^(otp|link)-/.test(id);
/**
 * What a tenant offers as a second factor, in the order its pages show. Authenticator apps and backup codes are there for
 * whoever lists them, or asks for them in the policy: no tenant comes by them unasked.
 */
export function secondFactorsOf(
  document: Pick<
    TenantDocument,
    'secondFactors' | 'contactMethod' | 'requiredSecondaryFactors' | 'mfaPolicy' | 'backupCodeReplaces'
  >,
): readonly FactorId[] {
  if (document.secondFactors !== undefined) return [...new Set(document.secondFactors)];
  const named = new Set([
    ...(document.requiredSecondaryFactors ?? []),
    ...(document.mfaPolicy?.rules ?? []).flatMap((rule) => (rule.require ?? []).flatMap(factorsIn)),
    ...((document.backupCodeReplaces ?? []).length > 0 ? ['backup-code'] : []),
  ]);
  return [
    ...offeredSecondFactors(document.contactMethod ?? DEFAULT_CONTACT_METHOD),
    ...['totp', 'backup-code'].filter((factor) => named.has(factor)),
  ];
}

/** A password may be shorter where a policy can ask for more than it. @see NIST SP 800-63B-4 §3.1.1.2 */
const asksAnybody = (document: TenantDocument): boolean =>
  (document.requiredSecondaryFactors ?? []).length > 0 || (document.mfaPolicy?.rules ?? []).length > 0;

/** `mfaPolicy.rules.0.when: …`: the attribute and what is wrong with it, without its value. */
export function faultOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'item';
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${path}: is not an attribute we know`;
  return `${path}: ${issue.message.replace(/ but received .*$/s, '')}`;
}
