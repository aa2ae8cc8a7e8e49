/**
 * What is simulated is what happens: for every generated account, tenant and policy, the sign-in itself asks what the
 * simulation says, can be finished by the steps it names, and cannot where it says that nobody gets in.
 *
 * Why: somebody decides by these numbers whether a policy is switched on. An account that is called safe and is not
 * stands outside on Monday morning; one that is called locked out and is not keeps a good policy from being used.
 */
import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { simulatePage, type SimulatedUser } from '../../shared/policies/simulate.ts';
import { withSealedSecrets } from '../../shared/third-party/secrets.ts';
import type { Browser } from '../support/browser.ts';
import { type Furnishing, furnish, keep } from '../support/furnished.ts';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { freshPhone, isIn, type Owner, person } from '../support/signing-in.ts';
import { useStepgate } from '../support/stepgate.ts';
import { corp } from '../support/third-party.ts';
import { PLAIN, policyOf, type World, world } from '../support/worlds.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();
const DAY = 86_400_000;
const json = (value: unknown) => JSON.parse(JSON.stringify(value));

let runs = 0;

/** The tenant, and the accounts of one mailbox in it. @returns whose sign-in it is about, and everybody by id. */
async function furnished(drawn: World) {
  const tenantId = `t${(runs += 1)}`;
  stepgate.clock.advance(25 * 3_600_000);
  const now = stepgate.clock.now();
  const { withProvider, ...about } = drawn.tenant;
  const document = {
    ...json({ ...about, mfaPolicy: policyOf(drawn, now + DAY) }),
    ...(withProvider ? { providers: [corp(idp.issuer())] } : {}),
  };
  await stepgate.tenant(tenantId, await withSealedSecrets(tenantId, document, {}, stepgate.app().secretSealer));
  await stepgate.put({ pk: 'ROLE#admin', sk: 'ROLE', permissions: new Set(['billing']) });

  const { plan, exemptFor, graceFor, alsoElsewhere, disabled, phone, ...rest } = drawn.account;
  const spec: Furnishing = {
    ...json(rest),
    tenantId,
    email: `u${runs}@example.com`,
    phone: freshPhone(phone),
    subject: randomUUID(),
    metadata: plan ? { plan: 'paid' } : {},
    status: disabled ? 'disabled' : 'active',
    grace: Object.fromEntries(Object.entries(graceFor).map(([id, ms]) => [id, now + ms])),
    ...(exemptFor === undefined ? {} : { exemptUntil: now + exemptFor }),
    ...(alsoElsewhere ? { alsoIn: `${tenantId}-b` } : {}),
  };
  if ([spec.password, spec.byMail, spec.byPhone, spec.provider].every((way) => way === undefined)) return undefined;
  const accounts = new Map<string, Owner>();
  const add = async (one: Furnishing) => {
    const made = await furnish(stepgate, one);
    accounts.set(made.userId, { ...one, ...made });
    return { ...one, ...made };
  };
  const own = await add(spec);
  const other = otherOf(drawn, spec);
  if (other !== undefined) await add(other);
  if (drawn.kept !== undefined) {
    const { kind, whose, until } = drawn.kept;
    const value = kind.endsWith('email') ? spec.email! : spec.phone!;
    const { claims } = stepgate.app();
    if ((await claims.holder(kind, tenantId, value, now)) === undefined) {
      const userId = whose === 'own' ? own.userId : randomUUID();
      await keep(stepgate, { tenantId, kind, value, userId, until: now + until });
    }
  }
  return { tenantId, own, accounts };
}

/** An account of the same mailbox, unless the two could not be there beside each other. */
function otherOf({ another }: World, spec: Furnishing): Furnishing | undefined {
  if (another === undefined) return undefined;
  const { by, verified, own, primary, app, byPhone, disabled, ...rest } = another;
  if ((by === 'mail' ? spec.byMail : by === 'password' ? spec.password : undefined) !== undefined) return undefined;
  const ways = [spec.password, spec.byMail, spec.byPhone, spec.provider].filter((way) => way !== undefined);
  const isTaken = spec.primary ?? ways.length > 1;
  const word = verified ? 'verified' : 'unverified';
  return {
    ...rest,
    tenantId: spec.tenantId,
    email: spec.email!,
    phone: freshPhone('+3630'),
    subject: randomUUID(),
    app,
    primary: primary && !isTaken,
    metadata: own ? { own: true } : {},
    status: disabled ? 'disabled' : 'active',
    ...(by === 'mail' ? { byMail: 'before' } : by === 'password' ? { password: word } : { provider: word }),
    ...(byPhone ? { byPhone: 'after' } : {}),
  };
}

