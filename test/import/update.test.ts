import { hashSync } from 'bcryptjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { overriding } from '../../shared/on-first-use.ts';
import { codesLeft } from '../../shared/account/user.ts';
import { imported, lines } from '../support/importing.ts';
import { everyItem, itemsUnder } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { calls, codeAt } from '../support/totp.ts';

const stepgate = useStepgate();
const HASH = hashSync(PASSWORD, 4);
const SEEDS = [
  'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
  'MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK',
];
const app = (name: string, seed = 0) => ({ name, secret: SEEDS[seed]! });

beforeAll(async () => {
  await stepgate.tenant('public', {
    secondFactors: ['otp-email', 'otp-phone', 'totp'],
    mfaPolicy: { rules: [] },
  });
  await stepgate.tenant('acme', {});
});

const way = (id: string, about: object = {}) => ({
  loginMethods: [
    { recipeId: 'emailpassword', email: `${id}@update.example`, verified: true, passwordHash: HASH, ...about },
  ],
});
const run = (records: readonly object[], about: Parameters<typeof imported>[2] = {}) =>
  imported(stepgate.app(), lines(records), { update: true, ...about });
const only = async (record: object, about: Parameters<typeof imported>[2] = {}) =>
  (await run([record], about)).reports[0]!;
const load = async (id: string) => (await stepgate.app().users.load(id))!;
async function there(id: string, about: object = {}) {
  const { status } = await only({ id, ...way(id), ...about });
  expect(status).toBe('created');
}

