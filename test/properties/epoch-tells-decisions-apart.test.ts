/**
 * Two readings of a tenant that ask anything else of anybody have different epochs; what cannot matter has none of its own.
 *
 * Why: a session is sent to its refresh because of its epoch and of nothing else. An attribute that decides and does not
 * count leaves sessions where a stricter tenant no longer wants them; one that counts and does not decide sends
 * everybody to refresh for a new logo.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTenant } from '../../shared/account/parse-tenant.ts';
import { TenantSchema } from '../../shared/account/tenant-schema.ts';
import type { Tenant } from '../../shared/account/tenant.ts';
import type { LoginMethod, User } from '../../shared/account/user.ts';
import { userWith } from '../../shared/account/user.ts';
import { evaluate } from '../../shared/mfa/evaluate.ts';
import { claimsOf, verificationOf } from '../../shared/session/claims.ts';
import { factsOf } from '../../shared/session/facts.ts';
import { epochOf } from '../../shared/session/policy-epoch.ts';

const NOW = 1_767_268_800_000;
const DAY = 86_400_000;
const CLIENT = { ip: '192.0.2.1', userAgent: 'test', country: '', authMode: 'header' };
const SECOND = ['otp-email', 'otp-phone', 'totp'] as const;
type Document = Readonly<Record<string, unknown>>;

const some = <T>(values: readonly T[]) => fc.subarray([...values]);
const when = fc.constantFrom(
  undefined,
  "'admin' in user.roles",
  "has(tenant.metadata.tier) && tenant.metadata.tier == 'gold'",
  "'totp' in tenant.requiredSecondaryFactors",
  'user.phones.size() == 0',
);
const rule = fc.record({
  when,
  asks: fc.oneof(
    fc.record({ require: fc.array(fc.constantFrom(...SECOND), { minLength: 1, maxLength: 2 }) }),
    fc.record({ requireFrom: fc.constantFrom('user', 'tenant') }),
  ),
  rememberable: fc.constantFrom(undefined, false),
  mode: fc.constantFrom(undefined, 'observe'),
  rollout: fc.constantFrom(undefined, 50),
});

/** For every attribute a tenant may have, what it may be: one without a line here fails the first test below. */
const DECIDING: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  mfaPolicy: fc.record({
    rules: fc
      .array(rule, { maxLength: 3 })
      .map((rules) => rules.map(({ asks, ...terms }, i) => ({ id: `r${i}`, ...terms, ...asks }))),
    merge: fc.constantFrom('all', 'any'),
  }),
  requiredSecondaryFactors: some(SECOND),
  secondFactors: some([...SECOND, 'backup-code']),
  backupCodeReplaces: some(SECOND),
  contactMethod: fc.constantFrom('EMAIL_OR_PHONE', 'EMAIL', 'PHONE'),
  profile: fc.constantFrom('strict', 'compat'),
  firstEnrolment: fc.constantFrom('proof', 'open'),
  distinctChannels: fc.boolean(),
  emailVerification: fc.constantFrom('OFF', 'OPTIONAL', 'REQUIRED'),
  rememberDevice: fc.record({ days: fc.constantFrom(1, 30) }),
  metadata: fc.record({ tier: fc.constantFrom('gold', 'plain') }),
};

/** What a session of today does not depend on, whatever it is. */
const OTHERS: Readonly<Record<string, unknown>> = {
  name: 'Acme',
  firstFactors: ['emailpassword'],
  flowType: 'MAGIC_LINK',
  allowedOrigins: ['https://app.example.com'],
  optInOnConsume: true,
  websiteBasePath: '/login',
  accountLinking: { automatic: true },
  secondFactorNeedsVerifiedEmail: true,
  strictEnumeration: true,
  strictRefresh: true,
  endSessionsOnFactorChange: false,
  passwordMinLength: 12,
  otpDigits: 8,
  smsCountries: ['HU'],
  smsDailyBudgetUsd: 5,
  smsPriceUsd: 0.2,
  signUpFields: [{ id: 'company' }],
  branding: { color: '#0b6b53', logoUrl: 'https://acme.example/logo.svg' },
  claims: { plan: 'user.metadata.plan' },
  templates: { en: { reset: { subject: 'Your new password' } } },
  providers: [{ thirdPartyId: 'google', clientId: 'x', sealedSecret: 'eW91ciBzZWNyZXQ=' }],
  limits: {},
  policyState: { version: 3, hash: '0123456789abcdef', activatedAt: NOW },
};

