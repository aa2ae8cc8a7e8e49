import * as v from 'valibot';
import type { Sourced } from '../import-users.ts';
import type { RecordInput } from '../record.ts';
import { nested } from './auth0-csv.ts';
import { CustomHash, customHash } from './auth0-hash.ts';
import { csvRows } from './csv.ts';
import { jsonUsers } from './json.ts';
import { jsonLines } from './ndjson.ts';
import { type Converted, converted, filled, maybe, others, present } from './shape.ts';
import { type Chunks, peek } from './text.ts';

const object = v.record(v.string(), v.unknown());

const User = v.looseObject({
  user_id: maybe(v.string()),
  _id: maybe(v.looseObject({ $oid: v.string() })),
  /** The id behind `auth0|` where somebody gave one; the hash export alone has it. */
  alt_id: maybe(v.string()),
  email: maybe(v.string()),
  email_verified: maybe(v.boolean()),
  phone_number: maybe(v.string()),
  phone_verified: maybe(v.boolean()),
  passwordHash: maybe(v.string()),
  password_hash: maybe(v.string()),
  custom_password_hash: maybe(CustomHash),
  created_at: maybe(v.string()),
  blocked: maybe(v.boolean()),
  app_metadata: maybe(object),
  user_metadata: maybe(object),
  identities: maybe(
    v.array(
      v.looseObject({
        provider: v.string(),
        user_id: v.union([v.string(), v.pipe(v.number(), v.transform(String))]),
        connection: maybe(v.string()),
        profileData: maybe(v.looseObject({ email: maybe(v.string()), email_verified: maybe(v.boolean()) })),
      }),
    ),
  ),
  multifactor: maybe(v.array(v.string())),
  /** What Auth0's own import takes. */
  mfa_factors: maybe(
    v.array(
      v.looseObject({
        totp: maybe(v.looseObject({ secret: v.string() })),
        phone: maybe(v.looseObject({ value: v.string() })),
        email: maybe(v.looseObject({ value: v.string() })),
      }),
    ),
  ),
  /** As the export of MFA secrets has it, joined to the user. */
  otp_secret: maybe(v.string()),
  connection: maybe(v.string()),
});

/** Social connections whose subject is the provider's own; others are enterprise connections of the customer. */
const SOCIAL = new Map(
  Object.entries({
    'google-oauth2': 'google',
    apple: 'apple',
    facebook: 'facebook',
    github: 'github',
    gitlab: 'gitlab',
    linkedin: 'linkedin',
    twitter: 'twitter',
  }),
);

const READ = [
  ...Object.keys(User.entries),
  'updated_at',
  'last_login',
  'last_ip',
  'logins_count',
  'last_password_reset',
];
/** Of the database's own dump. */
const INTERNAL = [
  'tenant',
  '_tmp_is_unique',
  'password_set_date',
  'id',
  'client_id',
  'version',
  'identifiers',
  'recovery_code',
];

/**
 * Auth0's user export (a user a line, or CSV), its export of password hashes (a user a line), and the list that its own
 * import takes.
 */
export async function* readAuth0(chunks: Chunks): AsyncGenerator<Sourced> {
  const { first, text } = await peek(chunks);
  const lines =
    first === '{' || first === '' ? jsonLines(text) : first === '[' ? jsonUsers(text) : csvRows(text, nested);
  yield* converted(lines, User, convert);
}

type User = v.InferOutput<typeof User>;

