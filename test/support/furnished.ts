import { randomUUID } from 'node:crypto';
import { hashPassword } from '../../shared/account/password.ts';
import { addressOf, contactKindOf, contactOf, primaryKind } from '../../shared/account/contact-kind.ts';
import type { LoginMethod, User } from '../../shared/account/user.ts';
import { macOf } from '../../shared/backup-codes/code.ts';
import { budgetKey } from '../../shared/dynamo/budgets.ts';
import { keptFor } from '../../shared/dynamo/claims.ts';
import {
  backupCodesKey,
  factorsKey,
  lookupKey,
  memberKey,
  profileKey,
  rememberedKey,
  rolesKey,
  totpKey,
} from '../../shared/dynamo/keys.ts';
import type { Secrets } from '../../shared/keys/secrets.ts';
import { destinationBudget, userBudget } from '../../shared/limits.ts';
import { loginItem, profileItem } from '../../shared/dynamo/users.ts';
import { enrolmentOf, newSeed, sealSeed } from '../../shared/totp/code.ts';
import { PASSWORD, type Stepgate } from './stepgate.ts';

const DAY = 86_400_000;

/** An account as years of use may leave it; everything but a first login method is optional. */
export interface Furnishing {
  readonly tenantId: string;
  readonly email?: string;
  readonly phone?: string;
  /** Absent: no password. */
  readonly password?: 'verified' | 'unverified';
  /** The login method is there without a password: it was imported so, or put out of use. */
  readonly unset?: boolean;
  /** Signs in with `corp`; what that says of the e-mail address, if it says any. */
  readonly provider?: 'verified' | 'unverified' | 'silent';
  /** The subject there. */
  readonly subject?: string;
  /** When the e-mail was proven by a code, beside the password. */
  readonly byMail?: 'before' | 'after';
  readonly byPhone?: 'before' | 'after';
  readonly app?: boolean;
  readonly backupCode?: boolean;
  readonly primary?: boolean;
  readonly status?: 'active' | 'disabled';
  readonly roles?: readonly string[];
  readonly metadata?: User['metadata'];
  readonly required?: readonly string[];
  readonly owed?: readonly string[];
  readonly exemptUntil?: number;
  /** By rule: when a grace ends that has begun. Epoch milliseconds. */
  readonly grace?: Readonly<Record<string, number>>;
  /** Another tenant of which it is a member, with all of its methods. */
  readonly alsoIn?: string;
  /** Wrong codes of a user: a few; 50, of which the lock has passed; so many that none is compared any more. */
  readonly guesses?: 'few' | 'many' | 'over';
  /** So many wrong codes to its e-mail address alone. */
  readonly mailOver?: boolean;
  /** Devices that finished a sign-in, and showed a code by mail. */
  readonly devices?: number;
}

let hashed: Promise<string> | undefined;

