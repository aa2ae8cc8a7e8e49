// An erasure is two steps, and the second is long. Whatever happens between or beside them, nothing of the user is left,
// and whoever gets the id or the address afterwards has all of it and nothing else. @see security.md §4.2, F8, F17

import { hashSync } from 'bcryptjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { useFaults } from '../support/fault-proxy.ts';
import { imported, lines } from '../support/importing.ts';
import { everyItem, itemsUnder } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
const HASH = hashSync(PASSWORD, 4);
const SWEEP = { operation: 'TransactWriteItems', of: /removal = :removal/ };

beforeAll(async () => {
  await stepgate.tenant('public', { secondFactors: ['otp-email', 'totp'], mfaPolicy: { rules: [] } });
  await stepgate.tenant('graced', {
    secondFactors: ['otp-email', 'totp'],
    mfaPolicy: { rules: [{ id: 'soon', require: ['totp'], graceDays: 7 }] },
  });
});
afterEach(() => faults.calm());

const line = (id: string, about: object = {}) => ({
  id,
  loginMethods: [{ recipeId: 'emailpassword', email: `${id}@erased.example`, verified: true, passwordHash: HASH }],
  ...about,
});
/** A user with something of everything that hangs on one. */
async function furnished(id: string, sessions = 1) {
  const about = {
    tenantIds: ['public'],
    roles: { public: ['admin'], graced: ['guest'] },
    requiredFactors: ['otp-email'],
    totpDevices: [{ name: 'phone', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }],
    exemptions: { public: { until: Date.now() + 86_400_000, reason: 'test' } },
    grace: { public: { rule: Date.now() } },
  };
  const { summary } = await imported(stepgate.app(), lines([line(id, about)]));
  expect(summary.created).toBe(1);
  for (let i = 0; i < sessions; i += 1) await stepgate.browser('header').signIn(`${id}@erased.example`, PASSWORD);
  return (await stepgate.app().users.load(id))!;
}
/** Of a user, anywhere; the history stays until it expires. */
const left = async (id: string) =>
  (await everyItem(stepgate)).filter(
    (item) =>
      !String(item['pk']).startsWith('AUDIT#') &&
      Object.values(item).some((value) => value === id || value === `USER#${id}`),
  );
const erase = (id: string) => stepgate.browser().delete(`/admin/users/${id}`);

it('SEC-42: more of a user than one transaction holds is erased to the last item', async () => {
  await furnished('large');
  const template = (await itemsUnder(stepgate, 'USER#large')).find(({ sk }) => String(sk).startsWith('SESSION#'))!;
  for (let i = 0; i < 200; i += 1) await stepgate.put({ ...template, sk: `SESSION#${i}`, handle: `${i}` });
  expect((await left('large')).length).toBeGreaterThan(200);
  expect((await erase('large')).status).toBe(200);
  expect(await left('large')).toEqual([]);
  expect((await erase('large')).status).toBe(404);
});

describe('SEC-42: an erasure that is killed on its way', () => {
  it.each(['drop-before', 'apply-then-drop', 'apply-then-error'] as const)(
    '(%s) has ended the account, and is ended by the next',
    async (kind) => {
      const id = `killed-${kind}`;
      await furnished(id, 3);
      faults.inject({ ...SWEEP, times: 8, fault: { kind } });
      expect((await erase(id)).status).toBeGreaterThanOrEqual(500);
      faults.calm();
      expect((await stepgate.browser().signIn(`${id}@erased.example`, PASSWORD)).body.status).toBe(
        'WRONG_CREDENTIALS_ERROR',
      );
      expect(await left(id)).not.toEqual([]);
      expect((await erase(id)).status).toBe(200);
      expect(await left(id)).toEqual([]);
    },
  );

  it('is ended by whoever imports the id, who inherits nothing', async () => {
    await furnished('heir', 2);
    faults.inject({ ...SWEEP, times: 8, fault: { kind: 'drop-before' } });
    expect((await erase('heir')).status).toBeGreaterThanOrEqual(500);
    faults.calm();
    const { reports } = await imported(stepgate.app(), lines([line('heir')]));
    expect(reports[0]).toEqual({ line: 1, id: 'heir', status: 'created' });
    const sks = (await itemsUnder(stepgate, 'USER#heir')).map(({ sk }) => sk);
    expect(sks.toSorted()).toEqual(['LOGIN#heir', 'PROFILE']);
  });
});

