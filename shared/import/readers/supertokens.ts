import * as v from 'valibot';
import { SKEW } from '../../totp/code.ts';
import type { Sourced } from '../import-users.ts';
import type { RecordInput } from '../record.ts';
import { jsonUsers } from './json.ts';
import { type Converted, converted, maybe, others } from './shape.ts';
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

/** The JSON of a SuperTokens core's bulk import: `{"users": […]}`. */
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
    for (const tenantId of where ?? fallback ?? ['public']) roles.set(tenantId, [...(roles.get(tenantId) ?? []), role]);
  }
  const totpDevices = (user.totpDevices ?? []).map(({ secretKey, period, skew, deviceName }, i) => {
    if (typeof skew === 'number' && skew !== SKEW) notes.push(`totpDevices.${i}: its skew of ${skew} became ${SKEW}`);
    return { secret: secretKey, ...(period ? { period } : {}), ...(deviceName ? { name: deviceName } : {}) };
  });
  const strange = Object.keys(
    others(user, ['externalUserId', 'userMetadata', 'userRoles', 'totpDevices', 'loginMethods']),
  );
  if (strange.length > 0) notes.push(`${strange.join(', ')}: cannot move`);
  const isPrimary = user.loginMethods.some((method) => method.isPrimary === true);
  const record: RecordInput = {
    ...(user.externalUserId ? { id: user.externalUserId } : {}),
    ...joined(user.loginMethods),
    ...(isPrimary ? { isPrimary } : {}),
    metadata,
    loginMethods: user.loginMethods.flatMap((method, i) => methodsOf(method, i, notes)),
    roles: Object.fromEntries(roles),
    requiredFactors: [...new Set(wanted.map((factor) => LINKS.get(factor) ?? factor))],
    totpDevices,
  };
  return { record, notes };
}

type Method = v.InferOutput<typeof Method>;

function joined(methods: readonly Method[]): Pick<RecordInput, 'timeJoined'> {
  const times = methods.flatMap(({ timeJoinedInMSSinceEpoch: at }) => (typeof at === 'number' ? [at] : []));
  return times.length === 0 ? {} : { timeJoined: Math.min(...times) };
}

/** A passwordless method with both contacts is two here: each is found by its own. */
function methodsOf(method: Method, at: number, notes: string[]): RecordInput['loginMethods'] {
  const { recipeId, isVerified, timeJoinedInMSSinceEpoch: timeJoined, thirdPartyId, thirdPartyUserId } = method;
  const isMadeUp = recipeId === 'thirdparty' && method.email !== undefined && MADE_UP.test(method.email);
  const email = isMadeUp ? undefined : (method.email ?? undefined);
  const phoneNumber = method.phoneNumber ?? undefined;
  if (isMadeUp) notes.push(`loginMethods.${at}.email: was made up by SuperTokens, and was left out`);
  const common = {
    recipeId,
    // Who has a passwordless method came by a code to it.
    verified: isVerified ?? recipeId === 'passwordless',
    ...(typeof timeJoined === 'number' ? { timeJoined } : {}),
    ...(method.tenantIds ? { tenantIds: method.tenantIds } : {}),
    ...(method.passwordHash ? { passwordHash: method.passwordHash } : {}),
    ...(method.plainTextPassword ? { password: method.plainTextPassword } : {}),
    ...(thirdPartyId && thirdPartyUserId ? { thirdParty: { id: thirdPartyId, userId: thirdPartyUserId } } : {}),
  };
  if (email !== undefined && phoneNumber !== undefined && recipeId === 'passwordless') {
    return [
      { ...common, email },
      { ...common, phoneNumber },
    ];
  }
  return [
    { ...common, ...(email === undefined ? {} : { email }), ...(phoneNumber === undefined ? {} : { phoneNumber }) },
  ];
}
