import * as fc from 'fast-check';

/** Accounts, tenants and policies of every kind there is, drawn for what must hold of all of them. */

const SECOND = ['otp-email', 'otp-phone', 'totp'] as const;
const DAY = 86_400_000;
const some = <T>(values: readonly T[]) => fc.subarray([...values]);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.oneof(fc.constant(undefined), value);
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const often = <T>(value: T, weight: number) => ({ weight, arbitrary: fc.constant(value) });

const roles = some(['admin']);

const account = fc.record({
  password: fc.constantFrom('verified', 'verified', 'unverified', undefined),
  unset: fc.oneof(often(false, 8), often(true, 1)),
  provider: fc.constantFrom(undefined, undefined, undefined, 'verified', 'verified', 'unverified', 'silent'),
  byMail: fc.constantFrom(undefined, undefined, undefined, 'before', 'after'),
  byPhone: fc.constantFrom(undefined, undefined, 'before', 'after'),
  phone: fc.constantFrom('+3630', '+3630', '+4915', 'landline'),
  /** Undefined: where it has several login methods. */
  primary: fc.constantFrom(undefined, undefined, false, true),
  app: fc.boolean(),
  backupCode: fc.boolean(),
  roles,
  plan: fc.boolean(),
  required: some(SECOND),
  owed: fc.oneof(often([], 5), { weight: 1, arbitrary: some([...SECOND, 'backup-code']) }),
  /** How long from now; one that ends before `wait` has ended by then. */
  exemptFor: fc.oneof(often(undefined, 8), { weight: 1, arbitrary: fc.constantFrom(-DAY, DAY, 30 * DAY) }),
  graceFor: fc.dictionary(fc.constantFrom('r0', 'r1', 'r2'), fc.constantFrom(-DAY, DAY, 30 * DAY), { maxKeys: 2 }),
  alsoElsewhere: fc.oneof(often(false, 4), often(true, 1)),
  guesses: fc.oneof(often(undefined, 10), { weight: 1, arbitrary: fc.constantFrom('few', 'many', 'over') }),
  mailOver: fc.oneof(often(false, 12), often(true, 1)),
  devices: fc.constantFrom(0, 0, 0, 1, 12),
  disabled: fc.oneof(often(false, 20), often(true, 1)),
});

/** Another account of the same mailbox: nothing else, or somebody's own. */
const another = fc.option(
  fc.record({
    by: fc.constantFrom('mail', 'mail', 'password', 'provider'),
    verified: fc.oneof(often(true, 3), often(false, 1)),
    primary: fc.boolean(),
    own: fc.boolean(),
    app: fc.oneof(often(false, 3), often(true, 1)),
    byPhone: fc.oneof(often(false, 3), often(true, 1)),
    roles,
    required: fc.oneof(often([], 2), { weight: 1, arbitrary: some(SECOND) }),
    disabled: fc.oneof(often(false, 8), often(true, 1)),
  }),
  { nil: undefined, freq: 1 },
);

/** An address of the account that is kept for somebody after a change. */
const kept = fc.oneof(often(undefined, 6), {
  weight: 1,
  arbitrary: fc.record({
    kind: fc.constantFrom('passwordless:email', 'passwordless:phone', 'primary:email', 'primary:phone'),
    whose: fc.constantFrom('other', 'other', 'own'),
    until: fc.constantFrom(DAY, 3 * DAY, 3 * DAY),
  }),
});