function convert(user: User): Converted {
  const notes: string[] = [];
  // What Auth0's import and the hash export call an id is what stands behind the connection's strategy.
  const own = user.user_id ?? user.alt_id ?? user['_id']?.$oid;
  const id = own === undefined || own.includes('|') ? own : `auth0|${own}`;
  const loginMethods = [...methodsOf(user, id, notes)];
  const { requiredFactors, totpDevices, extra, isStandIn } = factorsOf(user, notes);
  for (const method of extra) {
    const isThere = loginMethods.some(
      ({ recipeId, email, phoneNumber }) =>
        recipeId === 'passwordless' && email === method.email && phoneNumber === method.phoneNumber,
    );
    if (!isThere) loginMethods.push(method);
  }
  if (user['recovery_code'] !== undefined) notes.push('recovery_code: cannot move; backup codes are made here');
  const profile = others(user, [...READ, ...INTERNAL]);
  // Operators write the one; users themselves may write the other, so a policy must not take it for the first.
  const metadata = {
    ...user.app_metadata,
    ...(user.user_metadata === undefined ? {} : { user_metadata: user.user_metadata }),
    ...(Object.keys(profile).length === 0 ? {} : { profile }),
  };
  const record: RecordInput = {
    ...present({ id, timeJoined: user.created_at }),
    ...(user.blocked === true ? { status: 'disabled' as const } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    loginMethods,
    ...filled('requiredFactors', requiredFactors),
    ...filled('totpDevices', totpDevices),
  };
  return { record, notes, isStandIn };
}

function* methodsOf(
  user: User,
  id: string | undefined,
  notes: string[],
): Generator<RecordInput['loginMethods'][number]> {
  const [provider = 'auth0', ...rest] = (id ?? 'auth0|').split('|');
  const identities = user.identities ?? [{ provider, user_id: rest.join('|') }];
  for (const [i, identity] of identities.entries()) {
    const isMain = i === 0;
    const email = (isMain ? user.email : identity.profileData?.email) ?? undefined;
    const verified = (isMain ? user.email_verified : identity.profileData?.email_verified) ?? false;
    const social = SOCIAL.get(identity.provider);
    if (identity.provider === 'auth0') {
      const custom = user.custom_password_hash === undefined ? undefined : customHash(user.custom_password_hash, notes);
      const passwordHash = user.passwordHash ?? user.password_hash ?? custom;
      yield { recipeId: 'emailpassword', verified, ...present({ email, passwordHash }) };
    } else if (identity.provider === 'email') {
      yield { recipeId: 'passwordless', verified: true, ...present({ email }) };
    } else if (identity.provider === 'sms') {
      yield { recipeId: 'passwordless', verified: true, ...present({ phoneNumber: user.phone_number }) };
    } else if (social !== undefined) {
      const thirdParty = { id: social, userId: identity.user_id };
      yield { recipeId: 'thirdparty', verified: verified && email !== undefined, thirdParty, ...present({ email }) };
    } else {
      notes.push(`identities.${i}: a connection of ${identity.provider} cannot move`);
    }
  }
}

/** Seeds where the file has them; where Auth0 keeps them to itself, a code by mail stands in until they are set up anew. */
function factorsOf(user: User, notes: string[]) {
  const required = new Set<string>();
  const totpDevices: { secret: string }[] = [];
  const extra: RecordInput['loginMethods'] = [];
  for (const { totp, phone, email } of user.mfa_factors ?? []) {
    if (totp !== undefined) {
      totpDevices.push({ secret: totp.secret });
      required.add('totp');
    }
    if (phone !== undefined) {
      extra.push({ recipeId: 'passwordless', phoneNumber: phone.value, verified: true });
      required.add('otp-phone');
    }
    if (email !== undefined) {
      if (email.value !== user.email) extra.push({ recipeId: 'passwordless', email: email.value, verified: true });
      required.add('otp-email');
    }
  }
  if (user.otp_secret !== undefined && totpDevices.every(({ secret }) => secret !== user.otp_secret)) {
    totpDevices.push({ secret: user.otp_secret });
    required.add('totp');
  }
  const isStandIn = (user.multifactor ?? []).length > 0 && required.size === 0;
  if (isStandIn) {
    notes.push(
      'multifactor: Auth0 gives out no enrolments; a code by mail is asked for until another factor is set up',
    );
    required.add('otp-email');
  }
  return { requiredFactors: [...required], totpDevices, extra, isStandIn };
}