/** Writes the account item by item. @returns its id, and what its owner knows. */
export async function furnish(stepgate: Stepgate, about: Furnishing) {
  const { tenantId, email, phone } = about;
  const tenantIds = [tenantId, ...(about.alsoIn === undefined ? [] : [about.alsoIn])];
  const { keys, clock } = stepgate.app();
  const secrets = await keys.secrets();
  const userId = randomUUID();
  const joined = clock.now() - 10 * DAY;
  const order = { before: joined - DAY, after: joined + DAY };
  const method = (own: Partial<LoginMethod>, at: number): LoginMethod => ({
    recipeUserId: randomUUID(),
    recipeId: 'passwordless',
    verified: true,
    timeJoined: at,
    tenantIds,
    ...own,
  });
  const loginMethods = [
    ...(about.password === undefined || email === undefined
      ? []
      : [
          method(
            {
              recipeId: 'emailpassword',
              email,
              verified: about.password === 'verified',
              ...(about.unset === true ? {} : { passwordHash: await (hashed ??= hashPassword(PASSWORD)) }),
            },
            joined,
          ),
        ]),
    ...(about.byMail === undefined || email === undefined ? [] : [method({ email }, order[about.byMail])]),
    ...(about.byPhone === undefined || phone === undefined
      ? []
      : [method({ phoneNumber: phone }, order[about.byPhone] + 1)]),
    ...(about.provider === undefined
      ? []
      : [
          method(
            {
              recipeId: 'thirdparty',
              thirdParty: { id: 'corp', userId: about.subject ?? userId },
              ...(about.provider === 'silent' || email === undefined ? {} : { email }),
              verified: about.provider === 'verified',
            },
            joined + 1,
          ),
        ]),
  ];
  const isPrimary = about.primary ?? loginMethods.length > 1;
  const user: User = {
    userId,
    status: about.status ?? 'active',
    epoch: 0,
    version: 0,
    isPrimary,
    timeJoined: joined,
    tenantIds,
    metadata: about.metadata ?? {},
    loginMethods,
    roles: {},
    requiredFactors: [],
    ...(about.owed === undefined || about.owed.length === 0 ? {} : { owedFactors: about.owed }),
  };
  const lookups = (kind: Parameters<typeof secrets.index>[0], value: string, own: LoginMethod) =>
    tenantIds.map((id) => ({
      ...lookupKey(id, secrets.index(kind, id, value)),
      userId,
      recipeUserId: own.recipeUserId,
    }));
  const seed = newSeed();
  const code = '7K3Q-M9XD-2HTB';
  const factors = {
    ...((about.required ?? []).length === 0 ? {} : { required: new Set(about.required) }),
    ...(about.exemptUntil === undefined
      ? {}
      : { [`exempt#${tenantId}`]: { until: about.exemptUntil, reason: 'test' } }),
    ...Object.fromEntries(
      Object.entries(about.grace ?? {}).map(([ruleId, until]) => [`grace#${tenantId}#${ruleId}`, until]),
    ),
  };
  const items = [
    profileItem(user),
    ...tenantIds.map((id) => ({ ...memberKey(id, userId), joinedAt: joined })),
    ...loginMethods.flatMap((own) => [
      loginItem(userId, own),
      ...lookups(contactKindOf(own), contactOf(own), own),
      ...(isPrimary && addressOf(own) !== '' ? lookups(primaryKind(own), addressOf(own), own) : []),
    ]),
    ...(await guessItems(stepgate, userId, about)),
    ...Array.from({ length: about.devices ?? 0 }, (_, n) => ({
      ...rememberedKey(userId, `device-${n}`),
      id: `device-${n}`,
      tenantId,
      tokenHash: `hash-${n}`,
      epoch: 0,
      createdAt: joined,
      rotatedAt: joined,
      expiresAt: clock.now() + 30 * DAY,
      fingerprint: 'print',
      userAgent: 'test-browser/1.0',
      trusted: { 'otp-email': Math.floor(clock.now() / 1000) },
    })),
    ...((about.roles ?? []).length === 0 ? [] : [{ ...rolesKey(userId, tenantId), roles: new Set(about.roles) }]),
    ...(Object.keys(factors).length === 0 ? [] : [{ ...factorsKey(userId), ...factors }]),
    ...(about.app === true
      ? [
          {
            ...totpKey(userId, 'app'),
            ...sealSeed(secrets, seed, userId, 'app'),
            name: 'app',
            period: 30,
            verified: true,
            lastStep: -1,
            createdAt: joined,
          },
        ]
      : []),
    ...(about.backupCode === true
      ? [
          {
            ...backupCodesKey(userId),
            macs: new Set([macOf(secrets, userId, code)]),
            kid: secrets.kid,
            createdAt: joined,
          },
        ]
      : []),
  ];
  for (const item of items) await stepgate.put(item);
  const { secret } = enrolmentOf(seed, { period: 30, issuer: 'test', account: undefined });
  return { userId, secret, code };
}

/** Counts of wrong guesses as they are stored. */
async function guessItems(stepgate: Stepgate, userId: string, about: Furnishing) {
  const { tenantId, email, guesses, mailOver } = about;
  const { keys, clock } = stepgate.app();
  const long = clock.now() - 3 * DAY;
  const count = async (budget: Parameters<typeof budgetKey>[1], consecutive: number) => ({
    ...(await budgetKey(keys, budget)),
    consecutive,
    allowance: consecutive < 10 ? 10 - consecutive : 0,
    lockCount: Math.floor(consecutive / 10),
    lastAt: long,
  });
  const wrong = guesses === undefined ? (mailOver === true ? 3 : 0) : { few: 3, many: 50, over: 100 }[guesses];
  const mail = { tenantId, purpose: 'second-factor', userId, contact: email ?? '' } as const;
  return [
    ...(wrong === 0 ? [] : [await count(userBudget(tenantId, userId), wrong)]),
    ...(mailOver === true ? [await count(destinationBudget(mail), 100)] : []),
  ];
}

/** Keeps a contact for somebody who has changed to another one. */
export async function keep(
  stepgate: Stepgate,
  about: {
    readonly tenantId: string;
    readonly kind: Parameters<Secrets['index']>[0];
    readonly value: string;
    /** For whom. */
    readonly userId: string;
    /** Epoch milliseconds. */
    readonly until: number;
  },
): Promise<void> {
  const { tenantId, kind, value, userId, until } = about;
  const secrets = await stepgate.app().keys.secrets();
  const key = lookupKey(tenantId, secrets.index(kind, tenantId, value));
  await stepgate.put({ ...key, userId: keptFor(userId), reservedUntil: until });
}

/** Takes away what makes the account one that can be read. */
export const spoil = (stepgate: Stepgate, userId: string) =>
  stepgate.put({ ...profileKey(userId), userId, status: 'strange' });