const factor = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...SECOND) },
  { weight: 1, arbitrary: fc.constantFrom('backup-code', 'webauthn', 'company-badge') },
);
const requirement = fc.oneof(
  factor,
  fc.record({ oneOf: fc.array(factor, { minLength: 1, maxLength: 3 }) }),
  fc.record({ allOfInAnyOrder: fc.array(factor, { minLength: 1, maxLength: 3 }) }),
);
const condition = fc.constantFrom(
  "'admin' in user.roles",
  "'billing' in user.permissions",
  "has(user.metadata.plan) && user.metadata.plan == 'paid'",
  "user.metadata.plan == 'paid'",
  "session.firstFactor == 'otp-email'",
  "session.firstFactor == 'thirdparty'",
  'session.isNewDevice',
  '!session.isNewDevice',
  'user.phones.size() == 0',
  "user.emails.exists(e, e.endsWith('@example.com'))",
  "'totp' in user.factorsSetUp",
  "'otp-email' in session.completed",
  "'otp-phone' in user.requiredFactors",
  "'totp' in tenant.requiredSecondaryFactors",
  "has(tenant.metadata.tier) && tenant.metadata.tier == 'gold'",
  "inNetwork(request.ip, '127.0.0.0/8')",
  "inNetwork(request.ip, '10.0.0.0/8')",
  "inNetwork(request.ip, 'no network')",
  "request.userAgent.contains('test-browser')",
  "request.country == ''",
  "now > timestamp('2000-01-01T00:00:00Z')",
  "now - user.timeJoined > duration('720h')",
);
const terms = {
  when: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: condition }),
  unless: seldom(condition),
  mode: fc.oneof(often(undefined, 6), {
    weight: 1,
    arbitrary: fc.constantFrom('observe' as const, 'enforce' as const),
  }),
  graceDays: seldom(fc.constantFrom(1, 3)),
  rollout: seldom(fc.constantFrom(0, 33.3, 50, 100)),
  from: seldom(fc.constantFrom('past' as const, 'past' as const, 'soon' as const, 'late' as const)),
  rememberable: seldom(fc.boolean()),
};
const rule = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ...terms, require: fc.array(requirement, { minLength: 1, maxLength: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ ...terms, requireFrom: fc.constantFrom('user' as const, 'tenant' as const) }) },
);
const policy = fc.record({
  rules: fc
    .array(rule, { minLength: 1, maxLength: 3 })
    .map((rules) => rules.map((one, i) => ({ id: `r${i}`, ...one }))),
  merge: fc.constantFrom('all' as const, 'any' as const),
  immediate: maybe(fc.boolean()),
});

const tenant = fc.record({
  firstFactors: fc.constantFrom<(string[] | undefined)[]>(
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    ['otp-phone'],
    ['emailpassword'],
    ['emailpassword', 'otp-email'],
    ['otp-email', 'link-email', 'otp-phone'],
    ['otp-phone', 'emailpassword'],
    ['thirdparty', 'emailpassword'],
  ),
  requiredSecondaryFactors: maybe(some(SECOND)),
  secondFactors: maybe(some(['otp-email', 'otp-phone', 'totp', 'backup-code'])),
  backupCodeReplaces: maybe(some(SECOND)),
  contactMethod: fc.constantFrom(undefined, undefined, undefined, 'EMAIL', 'PHONE'),
  optInOnConsume: maybe(fc.boolean()),
  firstEnrolment: fc.constantFrom(undefined, undefined, 'open'),
  distinctChannels: maybe(fc.boolean()),
  profile: fc.constantFrom(undefined, undefined, undefined, 'compat'),
  emailVerification: fc.constantFrom(undefined, 'OFF', 'OPTIONAL', 'REQUIRED', 'REQUIRED'),
  accountLinking: fc.constantFrom(undefined, { automatic: false }, { automatic: true }, { automatic: true }),
  secondFactorNeedsVerifiedEmail: maybe(fc.boolean()),
  rememberDevice: fc.constantFrom<({ days: number; max?: number } | undefined)[]>(
    undefined,
    { days: 1 },
    { days: 30, max: 2 },
  ),
  smsCountries: fc.constantFrom(undefined, ['HU'], ['HU'], []),
  smsDailyBudgetUsd: fc.constantFrom(undefined, undefined, undefined, 0, 0.15),
  metadata: fc.constantFrom(undefined, { tier: 'gold' }),
  withProvider: fc.oneof(often(true, 5), often(false, 1)),
});