describe('import --update', () => {
  it('brings a user to what the line names, says what it changed, and then nothing', async () => {
    await there('named', {
      metadata: { plan: 'free', trial: true, seats: 1 },
      roles: { public: ['staff'], acme: ['guest'] },
      requiredFactors: ['otp-email'],
    });
    const line = {
      id: 'named',
      ...way('named'),
      metadata: { plan: 'paid', seats: 1, since: null },
      roles: { public: ['admin'] },
      requiredFactors: ['otp-email', 'totp'],
      totpDevices: [app('phone')],
    };
    const expected = {
      line: 1,
      id: 'named',
      status: 'updated',
      changes: [
        'metadata: plan, since set; trial removed',
        'roles: in public admin added; staff removed',
        'roles: in acme guest removed',
        'requiredFactors: totp added',
        'totpDevices: 1 added',
      ],
    };
    expect(await only(line, { dryRun: true })).toEqual(expected);
    expect((await load('named')).roles).toEqual({ public: ['staff'], acme: ['guest'] });
    expect(await only(line)).toEqual(expected);
    const user = await load('named');
    expect(user).toMatchObject({
      metadata: { plan: 'paid', seats: 1, since: null },
      roles: { public: ['admin'] },
      requiredFactors: expect.toSatisfy((own: string[]) => own.toSorted().join() === 'otp-email,totp'),
      totpDevices: [{ name: 'phone', verified: true }],
    });
    expect(await only(line)).toEqual({ line: 1, id: 'named', status: 'unchanged' });
    expect(await load('named')).toEqual(user);
    // Without the flag it is the line that was imported last.
    expect((await run([line], { update: false })).reports[0]?.status).toBe('unchanged');
    const events = (await itemsUnder(stepgate, 'AUDIT#named')).map(({ event }) => event);
    expect(events.toSorted()).toEqual(['admin.import-updated', 'admin.imported']);
  });

  it('leaves alone what the line does not name', async () => {
    const about = {
      metadata: { plan: 'paid' },
      roles: ['admin'],
      requiredFactors: ['totp'],
      totpDevices: [app('phone')],
    };
    await there('silent', about);
    const before = await everyItem(stepgate);
    expect(await only({ id: 'silent', ...way('silent') })).toEqual({ line: 1, id: 'silent', status: 'unchanged' });
    expect(await everyItem(stepgate)).toEqual(before);
    // A plain list is of the import's tenant, and speaks of no other.
    await stepgate.app().userAdmin.setRole('silent', 'acme', 'guest', true);
    expect((await only({ id: 'silent', ...way('silent'), roles: ['staff'] })).changes).toEqual([
      'roles: in public staff added; admin removed',
    ]);
    expect((await load('silent')).roles).toEqual({ public: ['staff'], acme: ['guest'] });
    expect((await only({ id: 'silent', ...way('silent'), roles: [] })).changes).toEqual([
      'roles: in public staff removed',
    ]);
    expect((await load('silent')).roles).toEqual({ acme: ['guest'] });
  });

  it('never takes a factor away without saying so, in the report and in the sums', async () => {
    await there('weaker', { requiredFactors: ['totp', 'otp-email'], totpDevices: [app('phone'), app('tablet', 1)] });
    const line = { id: 'weaker', ...way('weaker'), requiredFactors: ['otp-email'], totpDevices: [app('phone')] };
    const { reports, summary } = await run([line]);
    expect(reports[0]).toMatchObject({
      status: 'updated',
      changes: ['requiredFactors: totp removed', 'totpDevices: 1 removed'],
      weaker: ['requiredFactors: totp removed', 'totpDevices: 1 removed'],
    });
    expect(summary).toMatchObject({ updated: 1, weaker: 1 });
    const [event] = (await itemsUnder(stepgate, 'AUDIT#weaker')).filter(
      ({ event: own }) => own === 'admin.import-updated',
    );
    expect(event?.['details']).toMatchObject({ weaker: ['requiredFactors: totp removed', 'totpDevices: 1 removed'] });
    const off = await only({ id: 'weaker', ...way('weaker'), status: 'disabled' });
    expect(off).toMatchObject({ changes: ['status: disabled'] });
    expect(off.weaker).toBeUndefined();
    expect((await only({ id: 'weaker', ...way('weaker'), status: 'active' })).weaker).toEqual(['status: active again']);
    expect((await only({ id: 'weaker', ...way('weaker'), requiredFactors: [] })).weaker).toEqual([
      'requiredFactors: otp-email removed',
    ]);
    expect((await load('weaker')).requiredFactors).toEqual([]);
  });

  it('ends the sessions where a credential is another one, and only there', async () => {
    await there('sessions', { totpDevices: [app('phone')] });
    const page = stepgate.browser();
    await page.signIn('sessions@update.example', PASSWORD);
    await only({ id: 'sessions', ...way('sessions'), metadata: { plan: 'paid' }, requiredFactors: ['otp-email'] });
    expect((await page.refresh()).status).toBe(200);
    expect((await only({ id: 'sessions', ...way('sessions'), totpDevices: [app('phone', 1)] })).changes).toEqual([
      'totpDevices: 1 replaced',
    ]);
    expect((await page.refresh()).status).toBe(401);
  });

  it('keeps of an app what it has seen: a code that was used stays used', async () => {
    await there('steps', { requiredFactors: ['totp'], totpDevices: [app('phone')] });
    await stepgate.tenant('public', {
      secondFactors: ['otp-email', 'otp-phone', 'totp'],
      mfaPolicy: { rules: [{ id: 'own', requireFrom: 'user' }] },
    });
    const page = stepgate.browser();
    await page.signIn('steps@update.example', PASSWORD);
    const code = codeAt(SEEDS[0]!, stepgate.clock.now());
    expect((await calls(page).verify(code)).body.status).toBe('OK');
    const seen = (await load('steps')).totpDevices;
    const line = { id: 'steps', ...way('steps'), totpDevices: [{ ...app('phone'), secret: SEEDS[0]!.toLowerCase() }] };
    expect((await only(line)).status).toBe('unchanged');
    expect((await only({ ...line, totpDevices: [{ ...app('phone'), period: 60, verified: false }] })).status).toBe(
      'updated',
    );
    expect((await load('steps')).totpDevices).toEqual([{ ...seen![0], period: 60 }]);
  });
});

describe('import --update: passwords', () => {
  const OTHER = 'another sentence of some length';
  const signsIn = async (id: string, password: string) =>
    (await stepgate.browser().signIn(`${id}@update.example`, password)).body.status === 'OK';

  it('stay unless they are asked for, and then are brought over once', async () => {
    await there('pass');
    const line = { id: 'pass', ...way('pass', { passwordHash: hashSync(OTHER, 4) }) };
    expect((await only(line)).status).toBe('unchanged');
    expect(await signsIn('pass', OTHER)).toBe(false);
    expect(await only(line, { updatePasswords: true })).toMatchObject({
      status: 'updated',
      changes: ['passwordHash: replaced'],
    });
    // It is hashed anew by this, and the line again does not take that back.
    expect(await signsIn('pass', OTHER)).toBe(true);
    const { passwordHash } = (await load('pass')).loginMethods[0]!;
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456/);
    expect((await only(line, { updatePasswords: true })).status).toBe('unchanged');
    expect((await only({ ...line, metadata: { plan: 'paid' } }, { updatePasswords: true })).changes).toEqual([
      'metadata: plan set',
    ]);
    expect((await load('pass')).loginMethods[0]?.passwordHash).toBe(passwordHash);
  });

  it('that their owner has changed are not brought back by a line that says what it said', async () => {
    await there('owner');
    const page = stepgate.browser();
    await page.signIn('owner@update.example', PASSWORD);
    await page.post('/auth/user/password/change', { currentPassword: PASSWORD, newPassword: OTHER });
    const line = { id: 'owner', ...way('owner'), metadata: { plan: 'paid' } };
    expect((await only(line, { updatePasswords: true })).changes).toEqual(['metadata: plan set']);
    expect(await signsIn('owner', OTHER)).toBe(true);
  });

  it('in the clear are taken as well, and come to those who had none', async () => {
    await there('clear', way('clear', { passwordHash: undefined }));
    const line = { id: 'clear', ...way('clear', { passwordHash: undefined, password: OTHER }) };
    expect((await only(line, { updatePasswords: true })).changes).toEqual(['passwordHash: replaced']);
    expect((await only(line, { updatePasswords: true })).status).toBe('unchanged');
    expect(await signsIn('clear', OTHER)).toBe(true);
  });
});

