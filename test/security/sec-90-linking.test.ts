/**
 * SEC-74, SEC-77 and SEC-90 for linking: whichever write is killed, and whoever else links in the same moment, there is the
 * old state or the new one; no lookup points to nothing, and nobody's address is blocked for ever.
 */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useFaults } from '../support/fault-proxy.ts';
import { danglingIn, LINKED, provenSignUp, useSocial } from '../support/linking.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
const social = useSocial(stepgate);
const tenant = (document: object = {}) =>
  stepgate.browser().put('/admin/tenants/public', { ...LINKED, providers: [social.provider()], ...document });
beforeAll(() => tenant());
afterEach(() => faults.calm());

let people = 0;
const somebody = () => `killed-${(people += 1)}@example.com`;
const proven = (email: string, sub = email) => ({ sub, email, email_verified: true });
const KILLED = [
  ['was not done', 'drop-before'],
  ['was done, and nobody heard', 'apply-then-drop'],
] as const;

describe.each(KILLED)('SEC-90: a transaction that %s', (_, kind) => {
  const kill = () =>
    faults.inject({ operation: 'TransactWriteItems', of: /account\.|login-method\./, times: 2, fault: { kind } });

  it('adds a method, or none, and the next try gets in', async () => {
    const email = somebody();
    const owner = await provenSignUp(stepgate, stepgate.browser(), email);
    kill();
    expect((await social.signIn(stepgate.browser(), proven(email))).body.status).not.toBe('OK');
    faults.calm();
    expect(await danglingIn(stepgate)).toEqual([]);
    expect((await social.signIn(stepgate.browser(), proven(email))).body).toMatchObject({
      status: 'OK',
      user: { id: owner },
    });
    expect((await stepgate.app().users.load(owner))?.loginMethods).toHaveLength(2);
  });

  it('takes over an unproven account whole or not at all', async () => {
    const email = somebody();
    const made = (await stepgate.browser().signUp(email, PASSWORD)).body.user.id;
    kill();
    expect((await social.signIn(stepgate.browser(), proven(email))).body.status).not.toBe('OK');
    faults.calm();
    const user = await stepgate.app().users.load(made);
    expect(user?.loginMethods).toHaveLength(1);
    expect(await danglingIn(stepgate)).toEqual([]);
    expect((await social.signIn(stepgate.browser(), proven(email))).body.user.id).toBe(made);
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
  });

  it('moves all of an account or nothing of it', async () => {
    const email = somebody();
    await tenant({ accountLinking: { automatic: false } });
    await social.signIn(stepgate.browser(), proven(email));
    const owner = await provenSignUp(stepgate, stepgate.browser(), email);
    await tenant();
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.user.id).toBe(owner);
    kill();
    expect((await social.signIn(stepgate.browser(), proven(email))).body.status).not.toBe('OK');
    faults.calm();
    expect(await danglingIn(stepgate)).toEqual([]);
    expect((await social.signIn(stepgate.browser(), proven(email))).body.user.id).toBe(owner);
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('takes a method off, or not, and its contact is not blocked', async () => {
    const email = somebody();
    const page = stepgate.browser();
    await provenSignUp(stepgate, page, email);
    await social.signIn(stepgate.browser(), proven(email));
    const [, other] = (await page.get('/auth/account/login-methods')).body.loginMethods;
    kill();
    expect((await page.delete(`/auth/account/login-methods/${other.recipeUserId}`)).status).toBeGreaterThanOrEqual(500);
    faults.calm();
    expect(await danglingIn(stepgate)).toEqual([]);
    expect((await social.signIn(stepgate.browser(), proven(email))).body.status).toBe('OK');
    expect(await danglingIn(stepgate)).toEqual([]);
  });
});

describe('SEC-74 and SEC-77: at the same moment', () => {
  it('many identities of one address become one account, whoever is first', async () => {
    const email = somebody();
    const answers = await social.atOnce(Array.from({ length: 5 }, (_, i) => proven(email, `${email} ${i}`)));
    const done = answers.filter(({ body }) => body.status === 'OK');
    expect(done.length).toBeGreaterThan(0);
    expect(await danglingIn(stepgate)).toEqual([]);
    const after: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      after.push((await social.signIn(stepgate.browser(), proven(email, `${email} ${i}`))).body.user.id);
    }
    expect(new Set(after).size).toBe(1);
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('two sessions link one identity: one gets it, and it is never moved from there', async () => {
    const pages = [stepgate.browser('header'), stepgate.browser('header')] as const;
    const owners = [
      await provenSignUp(stepgate, pages[0], somebody()),
      await provenSignUp(stepgate, pages[1], somebody()),
    ];
    const shared = somebody();
    faults.inject({
      operation: 'TransactWriteItems',
      of: /login-method\./,
      fault: {
        kind: 'meanwhile',
        run: async () => {
          await social.signIn(pages[1], proven(shared), true);
        },
      },
    });
    const late = await social.signIn(pages[0], proven(shared), true);
    expect(late.body.status).toBe('SIGN_IN_UP_NOT_ALLOWED');
    expect((await stepgate.app().users.load(owners[0]!))?.loginMethods).toHaveLength(1);
    expect((await stepgate.app().users.load(owners[1]!))?.loginMethods).toHaveLength(2);
    expect((await social.signIn(stepgate.browser(), proven(shared))).body.user.id).toBe(owners[1]);
    expect(await danglingIn(stepgate)).toEqual([]);
  });

  it('a requirement that comes while its account is emptied is not lost', async () => {
    const email = somebody();
    await tenant({ accountLinking: { automatic: false } });
    const old = (await social.signIn(stepgate.browser(), proven(email))).body.user.id;
    const owner = await provenSignUp(stepgate, stepgate.browser(), email);
    await tenant();
    await stepgate.browser().signIn(email, PASSWORD);
    faults.inject({
      operation: 'TransactWriteItems',
      of: /login-method\./,
      fault: { kind: 'meanwhile', run: () => stepgate.app().users.setRequiredFactor(old, 'otp-phone', true) },
    });
    const answer = await social.signIn(stepgate.browser(), proven(email));
    expect(answer.body.user.id).toBe(owner);
    expect((await stepgate.app().users.load(owner))?.requiredFactors).toEqual(['otp-phone']);
    expect(await stepgate.app().users.load(old)).toBeUndefined();
  });
});
