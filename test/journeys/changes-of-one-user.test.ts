/**
 * What operators change about one user reaches that user's sessions at their next refresh, whichever way it goes, and
 * ends none of them; an immediate policy makes no difference to it, and after one access token's life it is there.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Browser, Mode } from '../support/browser.ts';
import { countRequests } from '../../bench/requests.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from './steps.ts';

const CACHE_MS = 5_000;
const ACCESS_TOKEN_MS = 900_000;
const DAY = 86_400_000;
const stepgate = useStepgate({ config: { TENANT_CACHE_SECONDS: '5' } });
const operator = () => stepgate.browser();

let users = 0;
let email = '';
let userId = '';
const tenantId = () => `tenant${users}`;

beforeEach(async () => {
  // What the last test made of the role is forgotten.
  stepgate.clock.advance(CACHE_MS);
  email = `user-${(users += 1)}@example.com`;
  await stepgate.tenant(tenantId(), {
    mfaPolicy: {
      rules: [
        { id: 'own', requireFrom: 'user' },
        { id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] },
        { id: 'payers', when: "'pay' in user.permissions", require: ['otp-email'] },
        { id: 'paid', when: "has(user.metadata.plan) && user.metadata.plan == 'paid'", require: ['otp-email'] },
      ],
      immediate: true,
    },
  });
  userId = await stepgate.user(email, { tenantId: tenantId(), roles: ['clerk'] });
});

const user = (path: string) => `/admin/users/${userId}${path}`;
const exemption = () => ({ until: stepgate.clock.now() + 10 * DAY, reason: 'a test' });
const clerkMay = (...permissions: readonly string[]) => stepgate.put({ pk: 'ROLE#clerk', sk: 'ROLE', permissions });

/** Each way in which more is asked of a user, and how it is taken back. */
const CHANGES: readonly [string, stricter: () => Promise<unknown>, looser: () => Promise<unknown>][] = [
  [
    'a required factor',
    () => operator().put(user('/factors/otp-email')),
    () => operator().delete(user('/factors/otp-email')),
  ],
  [
    'a role',
    () => operator().put(user(`/roles/${tenantId()}/admin`)),
    () => operator().delete(user(`/roles/${tenantId()}/admin`)),
  ],
  ['what a role may do', () => clerkMay('pay'), () => clerkMay()],
  [
    'metadata',
    () => operator().send('PATCH', user(''), { metadata: { plan: 'paid' } }),
    () => operator().send('PATCH', user(''), { metadata: { plan: 'free' } }),
  ],
  [
    'an exemption that ends',
    () => operator().delete(user(`/exemptions/${tenantId()}`)),
    () => operator().put(user(`/exemptions/${tenantId()}`), exemption()),
  ],
];

describe.each<Mode>(['cookie', 'header'])('a session (%s mode)', (mode) => {
  const signIn = async (): Promise<Browser> => {
    const page = stepgate.browser(mode, tenantId());
    await page.signIn(email, PASSWORD);
    return page;
  };
  const status = async (page: Browser) => (await page.me()).status;
  const refreshed = async (page: Browser) => {
    stepgate.clock.advance(CACHE_MS);
    expect((await page.refresh()).status).toBe(200);
    return status(page);
  };
  /** An exemption spares from something: the user who has one is an administrator. */
  const prepare = async (change: string) => {
    if (change !== 'an exemption that ends') return;
    await operator().put(user(`/roles/${tenantId()}/admin`));
    await operator().put(user(`/exemptions/${tenantId()}`), exemption());
  };

  it.each(CHANGES)(
    'meets %s at its next refresh, in both directions, and goes on',
    async (change, stricter, looser) => {
      await prepare(change);
      const page = await signIn();
      const { sessionHandle } = page.claims();
      expect(await status(page)).toBe(200);
      await stricter();
      expect(await refreshed(page)).toBe(403);
      await looser();
      expect(await refreshed(page)).toBe(200);
      await stricter();
      expect(await refreshed(page)).toBe(403);
      await passCode(stepgate, page, { email });
      expect(await status(page)).toBe(200);
      expect(page.claims().sessionHandle).toBe(sessionHandle);
      await looser();
    },
  );

  it.each(CHANGES)('knows of %s after one access token at the latest', async (change, stricter, looser) => {
    await prepare(change);
    const page = await signIn();
    await stricter();
    stepgate.clock.advance(CACHE_MS);
    // A session check reads nothing of a user, whether or not the policy is immediate.
    expect(await status(page)).toBe(200);
    stepgate.clock.advance(ACCESS_TOKEN_MS - CACHE_MS);
    expect(await status(page)).toBe(401);
    expect(await refreshed(page)).toBe(403);
    await looser();
  });

  it('asks what it owes as of now where it asks', async () => {
    const page = await signIn();
    await operator().put(user('/factors/otp-email'));
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    expect(await status(page)).toBe(403);
    await operator().delete(user('/factors/otp-email'));
    expect((await page.mfaInfo()).body.factors.next).toEqual([]);
    expect(await status(page)).toBe(200);
  });

  it('meets the end of an exemption by itself', async () => {
    await operator().put(user(`/roles/${tenantId()}/admin`));
    const until = stepgate.clock.now() + 60_000;
    await operator().put(user(`/exemptions/${tenantId()}`), { until, reason: 'a test' });
    const page = await signIn();
    expect(await status(page)).toBe(200);
    stepgate.clock.advance(60_000);
    expect(await refreshed(page)).toBe(403);
  });

  it('is ended by a reset of the factors alone, which says so', async () => {
    const page = await signIn();
    await operator().post(user('/factors/reset'), {});
    expect((await page.refresh()).status).toBe(401);
    expect(await status(await signIn())).toBe(200);
  });
});

it('costs a refresh two requests where nothing has changed, and one to write the change down where something has', async () => {
  const page = stepgate.browser('header', tenantId());
  await page.signIn(email, PASSWORD);
  const { during } = countRequests(stepgate.app().table.db);
  const expired = async () => {
    stepgate.clock.advance(ACCESS_TOKEN_MS);
    // Somebody else has the tenant and the role read.
    await stepgate.browser('header', tenantId()).signIn(email, PASSWORD);
    return (await during(() => page.refresh())).commands;
  };
  expect(await expired()).toHaveLength(2);
  await operator().put(user('/factors/otp-email'));
  expect(await expired()).toHaveLength(3);
  expect(await expired()).toHaveLength(2);
});
