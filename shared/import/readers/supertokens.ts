import * as v from 'valibot';
import { SKEW } from '../../totp/code.ts';
import type { Sourced } from '../import-users.ts';
import type { RecordInput } from '../record.ts';
import { jsonUsers } from './json.ts';
import { type Converted, converted, filled, maybe, others } from './shape.ts';
import type { Chunks } from './text.ts';

const tenantIds = maybe(v.array(v.string()));

const Method = v.looseObject({
  recipeId: v.picklist(['emailpassword', 'passwordless', 'thirdparty']),
  tenantIds,
  isVerified: maybe(v.boolean()),
  isPrimary: maybe(v.boolean()),
  timeJoinedInMSSinceEpoch: maybe(v.number()),
  email: maybe(v.string()),
  phoneNumber: maybe(v.string()),
  passwordHash: maybe(v.string()),
  hashingAlgorithm: maybe(v.string()),
  plainTextPassword: maybe(v.string()),
  thirdPartyId: maybe(v.string()),
  thirdPartyUserId: maybe(v.string()),
  superTokensUserId: maybe(v.string()),
});

const User = v.looseObject({
  externalUserId: maybe(v.string()),
  userMetadata: maybe(v.record(v.string(), v.unknown())),
  userRoles: maybe(v.array(v.object({ role: v.string(), tenantIds }))),
  totpDevices: maybe(
    v.array(
      v.looseObject({
        secretKey: v.string(),
        period: maybe(v.number()),
        skew: maybe(v.number()),
        deviceName: maybe(v.string()),
      }),
    ),
  ),
  loginMethods: v.array(Method),
});

/** Where SuperTokens keeps what a user must do. */
const Own = v.object({ requiredSecondaryFactors: v.optional(v.array(v.string()), []) });
/** A link is no second factor here: the code that the same message could hold is. */
const LINKS = new Map([
  ['link-email', 'otp-email'],
  ['link-phone', 'otp-phone'],
]);
/** Addresses that SuperTokens makes up for users without one. */
const MADE_UP = /@stfakeemail\.supertokens\.com$|\.fakeemail\.com$/;

/** What a core keeps of an import that waits, and no user has. */
const OF_THE_IMPORT = ['id', 'status', 'errorMessage', 'primaryUserId', 'createdAt', 'updatedAt'];

/** The JSON of a SuperTokens core's bulk import: `{"users": […]}`, as it is sent or as the core lists it. */
export const readSuperTokens = (chunks: Chunks): AsyncGenerator<Sourced> => converted(jsonUsers(chunks), User, convert);