const FIRST = {
  emailpassword: 'password',
  'otp-email': 'byMail',
  'otp-phone': 'byPhone',
  thirdparty: 'provider',
} as const;

/** Furnishes accounts, simulates one, and signs it in. @returns what was seen, for counting. */
async function compare(drawn: World): Promise<readonly string[]> {
  const made = await furnished(drawn);
  if (made === undefined) return [];
  const { tenantId, own, accounts } = made;
  const somebody = person(stepgate, idp, accounts);
  const asked = {
    tenantId,
    ...(drawn.told ? { request: { ip: '127.0.0.1', userAgent: 'test-browser/1.0' } } : {}),
    ...(drawn.wait === 0 ? {} : { at: stepgate.clock.now() + drawn.wait }),
  };
  const page = await simulatePage(asked, stepgate.app()).catch(() => undefined);
  // A tenant that cannot be used signs nobody in, and is told as such.
  if (page === undefined) return [];
  stepgate.clock.advance(drawn.wait);
  const user = page.users.find(({ userId }) => userId === own.userId);
  if (user?.firstFactor === undefined) {
    if (own.status === 'disabled') expect(page.summary.disabled).toBeGreaterThan(0);
    else expect(user?.after.lockedOut).toBe(true);
    for (const [factor, way] of Object.entries(FIRST)) {
      if (own[way] === undefined) continue;
      const begun = await somebody.begin(stepgate.browser('header', tenantId), factor, own).catch(() => false);
      expect(begun).toBe(false);
    }
    return [own.status === 'disabled' ? 'disabled' : 'cannot begin'];
  }
  // Of a request that it was told nothing of, the simulation says what it would be from nowhere.
  if (!drawn.told && JSON.stringify(drawn.policy).includes('request.')) return [];

  const session = stepgate.browser('header', tenantId);
  expect(await somebody.begin(session, user.firstFactor, own)).toBe(true);
  expect(session.claims().sub).toBe(user.after.goesOnAs ?? user.userId);
  expect(session.claims()['st-mfa'].v).toBe(!user.after.challenged);
  const info = (await session.mfaInfo()).body;
  for (const factor of info.factors?.next ?? []) expect(user.after.next).toContain(factor);
  const seen = [
    ...(user.mustReset === true ? ['must reset'] : []),
    ...(user.after.goesOnAs === undefined ? [] : ['linked']),
    ...(user.firstFactor === 'thirdparty' ? ['by a provider'] : []),
  ];
  if (user.after.lockedOut) {
    expect(await somebody.getsIn(user.firstFactor, { ...own, unset: false })).toBe(false);
    expect(user.problem).toMatch(/is locked out: needs /);
    return [...seen, 'locked out'];
  }
  await follow(session, user, somebody);
  return [
    ...seen,
    ...(user.after.mustVerify ? ['must prove'] : []),
    user.after.mustEnrol ? 'must enrol' : user.after.challenged ? 'challenged' : 'let in',
    ...(await again(session, { user, own, somebody, isPoor: drawn.tenant.smsDailyBudgetUsd === 0.15 })),
  ];
}

type Somebody = ReturnType<typeof person>;

async function stepByStep(page: Browser, steps: readonly string[], { attempt }: Somebody) {
  const how: (string | undefined)[] = [];
  for (const factor of steps) {
    if (factor !== 'verify-email') expect((await page.mfaInfo()).body.factors.next).toContain(factor);
    expect(isIn(page)).toBe(false);
    how.push(await attempt(page, factor));
  }
  expect({ how, isIn: isIn(page) }).toEqual({ how: steps.map(() => expect.any(String)), isIn: true });
  return how;
}

async function follow(page: Browser, { after }: SimulatedUser, somebody: Somebody) {
  const how = await stepByStep(page, after.steps, somebody);
  if (after.mustEnrol) expect(how).toContain('set-up');
  if (after.mustVerify) expect(after.steps).toContain('verify-email');
}

/** The next sign-in on the device, which its owner asked to be remembered. */
async function again(
  page: Browser,
  { user, own, somebody, isPoor }: { user: SimulatedUser; own: Owner; somebody: Somebody; isPoor: boolean },
): Promise<readonly string[]> {
  const { remembered, firstFactor } = user;
  if (remembered === undefined) return [];
  // The day's money is for one message.
  if (isPoor && [...user.after.messages, ...remembered.messages].filter((way) => way === 'sms').length > 1) return [];
  const next = stepgate.browser('header', own.tenantId);
  next.setDevice(page.device());
  stepgate.clock.advance(31_000);
  expect(await somebody.begin(next, firstFactor!, { ...own, unset: false })).toBe(true);
  expect(next.claims()['st-mfa'].v).toBe(!remembered.challenged);
  // Its last backup code is used up, or a rule is for known devices.
  if (remembered.lockedOut) {
    expect(await somebody.getsIn(firstFactor!, { ...own, unset: false }, next.device())).toBe(false);
    return ['locked out next time'];
  }
  await stepByStep(next, remembered.steps, somebody);
  return [user.after.challenged && !remembered.challenged ? 'remembered' : 'known'];
}

