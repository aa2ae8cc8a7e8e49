import * as v from 'valibot';
import { isRole, isUserId } from '../../dynamo/keys.ts';
import type { Sourced } from '../import-users.ts';
import type { RecordInput } from '../record.ts';
import { csvRows } from './csv.ts';
import { jsonUsers } from './json.ts';
import { type Converted, converted, filled, maybe, present } from './shape.ts';
import { type Chunks, peek } from './text.ts';

const User = v.looseObject({
  Username: maybe(v.string()),
  Attributes: maybe(v.array(v.object({ Name: v.string(), Value: maybe(v.string()) }))),
  /** As admin-get-user names the same. */
  UserAttributes: maybe(v.array(v.object({ Name: v.string(), Value: maybe(v.string()) }))),
  Enabled: maybe(v.boolean()),
  UserStatus: maybe(v.string()),
  UserCreateDate: maybe(v.union([v.string(), v.number()])),
  MFAOptions: maybe(v.array(v.looseObject({ DeliveryMedium: maybe(v.string()) }))),
  UserMFASettingList: maybe(v.array(v.string())),
  /** Of AdminListGroupsForUser, put beside the user. */
  Groups: maybe(v.array(v.union([v.string(), v.looseObject({ GroupName: v.string() })]))),
});

/** Attributes that are read into members of their own. */
const READ = new Set(['sub', 'email', 'email_verified', 'phone_number', 'phone_number_verified', 'identities']);
const Identities = v.array(
  v.looseObject({ providerName: v.string(), providerType: v.optional(v.string()), userId: v.string() }),
);
const PROVIDERS = new Map(
  Object.entries({
    Google: 'google',
    Facebook: 'facebook',
    SignInWithApple: 'apple',
  }),
);

/** Cognito's ListUsers as JSON, or a CSV with the header of its import job. */
export async function* readCognito(chunks: Chunks): AsyncGenerator<Sourced> {
  const { first, text } = await peek(chunks);
  yield* converted(first === '{' || first === '[' ? jsonUsers(text) : csvRows(text, asListed), User, convert);
}

/** A row as ListUsers would tell it. */
const asListed = ({
  'cognito:username': Username,
  'cognito:mfa_enabled': mfa,
  ...attributes
}: Readonly<Record<string, string>>) => ({
  ...(Username === undefined ? {} : { Username }),
  Attributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
  ...(mfa?.toLowerCase() === 'true' ? { UserMFASettingList: ['SMS_MFA'] } : {}),
});

type User = v.InferOutput<typeof User>;

function convert(user: User): Converted {
  const notes: string[] = [];
  const pairs = (user.Attributes ?? user.UserAttributes ?? []).map(({ Name, Value }) => [Name, Value ?? ''] as const);
  const attributes = new Map(pairs.filter(([, value]) => value !== ''));
  const is = (name: string) => attributes.get(name)?.toLowerCase() === 'true';
  const email = attributes.get('email');
  const phoneNumber = attributes.get('phone_number');
  const mfa = new Set(user.UserMFASettingList ?? []);
  if ((user.MFAOptions ?? []).some(({ DeliveryMedium }) => DeliveryMedium === 'SMS')) mfa.add('SMS_MFA');
  const identities = identitiesOf(attributes.get('identities'), notes);
  const isFederated = user.UserStatus === 'EXTERNAL_PROVIDER';
  const hasSms = mfa.has('SMS_MFA') && phoneNumber !== undefined;
  const loginMethods: RecordInput['loginMethods'] = [
    ...(isFederated || email === undefined
      ? []
      : [{ recipeId: 'emailpassword' as const, email, verified: is('email_verified') }]),
    ...identities.map((thirdParty) => ({
      recipeId: 'thirdparty' as const,
      thirdParty,
      verified: email !== undefined && is('email_verified'),
      ...(email === undefined ? {} : { email }),
    })),
    // Without an address or as a second factor, the number is a way in; otherwise only something known of the user.
    ...(phoneNumber !== undefined && (hasSms || (email === undefined && is('phone_number_verified')))
      ? [{ recipeId: 'passwordless' as const, phoneNumber, verified: hasSms || is('phone_number_verified') }]
      : []),
  ];
  const kept = [...attributes].filter(([name]) => !READ.has(name) && !name.startsWith('cognito:'));
  // Apps may let users write their attributes, so a policy must not take them for what operators wrote.
  const metadata = {
    ...(kept.length === 0
      ? {}
      : { attributes: Object.fromEntries(kept.map(([name, value]) => [name.replace(/^(custom|dev):/, ''), value])) }),
    ...(phoneNumber !== undefined && !hasSms ? { phone_number: phoneNumber } : {}),
    ...(user.Username === undefined || user.Username === attributes.get('sub') ? {} : { username: user.Username }),
  };
  const created = timeOf(user.UserCreateDate);
  const { required, isStandIn } = factorsOf(mfa, hasSms, notes);
  const record: RecordInput = {
    ...present({ id: attributes.get('sub') ?? idOf(user.Username), timeJoined: created }),
    ...(user.Enabled === false ? { status: 'disabled' as const } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    loginMethods,
    ...filled('roles', rolesOf(user, notes)),
    ...filled('requiredFactors', required),
  };
  return { record, notes, isStandIn };
}

/** @returns the AWS CLI's ISO time or the API's epoch seconds as epoch milliseconds. */
function timeOf(value: string | number | null | undefined): number | undefined {
  const at = typeof value === 'number' ? value * 1000 : Date.parse(value ?? '');
  return Number.isFinite(at) ? Math.round(at) : undefined;
}

function identitiesOf(text: string | undefined, notes: string[]) {
  if (text === undefined) return [];
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Identities), text);
  if (!parsed.success) notes.push('identities: is not a list of providers, and was left out');
  return (parsed.success ? parsed.output : []).flatMap(({ providerName, providerType = '', userId }) => {
    const id = PROVIDERS.get(providerType) ?? PROVIDERS.get(providerName);
    if (id === undefined) notes.push(`identities: the provider ${providerName} cannot move`);
    return id === undefined ? [] : [{ id, userId }];
  });
}

/** A name may be any text there; one that cannot be an id stays in the metadata. */
const idOf = (name: string | undefined): string | undefined =>
  name !== undefined && isUserId(name) ? name : undefined;

/** A group's name is one of a role, or there is none. */
function rolesOf({ Groups = [] }: User, notes: string[]): readonly string[] {
  return Groups.map((group) => (typeof group === 'string' ? group : group.GroupName)).flatMap((name, i) => {
    if (isRole(name)) return [name];
    notes.push(`Groups.${i}: its name is none of a role, and it was left out`);
    return [];
  });
}

function factorsOf(mfa: ReadonlySet<string>, hasSms: boolean, notes: string[]) {
  const required = [...(hasSms ? ['otp-phone'] : []), ...(mfa.has('EMAIL_OTP') ? ['otp-email'] : [])];
  if (mfa.has('SOFTWARE_TOKEN_MFA')) {
    notes.push(
      'UserMFASettingList: Cognito gives out no seeds of apps; another code is asked for until one is set up anew',
    );
  }
  const isStandIn = mfa.size > 0 && required.length === 0;
  return { required: isStandIn ? ['otp-email'] : required, isStandIn };
}
