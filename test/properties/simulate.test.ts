/**
 * What is simulated is what happens: for every generated account, tenant and policy, the sign-in itself asks what the
 * simulation says, can be finished by the steps it names, and cannot where it says that nobody gets in.
 *
 * Why: somebody decides by these numbers whether a policy is switched on. An account that is called safe and is not
 * stands outside on Monday morning; one that is called locked out and is not keeps a good policy from being used.
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { simulatePage, type SimulatedUser } from '../../shared/policies/simulate.ts';
import type { Browser } from '../support/browser.ts';
import { type Furnishing, furnish } from '../support/furnished.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { calls, codeAt } from '../support/totp.ts';

const stepgate = useStepgate();

const SECOND = ['otp-email', 'otp-phone', 'totp'] as const;
const some = <T>(values: readonly T[]) => fc.subarray([...values]);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

const account = fc.record({
  password: fc.constantFrom('verified' as const, 'verified' as const, 'unverified' as const, undefined),
  byMail: fc.constantFrom(undefined, undefined, 'before' as const, 'after' as const),
  byPhone: fc.constantFrom(undefined, undefined, 'before' as const, 'after' as const),
  phone: fc.constantFrom('+3630', '+3630', '+4915', 'landline'),
  app: fc.boolean(),
  backupCode: fc.boolean(),
  roles: some(['admin']),
  plan: fc.boolean(),
  required: some(SECOND),
  owed: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: some(SECOND) }),
  exempt: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  /** Another account of the same mailbox: nothing else, or somebody's own. */
  other: fc.constantFrom('none', 'none', 'none', 'bare', 'rich', 'primary'),
});

