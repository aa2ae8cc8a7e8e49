import * as v from 'valibot';
import { isTenantId } from '../account/tenant-id.ts';
import { isRole, isUserId } from '../dynamo/keys.ts';
import { MAX_TOTP_DEVICES } from '../limits.ts';
import { isFactorId } from '../mfa/factor.ts';

/** A user as a line of our own import format has it, and as an export writes it. docs/import-export.md tells each member. */

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));
const userId = v.pipe(v.string(), v.check(isUserId, 'is not a user id: 1 to 128 of A-Z a-z 0-9 . _ : @ + - |'));
const tenantId = v.pipe(v.string(), v.check(isTenantId, 'is not a tenant id'));
const role = v.pipe(v.string(), v.check(isRole, 'is not a role: 1 to 64 of A-Z a-z 0-9 . _ : -'));
const factor = v.pipe(v.string(), v.check(isFactorId, 'is not a factor id'));
/** Compared in constant time, which takes one length. */
const mac = v.pipe(v.string(), v.regex(/^[\w-]{43}$/, 'is not the MAC of a code'));
const tenantIds = v.pipe(v.array(tenantId), v.minLength(1), v.maxLength(40));

/** Epoch milliseconds, or a date and time with its zone. */
const time = v.union(
  [
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15)),
    v.pipe(
      v.string(),
      v.isoTimestamp(),
      v.transform((value) => Date.parse(value)),
      v.number(),
    ),
  ],
  'must be epoch milliseconds or an ISO date and time',
);

const number = v.pipe(v.number(), v.integer(), v.minValue(0));

/** For hashes whose text does not say how they were made. */
const HashParts = v.variant('algorithm', [
  v.strictObject({
    algorithm: v.literal('scrypt'),
    N: number,
    r: number,
    p: number,
    salt: text(200),
    hash: text(200),
    /** Of the salt. `text`: its characters are its bytes. */
    saltEncoding: v.optional(v.picklist(['base64', 'hex', 'text']), 'base64'),
    hashEncoding: v.optional(v.picklist(['base64', 'hex']), 'base64'),
  }),
  v.strictObject({
    algorithm: v.literal('firebase-scrypt'),
    hash: text(200),
    salt: text(200),
    /** The project's; where they are absent, those the import was given. */
    signerKey: v.exactOptional(text(200)),
    saltSeparator: v.exactOptional(text(200)),
    rounds: v.exactOptional(number),
    memoryCost: v.exactOptional(number),
  }),
]);

const LoginMethod = v.strictObject({
  recipeUserId: v.exactOptional(userId),
  recipeId: v.picklist(['emailpassword', 'passwordless', 'thirdparty']),
  email: v.exactOptional(text(320)),
  phoneNumber: v.exactOptional(text(40)),
  thirdParty: v.exactOptional(v.strictObject({ id: text(64), userId: text(512) })),
  verified: v.optional(v.boolean(), false),
  timeJoined: v.exactOptional(time),
  tenantIds: v.exactOptional(tenantIds),
  passwordHash: v.exactOptional(v.union([text(600), HashParts], 'must be a hash or its parts')),
  /** In the clear, for systems that have no more: hashed before it is stored. */
  password: v.exactOptional(text(512)),
});

const TotpDevice = v.strictObject({
  /** As users may name one: printable, and not blank. */
  name: v.exactOptional(
    v.pipe(v.string(), v.maxLength(64), v.regex(/^(?=.*\S)[^\p{C}]+$/u, 'must be 1 to 64 printable characters')),
  ),
  /** Base 32, as the app was told. */
  secret: v.pipe(
    v.string(),
    v.transform((value) => value.replaceAll(/[\s=-]/g, '').toUpperCase()),
    v.regex(/^[A-Z2-7]{16,208}$/, 'must be base 32 of 10 to 130 bytes'),
  ),
  period: v.optional(v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(300)), 30),
  verified: v.optional(v.boolean(), true),
  lastStep: v.optional(number, 0),
  createdAt: v.exactOptional(time),
});

const rolesByTenant = v.record(tenantId, v.pipe(v.array(role), v.maxLength(100)));

export const UserRecordSchema = v.strictObject({
  id: v.exactOptional(userId),
  status: v.optional(v.picklist(['active', 'disabled']), 'active'),
  timeJoined: v.exactOptional(time),
  isPrimary: v.exactOptional(v.boolean()),
  tenantIds: v.exactOptional(tenantIds),
  metadata: v.optional(v.record(v.string(), v.unknown()), {}),
  loginMethods: v.pipe(
    v.array(LoginMethod),
    v.minLength(1, 'must hold one way to sign in at least'),
    v.maxLength(20, 'must hold 20 at most'),
  ),
  /** By tenant; a plain list is of the tenant that the import is for. */
  roles: v.exactOptional(v.union([v.array(role), rolesByTenant], 'must be lists of roles by tenant')),
  requiredFactors: v.optional(v.pipe(v.array(factor), v.maxLength(20)), []),
  owedFactors: v.exactOptional(v.pipe(v.array(factor), v.maxLength(20))),
  totpDevices: v.optional(v.pipe(v.array(TotpDevice), v.maxLength(MAX_TOTP_DEVICES)), []),
  /** MACs under this deployment's root secret: good nowhere else. */
  backupCodes: v.exactOptional(
    v.strictObject({ macs: v.pipe(v.array(mac), v.maxLength(20)), kid: text(64), createdAt: time }),
  ),
  grace: v.exactOptional(
    v.record(tenantId, v.record(v.pipe(v.string(), v.regex(/^[^#]{1,40}$/, 'is not a rule id')), time)),
  ),
  exemptions: v.exactOptional(
    v.record(tenantId, v.strictObject({ until: time, reason: text(400), by: v.exactOptional(text(400)) })),
  ),
});

export type UserRecord = v.InferOutput<typeof UserRecordSchema>;
export type RecordInput = v.InferInput<typeof UserRecordSchema>;
export type MethodRecord = UserRecord['loginMethods'][number];
export type HashInput = NonNullable<RecordInput['loginMethods'][number]['passwordHash']>;
export type HashRecord = NonNullable<MethodRecord['passwordHash']>;

/** Something about one line that its report says. Never a value. */
export class LineFault extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'LineFault';
  }
}

const MAPS = ['metadata', 'roles', 'grace', 'exemptions'] as const;
/** The schemas leave these out without a word, and nothing of a record may be lost so. */
const UNKEPT = ['__proto__', 'constructor', 'prototype'];

function unkeptIn(raw: unknown): readonly string[] {
  const members = new Map<string, unknown>(Object.entries(typeof raw === 'object' && raw !== null ? raw : {}));
  return MAPS.flatMap((member) =>
    Object.keys(members.get(member) ?? {})
      .filter((name) => UNKEPT.includes(name))
      .map((name) => `${member}.${name}: cannot be kept under this name`),
  );
}

/** @throws LineFault naming every member at fault, as `loginMethods.0.email: …`. */
export function parseRecord(raw: unknown): UserRecord {
  const unkept = unkeptIn(raw);
  if (unkept.length > 0) throw new LineFault(unkept.join('; '));
  const parsed = v.safeParse(UserRecordSchema, raw);
  if (parsed.success) return parsed.output;
  throw new LineFault(parsed.issues.map(faultOf).join('; '));
}

function faultOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'record';
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${path}: is not a member we know`;
  return `${path}: ${issue.message.replace(/ but received .*$/s, '')}`;
}
