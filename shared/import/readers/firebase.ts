import * as v from 'valibot';
import { firebaseParametersOf } from '../firebase-parameters.ts';
import type { FirebaseParameters } from '../hashes.ts';
import type { Sourced } from '../import-users.ts';
import type { RecordInput } from '../record.ts';
import { csvRows } from './csv.ts';
import { jsonUsers } from './json.ts';
import { type Converted, converted, filled, maybe, present } from './shape.ts';
import { type Chunks, peek } from './text.ts';

const User = v.looseObject({
  localId: v.string(),
  email: maybe(v.string()),
  emailVerified: maybe(v.boolean()),
  phoneNumber: maybe(v.string()),
  passwordHash: maybe(v.string()),
  salt: maybe(v.string()),
  displayName: maybe(v.string()),
  createdAt: maybe(v.union([v.string(), v.number()])),
  disabled: maybe(v.boolean()),
  customAttributes: maybe(v.string()),
  providerUserInfo: maybe(
    v.array(v.looseObject({ providerId: v.string(), rawId: maybe(v.string()), email: maybe(v.string()) })),
  ),
  /** The API has it; `auth:export` leaves it out. */
  mfaInfo: maybe(v.array(v.looseObject({ phoneInfo: maybe(v.string()) }))),
});

const PROVIDERS = new Map(
  Object.entries({
    'google.com': 'google',
    'apple.com': 'apple',
    'facebook.com': 'facebook',
    'github.com': 'github',
    'twitter.com': 'twitter',
  }),
);

/**
 * What `firebase auth:export` writes, JSON or CSV. The parameters of the project may stand before the users, as `hashConfig`
 * or `hash_config`.
 */
export async function* readFirebase(chunks: Chunks): AsyncGenerator<Sourced> {
  const { first, text } = await peek(chunks);
  const project: { own?: FirebaseParameters | undefined } = {};
  const beside = { names: /^hash_?[cC]onfig$/, on: (value: unknown) => (project.own = firebaseParametersOf(value)) };
  const isJson = first === '{' || first === '[';
  const lines = isJson ? jsonUsers(text, beside) : csvRows(text, asListed, COLUMNS);
  yield* converted(lines, User, (user) => convert(user, project.own));
}

const info = (provider: string) => ['rawId', 'email', 'displayName', 'photoUrl'].map((name) => `${provider} ${name}`);
const IN_CSV = ['google.com', 'facebook.com', 'twitter.com', 'github.com'];
/** The CSV has no header. */
const COLUMNS = ['localId', 'email', 'emailVerified', 'passwordHash', 'salt', 'displayName', 'photoUrl'].concat(
  IN_CSV.flatMap(info),
  ['createdAt', 'lastLoginAt', 'phoneNumber', 'disabled', 'customAttributes'],
);

const asListed = ({ emailVerified, disabled, ...row }: Readonly<Record<string, string>>) => ({
  ...Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== '' && !name.includes(' '))),
  emailVerified: emailVerified === 'true',
  disabled: disabled === 'true',
  providerUserInfo: IN_CSV.flatMap((providerId) => {
    const [rawId, email] = [row[`${providerId} rawId`], row[`${providerId} email`]];
    return rawId === undefined || rawId === '' ? [] : [{ providerId, rawId, ...(email === '' ? {} : { email }) }];
  }),
});

function convert(user: v.InferOutput<typeof User>, project: FirebaseParameters | undefined): Converted {
  const notes: string[] = [];
  const { email, passwordHash: hash, salt } = user;
  const phones = (user.mfaInfo ?? []).flatMap(({ phoneInfo }) => (phoneInfo === undefined ? [] : [phoneInfo]));
  const hasApp = (user.mfaInfo ?? []).length > phones.length;
  if (hasApp) notes.push('mfaInfo: Firebase gives out no seeds of apps; another code is asked for until one is set up');
  const contacts = new Set([...phones, ...(user.phoneNumber ? [user.phoneNumber] : [])]);
  const loginMethods: RecordInput['loginMethods'] = [
    ...(hash && salt && email
      ? [
          {
            recipeId: 'emailpassword' as const,
            email,
            verified: user.emailVerified ?? false,
            passwordHash: { algorithm: 'firebase-scrypt' as const, hash, salt, ...project },
          },
        ]
      : []),
    ...(user.providerUserInfo ?? []).flatMap(({ providerId, rawId, email: own }, i) => {
      if (providerId === 'password' || providerId === 'phone') return [];
      const id = PROVIDERS.get(providerId);
      if (id === undefined || rawId === undefined) {
        notes.push(`providerUserInfo.${i}: the provider ${providerId} cannot move`);
        return [];
      }
      const address = own ?? email ?? undefined;
      const verified = address !== undefined && address === email && user.emailVerified === true;
      const thirdParty = { id, userId: rawId };
      return [{ recipeId: 'thirdparty' as const, thirdParty, verified, ...present({ email: address }) }];
    }),
    ...[...contacts].map((phoneNumber) => ({ recipeId: 'passwordless' as const, phoneNumber, verified: true })),
  ];
  if (loginMethods.length === 0 && email) {
    loginMethods.push({ recipeId: 'passwordless', email, verified: user.emailVerified ?? false });
  }
  const created = Number(user.createdAt ?? Number.NaN);
  const metadata = {
    ...claimsOf(user.customAttributes, notes),
    ...(user.displayName ? { profile: { displayName: user.displayName } } : {}),
  };
  const isStandIn = hasApp && phones.length === 0;
  const record: RecordInput = {
    id: user.localId,
    ...(Number.isFinite(created) ? { timeJoined: created } : {}),
    ...(user.disabled === true ? { status: 'disabled' as const } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    loginMethods,
    ...filled('requiredFactors', phones.length > 0 ? ['otp-phone'] : hasApp ? ['otp-email'] : []),
  };
  return { record, notes, isStandIn };
}

function claimsOf(text: string | undefined, notes: string[]): Readonly<Record<string, unknown>> {
  if (text === undefined || text === '') return {};
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown())), text);
  if (!parsed.success) notes.push('customAttributes: is not an object, and was left out');
  return parsed.success ? parsed.output : {};
}