const documents: fc.Arbitrary<Document> = fc.record(
  Object.fromEntries(Object.entries(DECIDING).map(([name, value]) => [name, fc.option(value, { nil: undefined })])),
);
/** Another one, that differs in one or two attributes: nothing hides behind what differs besides. */
const pairs = documents.chain((one) =>
  fc
    .tuple(fc.subarray(Object.keys(DECIDING), { minLength: 1, maxLength: 2 }), documents)
    .map(
      ([names, other]) => [one, { ...one, ...Object.fromEntries(names.map((name) => [name, other[name]])) }] as const,
    ),
);

const users: readonly (readonly [User, string, readonly string[]])[] = (() => {
  const method = (own: Partial<LoginMethod>): LoginMethod => ({
    recipeUserId: 'u1',
    recipeId: 'emailpassword',
    verified: true,
    timeJoined: NOW - 100 * DAY,
    tenantIds: ['acme'],
    ...own,
  });
  const device = {
    id: 'd1',
    tenantId: 'acme',
    tokenHash: '',
    epoch: 0,
    createdAt: NOW - 20 * DAY,
    rotatedAt: NOW - 20 * DAY,
    expiresAt: NOW + 20 * DAY,
    fingerprint: '',
    userAgent: '',
    trusted: { totp: NOW / 1000 - 20 * 86_400, 'otp-email': NOW / 1000 - 20 * 86_400 },
  };
  const phone = method({ recipeUserId: 'p1', recipeId: 'passwordless', phoneNumber: '+36301234567' });
  const email = 'person@example.com';
  const plain = userWith(method({ email, passwordHash: 'x' }));
  const unproven = userWith(method({ email, passwordHash: 'x', verified: false }));
  const listed = { ...plain, requiredFactors: ['otp-email', 'totp'], roles: { acme: ['admin'] } };
  const both = { ...plain, loginMethods: [...plain.loginMethods, phone] };
  const coded = { ...both, backupCodes: { macs: ['x'], kid: 'r1', createdAt: NOW } };
  const everyone = [plain, unproven, listed, both, coded].flatMap((user): readonly User[] => [
    user,
    { ...user, devices: [device] },
  ]);
  const begun: readonly (readonly [string, readonly string[]])[] = [
    ['emailpassword', ['emailpassword']],
    ['emailpassword', ['emailpassword', 'otp-email']],
    ['emailpassword', ['emailpassword', 'backup-code']],
    ['otp-email', ['otp-email']],
    ['otp-phone', ['otp-phone']],
  ];
  return everyone.flatMap((user) => begun.map(([first, completed]) => [user, first, completed] as const));
})();

/** Everything a tenant has to say of each of these people: what is asked, what is offered, and what their tokens open. */
async function decisions(tenant: Tenant): Promise<readonly unknown[]> {
  const roles = { permissionsOf: () => Promise.resolve([]) };
  return Promise.all(
    users.map(async ([user, firstFactor, completed]) => {
      const about = {
        user,
        tenant,
        firstFactor,
        completed: Object.fromEntries(completed.map((factor) => [factor, NOW / 1000])),
        client: CLIENT,
        device: { id: 'd1', isNew: false },
      };
      const facts = await factsOf(about, { roles, clock: { now: () => NOW } });
      const evaluation = evaluate(tenant, facts);
      const { claim, next, repeated, mayEnrolAnywhere, ahead, decision } = evaluation;
      const verification = verificationOf(tenant, user, user.userId);
      const { aud, scope, 'st-ev': st } = claimsOf({ PUBLIC_URL: 'https://x' }, evaluation, facts, NOW, verification);
      const { requirements, waivers } = decision;
      return { claim, next, repeated, mayEnrolAnywhere, ahead, requirements, waivers, aud, scope, st };
    }),
  );
}