describe('import --update: whom a line is about', () => {
  it('without an id: whoever has the address, if it is proven', async () => {
    const userId = await stepgate.user('here@update.example');
    const line = { loginMethods: [{ recipeId: 'emailpassword', email: 'Here@update.example' }], roles: ['admin'] };
    const unproven = await only(line);
    expect(unproven).toMatchObject({
      status: 'refused',
      reason: "loginMethods: the address of a password is another account's in tenant public, which has not proven it",
    });
    expect((await load(userId)).roles).toEqual({});
    await there('proven');
    const proven = await only({ ...way('proven'), roles: ['admin'], totpDevices: [app('phone')] });
    expect(proven).toMatchObject({ id: 'proven', status: 'updated' });
    expect((await load('proven')).roles).toEqual({ public: ['admin'] });
    // Sealed for the one who has it: it shows its codes.
    expect((await only({ ...way('proven'), totpDevices: [app('phone')] })).status).toBe('unchanged');
  });

  it('with an id: nobody else, whoever has the address', async () => {
    await there('holder');
    expect(await only({ id: 'claimant', ...way('holder'), roles: ['admin'] })).toMatchObject({
      status: 'refused',
      reason: "loginMethods: the address of a password is another account's in tenant public",
    });
  });

  it('not somebody of that id with other ways to sign in', async () => {
    await there('same-id');
    expect(await only({ id: 'same-id', ...way('somebody-else'), roles: ['admin'] })).toMatchObject({
      id: 'same-id',
      status: 'refused',
      reason: 'differs: the user who is there has none of these ways to sign in',
    });
    expect((await load('same-id')).roles).toEqual({});
  });

  it('adds no way to sign in, and says so', async () => {
    await there('ways');
    const { loginMethods } = way('ways');
    const line = {
      id: 'ways',
      loginMethods: [...loginMethods, { recipeId: 'passwordless', phoneNumber: '+36301239999', verified: true }],
      roles: ['admin'],
    };
    expect(await only(line)).toMatchObject({
      status: 'updated',
      notes: ["loginMethods: 1 are not the user's, and an update adds none"],
    });
    expect((await load('ways')).loginMethods).toHaveLength(1);
  });
});

describe("import --update: other systems' files", () => {
  const auth0 = (about: object) =>
    imported(
      stepgate.app(),
      lines([
        { user_id: 'auth0|sync', email: 'sync@update.example', email_verified: true, passwordHash: HASH, ...about },
      ]),
      { format: 'auth0', update: true },
    );

  it('add, and take nothing away: they know nothing of what was set up here', async () => {
    await auth0({ app_metadata: { plan: 'free' } });
    const { users, userAdmin } = stepgate.app();
    await users.setRequiredFactor('auth0|sync', 'otp-phone', true);
    await userAdmin.patch('auth0|sync', { metadata: { seats: 3 } });
    const { reports } = await auth0({
      app_metadata: { plan: 'paid' },
      mfa_factors: [{ totp: { secret: SEEDS[0] } }],
    });
    expect(reports[0]).toMatchObject({
      status: 'updated',
      changes: ['metadata: plan set', 'requiredFactors: totp added', 'totpDevices: 1 added'],
    });
    expect(await load('auth0|sync')).toMatchObject({ metadata: { plan: 'paid', seats: 3 } });
    // An app of the same name with another seed is another app.
    await auth0({ app_metadata: { plan: 'paid' }, mfa_factors: [{ totp: { secret: SEEDS[1] } }] });
    const names = (await load('auth0|sync')).totpDevices?.map(({ name }) => name).toSorted();
    expect(names).toEqual(['TOTP Device 0', 'TOTP Device 0 (2)']);
    expect((await auth0({ mfa_factors: [{ totp: { secret: SEEDS[1] } }] })).reports[0]?.status).toBe('unchanged');
  });

  it('ask nobody for a stand-in who has a factor here', async () => {
    await there('auth0|stand-in', { requiredFactors: ['totp'], totpDevices: [app('phone')] });
    const line = { user_id: 'auth0|stand-in', email: 'auth0|stand-in@update.example', multifactor: ['guardian'] };
    const { reports } = await imported(stepgate.app(), lines([line]), { format: 'auth0', update: true });
    expect(reports[0]?.status).toBe('unchanged');
    expect((await load('auth0|stand-in')).requiredFactors).toEqual(['totp']);
  });
});

