/** `POST …/policy/simulate`: what a policy would do to the users that are there. */
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_SIMULATED } from '../../shared/limits.ts';
import { smsSegments } from '../../shared/delivery/gsm.ts';
import { furnish, keep, spoil } from '../support/furnished.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

let tenants = 0;
let tenantId = '';

beforeEach(async () => {
  tenantId = `acme-${(tenants += 1)}`;
  await stepgate.tenant(tenantId, { requiredSecondaryFactors: [], smsCountries: ['HU'] });
});

const simulate = (body: object = {}, tenant = tenantId) =>
  stepgate.browser().post(`/admin/tenants/${tenant}/policy/simulate`, body);

const rules = (...list: object[]) => ({ mfaPolicy: { rules: list.map((one, i) => ({ id: `r${i}`, ...one })) } });

const person = (email: string, about: Partial<Parameters<typeof furnish>[1]> = {}) =>
  furnish(stepgate, { tenantId, email, password: 'verified', ...about });

const NOTHING = {
  challenged: false,
  next: [],
  lockedOut: false,
  mustEnrol: false,
  mustVerify: false,
  steps: [],
  messages: [],
  exempt: false,
  inGrace: false,
  observed: [],
};

describe('what it says of a user', () => {
  it('compares the policy in force with another one, and masks the contact', async () => {
    const { userId } = await person('ada@example.com');
    const { status, body } = await simulate(rules({ require: ['otp-email'] }));
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'OK',
      summary: {
        users: 1,
        disabled: 0,
        unreadable: 0,
        challengedNow: 0,
        challengedAfter: 1,
        newlyChallenged: 1,
        lockedOutNow: 0,
        lockedOut: 0,
        newlyLockedOut: 0,
        mustEnrol: 0,
        mustVerify: 0,
        mustReset: 0,
        linked: 0,
        exempt: 0,
        inGrace: 0,
        observed: 0,
        otpMessagesNow: { email: 0, sms: 0, smsSegments: 0 },
        otpMessages: { email: 1, sms: 0, smsSegments: 0 },
        otpMessagesRemembered: { email: 1, sms: 0, smsSegments: 0 },
      },
      users: [
        {
          userId,
          contact: 'a•••@example.com',
          firstFactor: 'emailpassword',
          now: NOTHING,
          after: { ...NOTHING, challenged: true, next: ['otp-email'], steps: ['otp-email'], messages: ['email'] },
          because: ['r0'],
        },
      ],
      unreadable: [],
    });
  });

  it('tries the policy in force where none is given, and the default one for null', async () => {
    await stepgate.tenant(tenantId, {
      requiredSecondaryFactors: ['otp-email'],
      ...rules({ id: 'nobody', when: 'false', require: ['otp-email'] }),
    });
    await person('ada@example.com');
    expect((await simulate()).body.summary).toMatchObject({ challengedNow: 0, challengedAfter: 0 });
    expect((await simulate({ mfaPolicy: null })).body).toMatchObject({
      summary: { challengedNow: 0, challengedAfter: 1 },
      users: [{ because: ['tenant'] }],
    });
  });

  it('names the rules that ask for something, and no others', async () => {
    await person('ada@example.com', { roles: ['admin'] });
    const { body } = await simulate(
      rules(
        { when: "'admin' in user.roles", require: ['otp-email'] },
        { requireFrom: 'user' },
        { when: "'owner' in user.roles", require: ['totp'] },
        { mode: 'observe', require: ['otp-phone'] },
      ),
    );
    expect(body.users[0]).toMatchObject({ because: ['r0'], after: { observed: ['r3'] } });
    expect(body.summary.observed).toBe(1);
  });

  it('says who must set something up, after which proof, and by how many messages', async () => {
    await person('ada@example.com');
    const { body } = await simulate(rules({ require: ['otp-phone'] }));
    expect(body.users[0]).toMatchObject({
      after: {
        next: ['otp-email'],
        mustEnrol: true,
        lockedOut: false,
        steps: ['otp-email', 'otp-phone'],
        messages: ['email', 'sms'],
      },
      problem: 'must set up a code by text message to get in',
    });
    expect(body.summary).toMatchObject({ mustEnrol: 1, otpMessages: { email: 1, sms: 1, smsSegments: 1 } });
  });

  it.each<[string, object, object, object, RegExp]>([
    [
      'a phone where no text message is sent',
      { byPhone: 'after', phone: '+4915112345678' },
      {},
      rules({ require: ['otp-phone'] }),
      /code by text message, but no text message is sent to the address/,
    ],
    [
      'a tenant that spends nothing on text messages',
      { byPhone: 'after', phone: '+36301234567' },
      { smsDailyBudgetUsd: 0 },
      rules({ require: ['otp-phone'] }),
      /no text message is sent/,
    ],
    [
      'the mailbox that began the sign-in, where nothing else is offered',
      { password: undefined, byMail: 'before' },
      { secondFactors: ['otp-email'] },
      rules({ require: ['otp-email'] }),
      /began with the same mailbox/,
    ],
    [
      'an authenticator app that may not be set up before a proof, where there is no mailbox to prove it',
      { email: undefined, password: undefined, byPhone: 'before', phone: '+36301234568' },
      {},
      rules({ require: ['totp'] }),
      /an authenticator app, but it is not set up/,
    ],
  ])('says who is locked out: %s', async (_, about, tenant, policy, problem) => {
    await stepgate.tenant(tenantId, { smsCountries: ['HU'], ...tenant });
    await furnish(stepgate, { tenantId, email: 'ada@example.com', password: 'verified', ...about });
    const { body } = await simulate(policy);
    expect(body.users[0]).toMatchObject({
      after: { lockedOut: true, mustEnrol: false },
      problem: expect.stringMatching(problem),
    });
    expect(body.summary).toMatchObject({ lockedOut: 1, lockedOutNow: 0, newlyLockedOut: 1 });
  });

  it('says who is locked out because the mailbox is another account’s as well', async () => {
    await person('ada@example.com');
    await furnish(stepgate, { tenantId, email: 'ada@example.com', byMail: 'before', metadata: { own: true } });
    const { body } = await simulate(rules({ when: "session.firstFactor == 'emailpassword'", require: ['otp-email'] }));
    expect(body.summary.lockedOut).toBe(1);
    const locked = body.users.find((user: { problem?: string }) => user.problem !== undefined);
    expect(locked.problem).toMatch(/belongs to another account as well/);
  });

  it('says who cannot even begin, now and after', async () => {
    await stepgate.tenant(tenantId, { firstFactors: ['otp-email'] });
    await person('ada@example.com');
    const { body } = await simulate(rules());
    expect(body.users[0]).toMatchObject({
      now: { lockedOut: true },
      after: { lockedOut: true },
      problem: 'is locked out: has no login method that this tenant begins a sign-in with',
    });
    expect(body.users[0]).not.toHaveProperty('firstFactor');
    expect(body.summary).toMatchObject({ lockedOutNow: 1, lockedOut: 1, newlyLockedOut: 0 });
  });

  it('says where another first factor would end otherwise', async () => {
    await person('ada@example.com', { byMail: 'after' });
    const { body } = await simulate(rules({ when: "session.firstFactor != 'emailpassword'", require: ['totp'] }));
    expect(body.users[0]).toMatchObject({ firstFactor: 'emailpassword', after: { challenged: false } });
    expect(body.users[0].problem).toBe('With otp-email as its first factor it would have to set something up');
  });

  it('says who has to prove the address first, and who proves it by the way', async () => {
    await stepgate.tenant(tenantId, { emailVerification: 'REQUIRED' });
    await person('ada@example.com', { password: 'unverified' });
    const { body } = await simulate(rules());
    expect(body.users[0]).toMatchObject({
      after: { challenged: false, lockedOut: false, mustVerify: true, steps: ['verify-email'], messages: [] },
      problem: 'must follow the link to its e-mail address, which nobody has proven yet, to get in',
    });
    expect(body.summary).toMatchObject({ mustVerify: 1, lockedOut: 0, challengedAfter: 0 });
    const byCode = await simulate(rules({ require: ['otp-email'] }));
    expect(byCode.body.users[0].after).toMatchObject({ mustVerify: false, steps: ['otp-email'] });
  });

  it('says as whom somebody goes on who is linked, by the roles of that account', async () => {
    await stepgate.tenant(tenantId, { accountLinking: { automatic: true } });
    const holder = await furnish(stepgate, {
      tenantId,
      email: 'ada@example.com',
      byMail: 'before',
      primary: true,
      roles: ['admin'],
    });
    const { userId } = await person('ada@example.com');
    const { body } = await simulate(rules({ when: "'admin' in user.roles", require: ['totp'], graceDays: 3 }));
    const own = body.users.find((user: { userId: string }) => user.userId === userId);
    expect(own.after).toMatchObject({ goesOnAs: holder.userId, challenged: false, inGrace: true });
    expect(body.summary.linked).toBe(1);
  });

  it('says who sets a password first, and who is locked out because that leaves a factor owing', async () => {
    await person('ada@example.com', { unset: true });
    await person('bob@example.com', { unset: true, password: 'unverified', byPhone: 'after', phone: '+4915112345679' });
    const { body } = await simulate(rules());
    const by = (letter: string) => body.users.find(({ contact }: { contact: string }) => contact.startsWith(letter));
    expect(by('a')).toMatchObject({ mustReset: true, problem: 'must set a new password first' });
    expect(by('b')).toMatchObject({ mustReset: true, after: { next: ['otp-phone'], lockedOut: true } });
    expect(body.summary).toMatchObject({ mustReset: 2, lockedOut: 1 });
  });

  it('says whose codes are no longer compared, and does not mind a lock that passes', async () => {
    await person('ada@example.com', { guesses: 'over' });
    await person('bob@example.com', { guesses: 'many' });
    await person('eve@example.com', { mailOver: true });
    const { body } = await simulate(rules({ require: ['otp-email'] }));
    const out = body.users.filter(({ after }: { after: { lockedOut: boolean } }) => after.lockedOut);
    expect(out.map(({ contact }: { contact: string }) => contact[0]).toSorted()).toEqual(['a', 'e']);
    for (const { problem } of out) expect(problem).toMatch(/codes are switched off for it/);
  });

  it('says that an address is kept for somebody else, and until when it counts', async () => {
    const { userId } = await person('ada@example.com');
    const until = stepgate.clock.now() + 3_600_000;
    const address = { tenantId, kind: 'passwordless:email', value: 'ada@example.com', until } as const;
    await keep(stepgate, { ...address, userId: 'somebody-else' });
    const policy = rules({ require: ['otp-email'] });
    expect((await simulate(policy)).body.users[0]).toMatchObject({
      after: { lockedOut: true },
      problem: expect.stringMatching(/kept for somebody who has changed to another one/),
    });
    expect((await simulate({ ...policy, at: until })).body.summary.lockedOut).toBe(0);
    await keep(stepgate, { ...address, userId });
    expect((await simulate(policy)).body.summary.lockedOut).toBe(0);
  });

  it('sees the policy as of a time and from a place that it is told', async () => {
    await person('ada@example.com');
    const soon = new Date(stepgate.clock.now() + 86_400_000).toISOString();
    const policy = rules(
      { from: soon, require: ['otp-email'] },
      { when: "inNetwork(request.ip, '203.0.113.0/24') && request.userAgent == 'kiosk'", require: ['totp'] },
    );
    const asked = async (about: object) => (await simulate({ ...policy, ...about })).body.users[0].because;
    expect(await asked({})).toEqual([]);
    expect(await asked({ at: Date.parse(soon) })).toEqual(['r0']);
    expect(await asked({ request: { ip: '203.0.113.7', userAgent: 'kiosk' } })).toEqual(['r1']);
    expect(await asked({ request: { ip: '203.0.113.7' } })).toEqual([]);
    expect((await simulate({ ...policy, request: { ip: 'the office' } })).status).toBe(400);
    expect((await simulate({ ...policy, at: 0.5 })).status).toBe(400);
  });

  it('counts what a remembered device is asked, and what a rule asks there all the same', async () => {
    await stepgate.tenant(tenantId, { rememberDevice: { days: 7 } });
    await person('ada@example.com');
    await person('bob@example.com', { roles: ['admin'] });
    const { body } = await simulate(
      rules({ require: ['otp-email'] }, { when: "'admin' in user.roles", require: ['otp-email'], rememberable: false }),
    );
    expect(body.summary).toMatchObject({
      otpMessages: { email: 2, sms: 0 },
      otpMessagesRemembered: { email: 1, sms: 0 },
    });
    const of = (because: number) => body.users.find((user: { because: string[] }) => user.because.length === because);
    expect(of(1).remembered).toEqual({ challenged: false, lockedOut: false, steps: [], messages: [] });
    expect(of(2).remembered).toMatchObject({ challenged: true, messages: ['email'] });
  });

  it('counts what networks bill for a text message as it is sent: in parts, where the tenant’s words are long', async () => {
    const long = `${'Ez a kód csak öné: '.repeat(9).slice(0, 148)} {{code}}`;
    await stepgate.tenant(tenantId, {
      smsCountries: ['*'],
      mfaPolicy: { rules: [{ id: 'all', require: ['otp-phone'] }] },
      templates: { hu: { 'otp-sign-in': { sms: long } } },
    });
    const phones = ['+36301234561', '+36301234562'] as const;
    await person('ada@example.com', { byPhone: 'after', phone: phones[0] });
    await person('bob@example.com', { byPhone: 'after', phone: phones[1], metadata: { language: 'hu' } });
    const { body } = await simulate();
    const sent = await Promise.all(
      (['ada', 'bob'] as const).map(async (name, i) => {
        const page = stepgate.browser('header', tenantId);
        await page.signIn(`${name}@example.com`, PASSWORD);
        expect((await page.sendCode({ phoneNumber: phones[i]! })).body.status).toBe('OK');
        return smsSegments(stepgate.lastMessage(phones[i]!)!.text);
      }),
    );
    expect(sent).toEqual([1, 2]);
    expect(body.summary.otpMessages).toEqual({ email: 0, sms: 2, smsSegments: 3 });
  });

  it('counts who is spared: exempt, in a grace, and owing nothing for it', async () => {
    await person('ada@example.com', { exemptUntil: stepgate.clock.now() + 60_000 });
    await person('bob@example.com', { app: true });
    await person('eve@example.com');
    const { body } = await simulate(rules({ require: ['totp'], graceDays: 7 }));
    expect(body.summary).toMatchObject({ users: 3, challengedAfter: 1, exempt: 1, inGrace: 1, mustEnrol: 0 });
  });

  it('counts disabled and unreadable users apart, and goes on', async () => {
    await person('ada@example.com');
    await person('bob@example.com', { status: 'disabled' });
    const { userId } = await person('eve@example.com');
    await spoil(stepgate, userId);
    const { body } = await simulate(rules({ require: ['otp-email'] }));
    expect(body.summary).toMatchObject({ users: 1, disabled: 1, unreadable: 1, challengedAfter: 1 });
    expect(body.unreadable).toEqual([userId]);
    expect(body.users).toHaveLength(1);
  });
});

