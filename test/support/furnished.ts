import { randomUUID } from 'node:crypto';
import { hashPassword } from '../../shared/account/password.ts';
import { contactKindOf, contactOf, primaryKind } from '../../shared/account/contact-kind.ts';
import type { LoginMethod, User } from '../../shared/account/user.ts';
import { macOf } from '../../shared/backup-codes/code.ts';
import {
  backupCodesKey,
  factorsKey,
  lookupKey,
  memberKey,
  profileKey,
  rolesKey,
  totpKey,
} from '../../shared/dynamo/keys.ts';
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
}

let hashed: Promise<string> | undefined;

/** Writes the account item by item. @returns its id, and what its owner knows. */
export async function furnish(stepgate: Stepgate, about: Furnishing) {
  const { tenantId, email, phone } = about;
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
    tenantIds: [tenantId],
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
              passwordHash: await (hashed ??= hashPassword(PASSWORD)),
            },
            joined,
          ),
        ]),
    ...(about.byMail === undefined || email === undefined ? [] : [method({ email }, order[about.byMail])]),
    ...(about.byPhone === undefined || phone === undefined
      ? []
      : [method({ phoneNumber: phone }, order[about.byPhone] + 1)]),
  ];
  const isPrimary = about.primary ?? loginMethods.length > 1;
  const user: User = {
    userId,
    status: about.status ?? 'active',
    epoch: 0,
    version: 0,
    isPrimary,
    timeJoined: joined,
    tenantIds: [tenantId],
    metadata: about.metadata ?? {},
    loginMethods,
    roles: {},
    requiredFactors: [],
    ...(about.owed === undefined || about.owed.length === 0 ? {} : { owedFactors: about.owed }),
  };
  const lookup = (kind: Parameters<typeof secrets.index>[0], own: LoginMethod) => ({
    ...lookupKey(tenantId, secrets.index(kind, tenantId, contactOf(own))),
    userId,
    recipeUserId: own.recipeUserId,
  });
  const seed = newSeed();
  const code = '7K3Q-M9XD-2HTB';
  const factors = {
    ...((about.required ?? []).length === 0 ? {} : { required: new Set(about.required) }),
    ...(about.exemptUntil === undefined
      ? {}
      : { [`exempt#${tenantId}`]: { until: about.exemptUntil, reason: 'test' } }),
  };
  const items = [
    profileItem(user),
    { ...memberKey(tenantId, userId), joinedAt: joined },
    ...loginMethods.flatMap((own) => [
      loginItem(userId, own),
      lookup(contactKindOf(own), own),
      ...(isPrimary ? [lookup(primaryKind(own), own)] : []),
    ]),
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

/** Takes away what makes the account one that can be read. */
export const spoil = (stepgate: Stepgate, userId: string) =>
  stepgate.put({ ...profileKey(userId), userId, status: 'strange' });