const anyWorld = fc.record({
  account,
  another,
  kept,
  tenant,
  policy,
  /** What the simulation is told of the request; a sign-in knows it all. */
  told: fc.oneof(often(true, 6), often(false, 1)),
  /** The simulation is of so many milliseconds later. */
  wait: fc.constantFrom(0, 0, 2 * DAY),
});
const HOLDER = {
  by: 'mail' as const,
  verified: true,
  primary: true,
  own: true,
  app: true,
  byPhone: true,
  roles: ['admin' as const],
  required: [],
  disabled: false,
};

/** Where an account is linked to another one as it signs in, or would be but for one thing. */
const linkingWorld = fc
  .tuple(
    anyWorld,
    another,
    fc.constantFrom('password', 'provider'),
    fc.constantFrom('verified', 'verified', 'unverified'),
  )
  .map(([drawn, other, by, word]): World => {
    const { rules, ...policyAbout } = drawn.policy;
    const asksAdmins = rules.map((one) => ({ ...one, when: one.when ?? "'admin' in user.roles" }));
    return {
      ...drawn,
      account: {
        ...drawn.account,
        password: by === 'password' ? word : undefined,
        provider: by === 'provider' ? word : undefined,
        byMail: undefined,
        byPhone: undefined,
        primary: undefined,
        app: false,
        backupCode: false,
        roles: [],
        required: [],
        owed: [],
        alsoElsewhere: false,
        disabled: false,
      },
      policy: { ...policyAbout, rules: asksAdmins },
      tenant: { ...drawn.tenant, firstFactors: undefined, accountLinking: { automatic: true }, withProvider: true },
      another: { ...(other ?? HOLDER), primary: true, roles: other?.roles ?? ['admin'] },
    };
  });

export const world = fc.oneof({ weight: 2, arbitrary: anyWorld }, { weight: 1, arbitrary: linkingWorld });
export type World = typeof anyWorld extends fc.Arbitrary<infer W> ? W : never;

const FROM = { past: '2000-01-01', late: '2400-01-01' } as const;

/** @param soon epoch milliseconds of what begins between now and `wait`. */
export function policyOf({ policy: { rules, ...rest } }: World, soon: number) {
  const dated = rules.map(({ from, ...one }) => ({
    ...one,
    ...(from === undefined ? {} : { from: from === 'soon' ? new Date(soon).toISOString() : FROM[from] }),
  }));
  return { ...rest, rules: dated };
}

/** Nobody in particular, in a tenant that asks for nothing. */
export const PLAIN: World = {
  account: {
    password: 'verified',
    unset: false,
    provider: undefined,
    byMail: undefined,
    byPhone: undefined,
    phone: '+3630',
    primary: undefined,
    app: false,
    backupCode: false,
    roles: [],
    plan: false,
    required: [],
    owed: [],
    exemptFor: undefined,
    graceFor: {},
    alsoElsewhere: false,
    guesses: undefined,
    mailOver: false,
    devices: 0,
    disabled: false,
  },
  another: undefined,
  kept: undefined,
  tenant: {
    firstFactors: undefined,
    requiredSecondaryFactors: undefined,
    secondFactors: undefined,
    backupCodeReplaces: undefined,
    contactMethod: undefined,
    optInOnConsume: undefined,
    firstEnrolment: undefined,
    distinctChannels: undefined,
    profile: undefined,
    emailVerification: undefined,
    accountLinking: undefined,
    secondFactorNeedsVerifiedEmail: undefined,
    rememberDevice: undefined,
    smsCountries: undefined,
    smsDailyBudgetUsd: undefined,
    metadata: undefined,
    withProvider: true,
  },
  policy: { rules: [], merge: 'all', immediate: undefined },
  told: true,
  wait: 0,
};