function convert(user: v.InferOutput<typeof User>): Converted {
  const notes: string[] = [];
  const { _supertokens: own, ...metadata } = user.userMetadata ?? {};
  const parsed = v.safeParse(Own, own ?? {});
  if (!parsed.success) notes.push('userMetadata._supertokens: has factors of another shape, which were left out');
  const wanted = parsed.success ? parsed.output.requiredSecondaryFactors : [];
  for (const factor of wanted) {
    const code = LINKS.get(factor);
    if (code !== undefined) notes.push(`requiredSecondaryFactors: ${factor} became ${code}`);
  }
  const fallback = user.loginMethods[0]?.tenantIds ?? undefined;
  const roles = new Map<string, string[]>();
  for (const { role, tenantIds: where } of user.userRoles ?? []) {
    for (const tenantId of (where ?? fallback ?? ['public']).map(tenantOf)) {
      roles.set(tenantId, [...(roles.get(tenantId) ?? []), role.trim()]);
    }
  }
  const totpDevices = (user.totpDevices ?? []).map(({ secretKey, period, skew, deviceName }, i) => {
    if (typeof skew === 'number' && skew !== SKEW) notes.push(`totpDevices.${i}: its skew of ${skew} became ${SKEW}`);
    return {
      secret: secretKey,
      ...(period ? { period } : {}),
      ...(deviceName?.trim() ? { name: deviceName.trim() } : {}),
    };
  });
  const strange = Object.keys(
    others(user, ['externalUserId', 'userMetadata', 'userRoles', 'totpDevices', 'loginMethods', ...OF_THE_IMPORT]),
  );
  if (strange.length > 0) notes.push(`${strange.join(', ')}: cannot move`);
  const isPrimary = user.loginMethods.some((method) => method.isPrimary === true);
  const main = mainOf(user.loginMethods);
  const id = user.externalUserId?.trim() || main?.superTokensUserId;
  const loginMethods = user.loginMethods
    .map((method, i) => ({ method, made: methodsOf(method, i, notes, method === main) }))
    // The first one's id is the user's.
    .toSorted((a, b) => Number(b.method === main) - Number(a.method === main))
    .flatMap(({ made }) => made);
  const record: RecordInput = {
    ...(id ? { id } : {}),
    ...joined(user.loginMethods),
    ...(isPrimary ? { isPrimary } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    loginMethods,
    ...(roles.size === 0 ? {} : { roles: Object.fromEntries(roles) }),
    ...filled('requiredFactors', [...new Set(wanted.map((factor) => LINKS.get(factor) ?? factor))]),
    ...filled('totpDevices', totpDevices),
  };
  return { record, notes };
}

type Method = v.InferOutput<typeof Method>;

function joined(methods: readonly Method[]): Pick<RecordInput, 'timeJoined'> {
  const times = methods.flatMap(({ timeJoinedInMSSinceEpoch: at }) => (typeof at === 'number' ? [at] : []));
  return times.length === 0 ? {} : { timeJoined: Math.min(...times) };
}

const LATEST = Number.MAX_SAFE_INTEGER;

/** The one that says it is the primary one, else the oldest: a core takes the id of that for the user's. */
const mainOf = (methods: readonly Method[]): Method | undefined =>
  methods.find((method) => method.isPrimary === true) ??
  methods.toSorted((a, b) => (a.timeJoinedInMSSinceEpoch ?? LATEST) - (b.timeJoinedInMSSinceEpoch ?? LATEST))[0];

/** A core reads them so. */
const tenantOf = (tenantId: string): string => tenantId.trim().toLowerCase();

/** A passwordless method with both contacts is two here: each is found by its own. */
function methodsOf(method: Method, at: number, notes: string[], isMain: boolean): RecordInput['loginMethods'] {
  const { recipeId, isVerified, timeJoinedInMSSinceEpoch: timeJoined, thirdPartyId, thirdPartyUserId } = method;
  const isMadeUp = recipeId === 'thirdparty' && method.email !== undefined && MADE_UP.test(method.email);
  const email = isMadeUp ? undefined : (method.email ?? undefined);
  const phoneNumber = method.phoneNumber ?? undefined;
  if (isMadeUp) notes.push(`loginMethods.${at}.email: was made up by SuperTokens, and was left out`);
  const common = {
    recipeId,
    verified: isVerified ?? false,
    ...(typeof timeJoined === 'number' ? { timeJoined } : {}),
    ...(method.tenantIds ? { tenantIds: method.tenantIds.map(tenantOf) } : {}),
    ...(method.passwordHash ? { passwordHash: method.passwordHash.trim() } : {}),
    ...(method.plainTextPassword ? { password: method.plainTextPassword } : {}),
    ...(thirdPartyId && thirdPartyUserId ? { thirdParty: { id: thirdPartyId, userId: thirdPartyUserId } } : {}),
  };
  const own = !isMain && method.superTokensUserId ? { recipeUserId: method.superTokensUserId } : {};
  if (email !== undefined && phoneNumber !== undefined && recipeId === 'passwordless') {
    return [
      { ...common, ...own, email },
      { ...common, phoneNumber },
    ];
  }
  return [
    {
      ...common,
      ...own,
      ...(email === undefined ? {} : { email }),
      ...(phoneNumber === undefined ? {} : { phoneNumber }),
    },
  ];
}