const requirement = fc.oneof(
  fc.constantFrom(...SECOND),
  fc.record({ oneOf: fc.array(fc.constantFrom(...SECOND), { minLength: 1, maxLength: 3 }) }),
  fc.record({ allOfInAnyOrder: fc.array(fc.constantFrom(...SECOND), { minLength: 1, maxLength: 3 }) }),
);
const when = fc.constantFrom(
  undefined,
  undefined,
  "'admin' in user.roles",
  "has(user.metadata.plan) && user.metadata.plan == 'paid'",
  "session.firstFactor == 'otp-email'",
  'user.phones.size() == 0',
  "'totp' in user.factorsSetUp",
  "'otp-email' in session.completed",
  "'otp-phone' in user.requiredFactors",
);
const rule = fc.oneof(
  { weight: 3, arbitrary: fc.record({ when, require: fc.array(requirement, { minLength: 1, maxLength: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ when, requireFrom: fc.constantFrom('user' as const, 'tenant' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      when,
      require: fc.array(requirement, { minLength: 1, maxLength: 1 }),
      mode: fc.constantFrom('observe' as const, undefined),
      graceDays: maybe(fc.constant(3)),
      rollout: maybe(fc.constantFrom(0, 50, 100)),
      unless: maybe(fc.constant("'admin' in user.roles")),
    }),
  },
);
const policy = fc.record({
  rules: fc
    .array(rule, { maxLength: 3 })
    .map((rules) => rules.map((one, i) => ({ id: `r${i}`, ...JSON.parse(JSON.stringify(one)) }))),
  merge: fc.constantFrom('all' as const, 'any' as const),
});
const tenant = fc.record({
  firstFactors: fc.constantFrom(
    undefined,
    undefined,
    ['emailpassword'],
    ['emailpassword'],
    ['emailpassword', 'otp-email'],
    ['otp-email', 'link-email', 'otp-phone'],
    ['otp-phone', 'emailpassword'],
  ),
  requiredSecondaryFactors: maybe(some(SECOND)),
  secondFactors: maybe(some(['otp-email', 'otp-phone', 'totp', 'backup-code'])),
  backupCodeReplaces: maybe(some(SECOND)),
  contactMethod: fc.constantFrom(undefined, undefined, undefined, 'EMAIL', 'PHONE'),
  optInOnConsume: maybe(fc.boolean()),
  firstEnrolment: fc.constantFrom(undefined, undefined, 'open'),
  distinctChannels: maybe(fc.boolean()),
  secondFactorNeedsVerifiedEmail: maybe(fc.boolean()),
  smsCountries: fc.constantFrom(undefined, ['HU'], ['HU'], []),
  smsDailyBudgetUsd: fc.constantFrom(undefined, undefined, undefined, 0, 0.15),
});

let runs = 0;
const freshPhone = (prefix: string): string =>
  prefix === 'landline'
    ? `+361${String(2_000_000 + (runs += 1))}`
    : prefix === '+3630'
      ? `+3630${String(2_000_000 + (runs += 1))}`
      : `+4915112${String(100_000 + (runs += 1)).slice(-6)}`;

/** Begins as the simulation says it begins. */
async function begin(page: Browser, firstFactor: string, { email, phone }: Furnishing): Promise<boolean> {
  if (firstFactor === 'emailpassword') return (await page.signIn(email!, PASSWORD)).body.status === 'OK';
  const contact = firstFactor.endsWith('phone') ? { phoneNumber: phone! } : { email: email! };
  const { body } = await page.startCode(contact);
  if (body.status !== 'OK') return false;
  const to = 'email' in contact ? contact.email : contact.phoneNumber;
  const entered = firstFactor.startsWith('link')
    ? await page.enterLink(stepgate.lastLink(to))
    : await page.enterCode(body, stepgate.lastCode(to));
  return entered.body.status === 'OK';
}

/** Does a factor in every way there is. @returns how it was done; undefined where none worked. */
async function attempt(
  page: Browser,
  factor: string,
  own: Furnishing & { readonly secret: string; readonly code: string },
): Promise<'shown' | 'set-up' | undefined> {
  stepgate.clock.advance(31_000);
  const app = calls(page);
  const ok = ({ body }: Awaited<ReturnType<Browser['post']>>) => body?.status === 'OK';
  if (factor === 'totp') {
    if (own.app === true && ok(await app.verify(codeAt(own.secret, stepgate.clock.now())))) return 'shown';
    const made = await app.create();
    if (!ok(made)) return undefined;
    const typed = codeAt(made.body.secret, stepgate.clock.now());
    return ok(await app.enrol(made.body.deviceName, typed)) ? 'set-up' : undefined;
  }
  if (factor === 'backup-code') return ok(await app.useCode(own.code)) ? 'shown' : undefined;
  const info = (await page.mfaInfo()).body;
  const isMail = factor === 'otp-email';
  const known: readonly string[] = [
    ...((isMail ? info.emails : info.phoneNumbers)?.[factor] ?? []),
    ...(isMail && (own.password ?? own.byMail) !== undefined ? [own.email!] : []),
    ...(!isMail && own.byPhone !== undefined ? [own.phone!] : []),
  ];
  const fresh = isMail ? `new-${(runs += 1)}@example.org` : freshPhone('+3630');
  for (const contact of new Set([...known, fresh])) {
    const sent = await page.sendCode(isMail ? { email: contact } : { phoneNumber: contact });
    if (!ok(sent)) continue;
    if (ok(await page.consume(sent.body, stepgate.lastCode(contact)))) return contact === fresh ? 'set-up' : 'shown';
  }
  return undefined;
}

const isIn = (page: Browser): boolean => page.claims()['st-mfa'].v === true;

async function follow(page: Browser, user: SimulatedUser, own: Parameters<typeof attempt>[2]) {
  const how: (string | undefined)[] = [];
  for (const factor of user.after.steps) {
    expect((await page.mfaInfo()).body.factors.next).toContain(factor);
    how.push(await attempt(page, factor, own));
  }
  expect({ how, isIn: isIn(page) }).toEqual({ how: user.after.steps.map(() => expect.any(String)), isIn: true });
  if (user.after.mustEnrol) expect(how).toContain('set-up');
}

/**
 * Whatever is offered is done, something else first each time. One sign-in: what it leaves behind may let the next one
 * in, as where it showed a factor that was owed.
 *
 * @returns whether that led in.
 */
async function getsIn(firstFactor: string, own: Parameters<typeof attempt>[2]): Promise<boolean> {
  const page = stepgate.browser('header', own.tenantId);
  if (!(await begin(page, firstFactor, own))) return false;
  const turn = (runs += 1);
  for (let step = 0; step < 4 && !isIn(page); step += 1) {
    const next: readonly string[] = (await page.mfaInfo()).body.factors?.next ?? [];
    let done: string | undefined;
    for (let i = 0; i < next.length; i += 1) done ??= await attempt(page, next[(i + turn) % next.length]!, own);
    if (done === undefined) break;
  }
  return isIn(page);
}

/** Furnishes an account, simulates it, and signs it in. @returns what was seen, for counting. */
async function compare(
  given: typeof account extends fc.Arbitrary<infer A> ? A : never,
  about: Readonly<Record<string, unknown>>,
  tried: unknown,
): Promise<string | undefined> {
  const tenantId = `t${(runs += 1)}`;
  const email = `u${runs}@example.com`;
  stepgate.clock.advance(25 * 3_600_000);
  const document = JSON.parse(JSON.stringify({ ...about, mfaPolicy: tried }));
  await stepgate.tenant(tenantId, document);
  const { plan, other, exempt, phone, ...rest } = given;
  const spec: Furnishing = {
    tenantId,
    email,
    phone: freshPhone(phone),
    ...JSON.parse(JSON.stringify(rest)),
    metadata: plan ? { plan: 'paid' } : {},
    ...(exempt ? { exemptUntil: stepgate.clock.now() + 86_400_000 } : {}),
  };
  if (spec.password === undefined && spec.byMail === undefined && spec.byPhone === undefined) return undefined;
  const own = { ...spec, ...(await furnish(stepgate, spec)) };
  if (other !== 'none' && spec.byMail === undefined) {
    await furnish(stepgate, {
      tenantId,
      email,
      byMail: 'before',
      ...(other === 'rich' ? { metadata: { own: true } } : { primary: other === 'primary' }),
    });
  }

  const page = await simulatePage({ tenantId }, stepgate.app()).catch(() => undefined);
  // A tenant that cannot be used signs nobody in, and is told as such.
  if (page === undefined) return undefined;
  const user = page.users.find(({ userId }) => userId === own.userId)!;
  if (user.firstFactor === undefined) {
    expect(user.after.lockedOut).toBe(true);
    for (const factor of ['emailpassword', 'otp-email', 'otp-phone'] as const) {
      const has = factor === 'emailpassword' ? spec.password : factor === 'otp-email' ? spec.byMail : spec.byPhone;
      if (has !== undefined) expect(await begin(stepgate.browser('header', tenantId), factor, spec)).toBe(false);
    }
    return 'cannot begin';
  }
  const session = stepgate.browser('header', tenantId);
  expect(await begin(session, user.firstFactor, spec)).toBe(true);
  expect(isIn(session)).toBe(!user.after.challenged);
  const info = (await session.mfaInfo()).body;
  for (const factor of info.factors?.next ?? []) expect(user.after.next).toContain(factor);
  if (user.after.lockedOut) {
    expect(await getsIn(user.firstFactor, own)).toBe(false);
    expect(user.problem).toMatch(/^is locked out: needs /);
    return 'locked out';
  }
  await follow(session, user, own);
  return user.after.mustEnrol ? 'must enrol' : user.after.challenged ? 'challenged' : 'let in';
}

const plain = {
  password: 'verified' as const,
  byMail: undefined,
  byPhone: undefined,
  phone: '+3630' as const,
  app: false,
  backupCode: false,
  roles: [],
  plan: false,
  required: [],
  owed: [],
  exempt: false,
  other: 'none' as const,
};
const asks = (...require: string[]) => ({
  rules: require.length === 0 ? [] : [{ id: 'r0', require }],
  merge: 'all' as const,
});
/** One of each outcome, so that none depends on what is drawn. */
const CERTAIN: readonly [outcome: string, about: Readonly<Record<string, unknown>>, tried: ReturnType<typeof asks>][] =
  [
    ['let in', {}, asks()],
    ['challenged', {}, asks('otp-email')],
    ['must enrol', {}, asks('totp')],
    ['locked out', { smsCountries: [] }, asks('otp-phone')],
    ['cannot begin', { firstFactors: ['otp-phone'] }, asks()],
  ];

it.each(CERTAIN)('says that an account is: %s', async (outcome, about, tried) => {
  expect(await compare(plain, about, tried)).toBe(outcome);
});

it('says of every account what a sign-in then does', async () => {
  const numRuns = Number(process.env['SIMULATED_RUNS'] ?? 60);
  const seen: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(account, tenant, policy, async (given, about, tried) => {
      const what = await compare(given, about, tried);
      if (what !== undefined) seen[what] = (seen[what] ?? 0) + 1;
    }),
    { numRuns, endOnFailure: true },
  );
  if (process.env['SIMULATED_RUNS'] !== undefined) process.stderr.write(`${JSON.stringify(seen)}\n`);
}, 240_000);