describe('import --update at the same time as', () => {
  it('itself: one of many writes, and the end is what the line says', async () => {
    await there('twins', { totpDevices: [app('phone')] });
    const line = {
      id: 'twins',
      ...way('twins'),
      roles: ['admin'],
      requiredFactors: ['totp'],
      totpDevices: [app('phone', 1), app('tablet', 2)],
      metadata: { plan: 'paid' },
    };
    const runs = await Promise.all(Array.from({ length: 8 }, () => run([line])));
    const statuses = runs.map(({ reports }) => reports[0]?.status).toSorted();
    expect(statuses).toEqual([...Array.from({ length: 7 }, () => 'unchanged'), 'updated']);
    expect((await load('twins')).totpDevices).toHaveLength(2);
  });

  it('an operator who changes the same: nothing is lost without being told', async () => {
    await there('operator');
    const { userAdmin, users, imports } = stepgate.app();
    let isFirst = true;
    const racing = overriding(imports, {
      update: async (step) => {
        if (isFirst) {
          isFirst = false;
          await userAdmin.setRole('operator', 'public', 'support', true);
          await users.setRequiredFactor('operator', 'otp-email', true);
          await userAdmin.patch('operator', { metadata: { note: 'vip' } });
        }
        return imports.update(step);
      },
    });
    const line = {
      id: 'operator',
      ...way('operator'),
      roles: ['admin'],
      requiredFactors: ['totp'],
      metadata: { plan: 'paid' },
    };
    const { reports } = await imported({ ...stepgate.app(), imports: racing }, lines([line]), { update: true });
    expect(reports[0]).toMatchObject({
      changes: [
        'metadata: plan set; note removed',
        'roles: in public admin added; support removed',
        'requiredFactors: totp added',
        'requiredFactors: otp-email removed',
      ],
      weaker: ['requiredFactors: otp-email removed'],
    });
    expect(await load('operator')).toMatchObject({ roles: { public: ['admin'] }, requiredFactors: ['totp'] });
  });

  it('its erasure: it is made anew, whole, and nothing of before is left', async () => {
    await there('erased', { roles: { acme: ['guest'] }, requiredFactors: ['otp-email'], totpDevices: [app('phone')] });
    const { userAdmin, imports } = stepgate.app();
    let isFirst = true;
    const racing = overriding(imports, {
      update: async (step) => {
        if (isFirst) {
          isFirst = false;
          await userAdmin.remove(step.found.user);
        }
        return imports.update(step);
      },
    });
    const line = { id: 'erased', ...way('erased'), roles: ['admin'] };
    const { reports } = await imported({ ...stepgate.app(), imports: racing }, lines([line]), { update: true });
    expect(reports[0]).toEqual({ line: 1, id: 'erased', status: 'created' });
    const user = await load('erased');
    expect(user).toMatchObject({ roles: { public: ['admin'] }, requiredFactors: [] });
    expect([user.totpDevices, codesLeft(user)]).toEqual([undefined, 0]);
  });
});

it('says over HTTP as well what it changed, and wants update for passwords', async () => {
  await there('http');
  const page = stepgate.browser();
  const post = (query: string, record: object) =>
    fetch(`${stepgate.url()}/admin/import?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: JSON.stringify(record),
    });
  const line = { id: 'http', ...way('http'), roles: ['admin'] };
  const reply = await (await post('update=true', line)).json();
  expect(reply).toMatchObject({
    summary: { created: 0, updated: 1, weaker: 0 },
    lines: [{ id: 'http', status: 'updated', changes: ['roles: in public admin added'] }],
  });
  expect((await post('updatePasswords=true', line)).status).toBe(400);
  await page.signIn('http@update.example', PASSWORD);
  expect(page.claims()['st-role'].v).toEqual(['admin']);
});