it('SEC-42: a user who is imported while the last of that id is swept keeps everything', async () => {
  await furnished('reborn', 2);
  const swept = { ...SWEEP, times: 1 };
  faults.inject({
    ...swept,
    fault: {
      kind: 'meanwhile',
      run: () =>
        imported(stepgate.app(), lines([line('reborn', { roles: { public: ['staff'] }, requiredFactors: ['totp'] })])),
    },
  });
  expect((await erase('reborn')).status).toBe(200);
  expect(await stepgate.app().users.load('reborn')).toMatchObject({
    roles: { public: ['staff'] },
    requiredFactors: ['totp'],
    loginMethods: [{ email: 'reborn@erased.example' }],
  });
  const sks = (await itemsUnder(stepgate, 'USER#reborn')).map(({ sk }) => sk);
  expect(sks.toSorted()).toEqual(['FACTORS', 'LOGIN#reborn', 'PROFILE', 'ROLES#public']);
  expect((await stepgate.browser().signIn('reborn@erased.example', PASSWORD)).body.status).toBe('OK');
});

it('SEC-42: a session of before is none of the user who has the id afterwards', async () => {
  await furnished('again', 0);
  const page = stepgate.browser('header');
  await page.signIn('again@erased.example', PASSWORD);
  const session = (await itemsUnder(stepgate, 'USER#again')).find(({ sk }) => String(sk).startsWith('SESSION#'))!;
  await erase('again');
  await imported(stepgate.app(), lines([line('again')]));
  // A sign-in that was on its way may write its session after all.
  await stepgate.put(session);
  expect((await page.refresh()).status).toBe(401);
});

it('SEC-42: erasing and importing one user over and over leaves a whole user, or nothing', async () => {
  await furnished('flicker');
  const rounds = Array.from({ length: 12 }, async (_, i) =>
    i % 2 === 0
      ? erase('flicker')
      : imported(stepgate.app(), lines([line('flicker', { roles: { public: [`role-${i}`] } })])),
  );
  await Promise.all(rounds);
  const items = await left('flicker');
  const user = await stepgate.app().users.load('flicker');
  if (user === undefined) expect(items).toEqual([]);
  else {
    expect((await stepgate.browser().signIn('flicker@erased.example', PASSWORD)).body.status).toBe('OK');
    const kinds = items.map(({ pk, sk }) => (String(pk).startsWith('USER#') ? sk : String(pk).split('#')[0]));
    expect(kinds.toSorted()).toEqual(['LOGIN#flicker', 'LOOKUP', 'MEMBER', 'PROFILE', 'ROLES#public']);
  }
  expect((await erase('flicker')).status).toBe(user === undefined ? 404 : 200);
  expect(await left('flicker')).toEqual([]);
});

it('SEC-42: a sign-in that would begin a grace while its user is erased leaves nothing and opens nothing', async () => {
  const { summary } = await imported(stepgate.app(), lines([line('in-grace', { tenantIds: ['graced'] })]));
  expect(summary.created).toBe(1);
  faults.inject({
    operation: 'TransactWriteItems',
    of: /grace#graced#soon/,
    fault: { kind: 'meanwhile', run: () => erase('in-grace') },
  });
  const { status, body } = await stepgate.browser('cookie', 'graced').signIn('in-grace@erased.example', PASSWORD);
  expect([status, body]).toEqual([401, { message: 'unauthorised' }]);
  expect(await left('in-grace')).toEqual([]);
});