const parsed = async (document: Document): Promise<Tenant | undefined> => {
  try {
    return await parseTenant('acme', JSON.parse(JSON.stringify(document)));
  } catch {
    return undefined;
  }
};
const pe = (tenant: Tenant): string => epochOf(tenant, NOW).pe;

it('every attribute of a tenant is known here, as one that decides or as one that does not', () => {
  const named = [...Object.keys(DECIDING), ...Object.keys(OTHERS)];
  expect(named.toSorted()).toEqual(Object.keys(TenantSchema.entries).toSorted());
});

describe('the epoch of a tenant', () => {
  it('is another one wherever anybody is asked anything else', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async ([left, right]) => {
        const [one, other] = await Promise.all([parsed(left), parsed(right)]);
        if (one === undefined || other === undefined || pe(one) !== pe(other)) return;
        expect(await decisions(other)).toEqual(await decisions(one));
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  const asks = { mfaPolicy: { rules: [{ id: 'all', require: [{ oneOf: ['totp', 'otp-email'] }] }] } };
  const golden = (tier: string): Document => ({
    metadata: { tier },
    mfaPolicy: {
      rules: [{ id: 'r', when: "has(tenant.metadata.tier) && tenant.metadata.tier == 'gold'", require: ['totp'] }],
    },
  });
  it.each<[string, Document, Document]>([
    ['the policy', {}, asks],
    [
      'how lists are merged',
      { requiredSecondaryFactors: ['totp'] },
      {
        mfaPolicy: {
          rules: [
            { id: 'user', requireFrom: 'user' },
            { id: 'tenant', requireFrom: 'tenant' },
          ],
          merge: 'any',
        },
        requiredSecondaryFactors: ['totp'],
      },
    ],
    ['requiredSecondaryFactors', {}, { requiredSecondaryFactors: ['totp'] }],
    ['secondFactors', asks, { ...asks, secondFactors: ['otp-email'] }],
    ['backupCodeReplaces', asks, { ...asks, backupCodeReplaces: ['totp', 'otp-email'] }],
    ['contactMethod', asks, { ...asks, contactMethod: 'EMAIL' }],
    ['profile', asks, { ...asks, profile: 'compat' }],
    ['firstEnrolment', asks, { ...asks, firstEnrolment: 'open' }],
    ['distinctChannels', asks, { ...asks, distinctChannels: false }],
    ['emailVerification', {}, { emailVerification: 'REQUIRED' }],
    ['rememberDevice', asks, { ...asks, rememberDevice: { days: 30 } }],
    ['its days', { ...asks, rememberDevice: { days: 30 } }, { ...asks, rememberDevice: { days: 1 } }],
    ['metadata that a condition reads', golden('gold'), golden('plain')],
  ])('is another one for %s, which decides', async (_, left, right) => {
    const [one, other] = [await parseTenant('acme', left), await parseTenant('acme', right)];
    expect(await decisions(other)).not.toEqual(await decisions(one));
    expect(pe(other)).not.toBe(pe(one));
  });

  it.each(Object.entries(OTHERS))('stays as it is whatever %s says', async (name, value) => {
    const [one, other] = [await parseTenant('acme', asks), await parseTenant('acme', { ...asks, [name]: value })];
    expect(pe(other)).toBe(pe(one));
    expect(await decisions(other)).toEqual(await decisions(one));
  });

  it.each<[string, Document, Document]>([
    ['a policy becomes immediate', asks, { mfaPolicy: { ...asks.mfaPolicy, immediate: true } }],
    [
      'a default is written out',
      { mfaPolicy: asks.mfaPolicy },
      {
        mfaPolicy: { ...asks.mfaPolicy, merge: 'all' },
        profile: 'strict',
        distinctChannels: true,
        firstEnrolment: 'proof',
        emailVerification: 'OFF',
        metadata: {},
      },
    ],
    [
      'a list is stored as a set',
      { requiredSecondaryFactors: ['totp'] },
      { requiredSecondaryFactors: new Set(['totp']) },
    ],
  ])('stays as it is where %s', async (_, left, right) => {
    expect(pe(await parseTenant('acme', right))).toBe(pe(await parseTenant('acme', left)));
  });
});