type Change = {
  readonly [Part in keyof World]?: World[Part] extends object | undefined ? Partial<World[Part]> : World[Part];
};
const change = (about: Change): World =>
  json(
    Object.fromEntries(
      Object.entries(PLAIN).map(([part, value]) => {
        const changed = about[part as keyof World];
        return [part, typeof changed === 'object' ? { ...(value as object), ...changed } : (changed ?? value)];
      }),
    ),
  );
const asks = (...require: string[]) => ({ rules: [{ id: 'r0', require }] }) as unknown as Partial<World['policy']>;
const LINKED = { accountLinking: { automatic: true } };
const byMail = { by: 'mail', verified: true, primary: true, own: true, app: false, byPhone: true } as const;
const nobody = { roles: [], required: [], disabled: false };

/** One of each outcome, so that none depends on what is drawn. */
const CERTAIN: readonly [outcome: string, about: Change][] = [
  ['let in', {}],
  ['challenged', { policy: asks('otp-email') }],
  ['must enrol', { policy: asks('totp') }],
  ['locked out', { tenant: { smsCountries: [] }, policy: asks('otp-phone') }],
  ['cannot begin', { tenant: { firstFactors: ['otp-phone'] } }],
  ['disabled', { account: { disabled: true } }],
  ['by a provider', { account: { password: undefined, provider: 'verified' } }],
  ['must prove', { account: { password: 'unverified' }, tenant: { emailVerification: 'REQUIRED' } }],
  [
    'must prove',
    {
      account: { password: 'unverified' },
      tenant: { secondFactorNeedsVerifiedEmail: true, firstEnrolment: 'open' },
      policy: asks('otp-phone'),
    },
  ],
  // A code to the very address proves it.
  [
    'challenged',
    { account: { password: 'unverified' }, tenant: { emailVerification: 'REQUIRED' }, policy: asks('otp-email') },
  ],
  ['must reset', { account: { unset: true } }],
  ['linked', { tenant: LINKED, another: { ...byMail, ...nobody } }],
  // The account it is linked to is asked for what its own roles ask.
  ['locked out', { account: { guesses: 'over' }, policy: asks('otp-email') }],
  [
    'locked out',
    {
      account: { password: undefined, provider: 'verified' },
      kept: { kind: 'passwordless:email', whose: 'other', until: 3 * DAY },
      policy: asks('otp-email'),
    },
  ],
  [
    'challenged',
    {
      account: { password: undefined, provider: 'verified' },
      kept: { kind: 'passwordless:email', whose: 'own', until: 3 * DAY },
      policy: asks('otp-email'),
    },
  ],
  // One backup code is one proof: what a reset left owing and the policy's own demand are two.
  [
    'challenged',
    {
      account: { backupCode: true, owed: ['backup-code'] },
      tenant: { secondFactors: ['otp-email', 'backup-code'], backupCodeReplaces: ['otp-email'] },
      policy: asks('otp-email'),
    },
  ],
  ['remembered', { tenant: { rememberDevice: { days: 30 } }, policy: asks('otp-email') }],
];

it.each(CERTAIN)('says that an account is: %s', async (outcome, about) => {
  expect(await compare(change(about))).toContain(outcome);
});

/** `seed:path` of a failure, to see it again. */
const [seed, path] = (process.env['SIMULATED_REPLAY'] ?? '').split(/:(.*)/);
const replayed = path === undefined ? {} : { seed: Number(seed), path };

const NUM_RUNS = Number(process.env['SIMULATED_RUNS'] ?? 30);

it('says of every account what a sign-in then does', { timeout: 240_000 + NUM_RUNS * 1_000 }, async () => {
  const seen: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(world, async (drawn) => {
      for (const what of await compare(drawn)) seen[what] = (seen[what] ?? 0) + 1;
    }),
    { numRuns: NUM_RUNS, endOnFailure: true, ...replayed },
  );
  if (process.env['SIMULATED_RUNS'] !== undefined) process.stderr.write(`${JSON.stringify(seen)}\n`);
});