describe('pages', () => {
  it('go through every member once', async () => {
    const ids = await Promise.all(
      Array.from({ length: 25 }, (_, i) => person(`p${i}@example.com`).then(({ userId }) => userId)),
    );
    const met: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await simulate({ limit: 4, ...(cursor === undefined ? {} : { cursor }) });
      expect(body.summary.users).toBe(body.users.length);
      expect(body.users.length).toBeLessThanOrEqual(4);
      met.push(...body.users.map(({ userId }: { userId: string }) => userId));
      ({ cursor } = body);
    } while (cursor !== undefined);
    expect(met.toSorted()).toEqual(ids.toSorted());
  });

  it.each([
    ['no limit at all', { limit: 0 }],
    ['a limit over what one request may take', { limit: MAX_SIMULATED + 1 }],
    ['a limit that is no number', { limit: '4' }],
    ['a cursor that is none', { cursor: 'AAAA' }],
    ['a field it does not have', { dryRun: true }],
  ])('are refused with %s', async (_, body) => {
    expect((await simulate(body)).status).toBe(400);
  });
});

describe('refusals', () => {
  it.each([
    ['a policy that is none', { mfaPolicy: 'everybody' }],
    ['a condition that does not compile', rules({ when: 'user.', require: ['otp-email'] })],
    ['a factor nobody has', rules({ require: ['retina'] })],
  ])('name what is wrong with %s', async (_, body) => {
    await person('ada@example.com');
    const reply = await simulate(body);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ message: 'the policy is not valid' });
    expect(reply.body.findings).toContainEqual(expect.objectContaining({ level: 'error' }));
  });

  it('name what is wrong with a tenant that signs nobody in', async () => {
    await stepgate.tenant(tenantId, { requiredSecondaryFactor: ['otp-email'] });
    const reply = await simulate();
    expect(reply).toMatchObject({ status: 400, body: { message: 'the tenant is not valid' } });
    expect(reply.body.findings[0].message).toMatch(/requiredSecondaryFactor/);
  });

  it('answer 404 for an unknown tenant, 400 for an id that is none', async () => {
    expect((await simulate({}, 'nowhere')).status).toBe(404);
    expect((await simulate({}, 'Not-A-Tenant')).status).toBe(400);
  });

  it('change nothing: the same again, and a sign-in, find everything as it was', async () => {
    const { userId } = await person('ada@example.com');
    const before = await stepgate.app().users.load(userId);
    await simulate(rules({ require: ['otp-phone'], graceDays: 3 }));
    expect(await stepgate.app().users.load(userId)).toEqual(before);
    expect(stepgate.aws.inbox().messages('ada@example.com')).toEqual([]);
  });
});
