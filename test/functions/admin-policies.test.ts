import { DeleteCommand, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { policyKey, tenantKey } from '../../shared/dynamo/keys.ts';
import { policyHash } from '../../shared/policies/hash.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

/** A policy's life over HTTP: save, look, compare, take back; and what people do to the item meanwhile. */

const stepgate = useStepgate();
const operator = () => stepgate.browser();

const asking = (...factors: string[]) => ({ rules: [{ id: 'all', require: factors }] });
const BY_MAIL = asking('otp-email');
const BY_PHONE = asking('otp-phone');
const NOBODY = { rules: [] };

let tenants = 0;
let tenantId = '';
const at = (path = '') => `/admin/tenants/${tenantId}/policy${path}`;
const save = (mfaPolicy: unknown, about: object = {}) =>
  operator().put(at(), { mfaPolicy, reason: 'as agreed', ...about });
const versions = async (): Promise<readonly Record<string, unknown>[]> =>
  (await operator().get(at('/versions?limit=200'))).body.versions;
const stored = async () => {
  const { table } = stepgate.app();
  return (await table.db.send(new GetCommand({ TableName: table.name, Key: tenantKey(tenantId) }))).Item ?? {};
};
const versionItems = async () => {
  const { table } = stepgate.app();
  const found = await table.db.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :policy)',
      ExpressionAttributeValues: { ':pk': tenantKey(tenantId).pk, ':policy': 'POLICY#' },
    }),
  );
  return found.Items ?? [];
};

beforeEach(async () => {
  tenantId = `policy-${(tenants += 1)}`;
  await operator().put(`/admin/tenants/${tenantId}`, { contactMethod: 'EMAIL_OR_PHONE' });
});

describe('PUT …/policy', () => {
  it('makes a version and puts it in force at once', async () => {
    const before = stepgate.clock.now();
    expect(await save(BY_MAIL, { reason: '  the auditors ask for it ' })).toMatchObject({
      status: 200,
      body: { status: 'OK', version: 1, hash: policyHash(BY_MAIL), changed: true, findings: [] },
    });
    const { body } = await operator().get(at('/versions/1'));
    expect(body).toEqual({
      status: 'OK',
      tenantId,
      version: 1,
      mfaPolicy: BY_MAIL,
      hash: policyHash(BY_MAIL),
      at: expect.any(Number),
      by: 'local',
      reason: 'the auditors ask for it',
      via: 'api',
    });
    expect(body.at).toBeGreaterThanOrEqual(before);
    expect(await stored()).toEqual({
      ...tenantKey(tenantId),
      contactMethod: 'EMAIL_OR_PHONE',
      mfaPolicy: BY_MAIL,
      policyState: { version: 1, hash: policyHash(BY_MAIL), activatedAt: body.at },
    });
    expect((await operator().get(at())).body).toEqual({
      status: 'OK',
      tenantId,
      version: 1,
      hash: policyHash(BY_MAIL),
      activatedAt: body.at,
      mfaPolicy: BY_MAIL,
      findings: [],
    });
    const page = stepgate.browser('header', tenantId);
    await page.signUp('person@example.com', PASSWORD);
    expect((await page.me()).status).toBe(403);
    await save(NOBODY);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.me()).status).toBe(200);
  });

  it('makes no version of what is in force already, however its names are ordered', async () => {
    await save({ merge: 'all', rules: [{ id: 'all', require: ['otp-email'], when: 'true' }] });
    const again = await save({ rules: [{ when: 'true', require: ['otp-email'], id: 'all' }], merge: 'all' });
    expect(again.body).toMatchObject({ status: 'OK', version: 1, changed: false });
    expect(await versions()).toHaveLength(1);
  });

  it('takes null for no policy, as a version as well', async () => {
    expect((await save(null)).body).toMatchObject({ version: 0, changed: false });
    await save(BY_MAIL);
    expect((await save(null)).body).toMatchObject({ version: 2, hash: policyHash(undefined), changed: true });
    expect((await operator().get(at('/versions/2'))).body).toMatchObject({ version: 2, mfaPolicy: null });
    expect(await stored()).not.toHaveProperty('mfaPolicy');
    expect((await operator().get(at())).body).toMatchObject({ version: 2, mfaPolicy: null });
  });

  it('keeps `public`, which needs no item, as any other', async () => {
    tenantId = 'public';
    expect((await operator().get(at())).body).toEqual({
      status: 'OK',
      tenantId,
      version: 0,
      hash: policyHash(undefined),
      mfaPolicy: null,
      findings: [],
    });
    expect((await save(NOBODY)).body).toMatchObject({ status: 'OK', version: 1 });
    const { table } = stepgate.app();
    await table.db.send(new DeleteCommand({ TableName: table.name, Key: tenantKey('public') }));
    expect((await operator().get(at())).body).toMatchObject({ version: 2, mfaPolicy: null });
    expect(await versions()).toMatchObject([{ version: 2, via: 'hand' }, { version: 1 }]);
    await operator().delete('/admin/tenants/public');
    expect(await versionItems()).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['a condition that does not compile', { rules: [{ id: 'a', when: 'user.', require: ['otp-email'] }] }, 'a'],
    ['a factor that is not offered', { rules: [{ id: 'a', require: ['webauthn'] }] }, 'a'],
    ['a shape that is none', { rules: [{ id: 'a' }] }, ''],
    ['a misspelt field', { rule: [] }, ''],
  ])('refuses %s with findings, and makes no version', async (_, mfaPolicy, ruleId) => {
    await save(BY_MAIL);
    const refused = await save(mfaPolicy);
    expect(refused).toMatchObject({ status: 400, body: { message: 'the policy is not valid' } });
    expect(refused.body.findings[0]).toMatchObject({ level: 'error', ...(ruleId === '' ? {} : { ruleId }) });
    expect(await versions()).toHaveLength(1);
    expect((await stored())['mfaPolicy']).toEqual(BY_MAIL);
  });

  it('refuses what could not be kept, and says how much is too much', async () => {
    const rules = (count: number, length: number) => ({
      rules: Array.from({ length: count }, (_, i) => ({
        id: `r${i}`,
        when: `user.id == '${'x'.repeat(length)}'`,
        require: ['otp-email'],
      })),
    });
    const refused = await save(rules(200, 1_900));
    expect(refused).toMatchObject({ status: 400, body: { message: 'the policy is not valid' } });
    expect(refused.body.findings).toMatchObject([
      {
        level: 'error',
        code: 'policy-too-large',
        message: expect.stringMatching(/^mfaPolicy: has \d{6} bytes as JSON; at most 200000 can be kept$/),
      },
    ]);
    expect((await save(rules(100, 1_900))).body).toMatchObject({ status: 'OK', version: 1 });
    expect((await save(rules(101, 1_900))).body).toMatchObject({ status: 'OK', version: 2 });
    expect((await operator().get(at('/versions/1'))).body.mfaPolicy).toEqual(rules(100, 1_900));
    // What was read can be written back, as large as it is.
    const { tenant } = (await operator().get(`/admin/tenants/${tenantId}`)).body;
    expect((await operator().put(`/admin/tenants/${tenantId}`, tenant)).status).toBe(200);
    const bulky = { ...tenant, metadata: { notes: 'n'.repeat(200_000) } };
    expect((await operator().put(`/admin/tenants/${tenantId}`, bulky)).body.findings).toMatchObject([
      { code: 'tenant-too-large', message: expect.stringContaining('at most 350000') },
    ]);
  });

  it.each([
    [{ mfaPolicy: NOBODY }, 'reason is missing or malformed'],
    [{ mfaPolicy: NOBODY, reason: '  ' }, 'say why, in 1 to 500 characters: reason'],
    [{ mfaPolicy: NOBODY, reason: 'x'.repeat(501) }, 'say why, in 1 to 500 characters: reason'],
    [{ reason: 'none' }, 'mfaPolicy is missing or malformed'],
    [{ mfaPolicy: 'all', reason: 'text' }, 'mfaPolicy is missing or malformed'],
    [{ mfaPolicy: NOBODY, reason: 'x', version: 1 }, 'version is missing or malformed'],
    [{ mfaPolicy: NOBODY, reason: 'x', by: 'somebody else' }, 'by is missing or malformed'],
  ])('refuses %j', async (body, message) => {
    expect(await operator().put(at(), body)).toMatchObject({ status: 400, body: { message } });
  });

  it('refuses an unknown tenant and what is no tenant id', async () => {
    tenantId = 'nobody';
    expect(await save(NOBODY)).toMatchObject({ status: 404, body: { message: 'unknown tenant' } });
    tenantId = 'Nobody';
    expect((await save(NOBODY)).status).toBe(400);
  });

  it('writes over no version but the one that was read, where it is told which', async () => {
    expect((await save(BY_MAIL, { ifVersion: 0 })).status).toBe(200);
    expect((await save(BY_PHONE, { ifVersion: 1 })).status).toBe(200);
    const refused = await save(NOBODY, { ifVersion: 1 });
    expect(refused).toMatchObject({ status: 409, body: { version: 2 } });
    expect((await stored())['mfaPolicy']).toEqual(BY_PHONE);
  });
});

describe('parallel saves', () => {
  it('win a version each or are told: none is lost, and there is no gap', async () => {
    const policies = Array.from({ length: 12 }, (_, i) => ({ rules: [{ id: `saver-${i}`, require: ['otp-email'] }] }));
    const won = new Map<number, unknown>();
    await Promise.all(
      policies.map(async (mfaPolicy) => {
        for (;;) {
          const { status, body } = await save(mfaPolicy);
          if (status === 200) return won.set(body.version, mfaPolicy);
          expect(status).toBe(409);
          expect(body.message).toBe('another change of the policy came first: read it again');
        }
      }),
    );
    expect([...won.keys()].toSorted((a, b) => a - b)).toEqual(policies.map((_, i) => i + 1));
    for (const [version, mfaPolicy] of won) {
      expect((await operator().get(at(`/versions/${version}`))).body).toMatchObject({ version, mfaPolicy });
    }
    expect((await stored())['mfaPolicy']).toEqual(won.get(12));
    expect((await stored())['policyState']).toMatchObject({ version: 12, hash: policyHash(won.get(12)) });
  });

  it('that all read the same version: one wins, the others change nothing', async () => {
    await save(BY_MAIL);
    const { policies, clock } = stepgate.app();
    const seen = await policies.open(tenantId);
    const next = (i: number) => {
      const mfaPolicy = { rules: [{ id: `saver-${i}`, require: ['otp-email'] }] };
      const about = { at: clock.now(), by: `saver-${i}`, reason: 'race', via: 'api' } as const;
      return { version: 2, mfaPolicy, hash: policyHash(mfaPolicy), ...about };
    };
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => policies.activate(tenantId, next(i), seen)),
    );
    const winner = outcomes.indexOf(true);
    expect(outcomes.filter((won) => won)).toHaveLength(1);
    expect((await versions())[0]).toMatchObject({ version: 2, by: `saver-${winner}` });
    expect((await stored())['mfaPolicy']).toEqual(next(winner).mfaPolicy);
  });

  it('of one and the same policy make one version', async () => {
    const saves = await Promise.all(Array.from({ length: 6 }, () => save(BY_MAIL)));
    expect(saves.filter(({ body }) => body.changed)).toHaveLength(1);
    expect(await versions()).toHaveLength(1);
  });

  it('and writes of the whole tenant leave the policy and its version in step', async () => {
    await save(BY_MAIL);
    await Promise.all([
      save(BY_PHONE),
      operator().put(`/admin/tenants/${tenantId}`, { name: 'Acme', mfaPolicy: BY_MAIL }),
      operator().put(`/admin/tenants/${tenantId}`, { name: 'Acme', mfaPolicy: NOBODY }),
      save(asking('otp-email', 'otp-phone')),
    ]);
    const { mfaPolicy, policyState } = await stored();
    expect(policyState.hash).toBe(policyHash(mfaPolicy));
    const all = await versions();
    expect(all.map(({ version }) => version)).toEqual(all.map((_, i) => all.length - i));
    expect(all.every(({ via }) => via === 'api')).toBe(true);
    expect(all[0]).toMatchObject({ version: policyState.version, hash: policyState.hash });
  });
});

describe('POST …/policy/rollback', () => {
  const rollback = (version: number) => operator().post(at('/rollback'), { version, reason: 'too strict' });

  it('puts an earlier policy back exactly, as a version that says where it is from', async () => {
    const subtle = {
      merge: 'any',
      rules: [
        { id: 'a', when: "'admin' in user.roles", require: [{ oneOf: ['otp-phone', 'otp-email'] }], rollout: 12.5 },
      ],
    };
    await save(subtle);
    await save(BY_PHONE);
    expect((await rollback(1)).body).toMatchObject({
      status: 'OK',
      version: 3,
      hash: policyHash(subtle),
      changed: true,
    });
    expect((await stored())['mfaPolicy']).toEqual(subtle);
    expect((await operator().get(at('/versions/3'))).body).toMatchObject({
      mfaPolicy: subtle,
      from: 1,
      via: 'rollback',
      reason: 'too strict',
      by: 'local',
    });
    expect((await rollback(3)).body).toMatchObject({ version: 3, changed: false });
  });

  it('goes back to having none', async () => {
    await save(BY_MAIL);
    await save(null);
    await save(BY_PHONE);
    expect((await rollback(2)).body).toMatchObject({ version: 4, hash: policyHash(null) });
    expect(await stored()).not.toHaveProperty('mfaPolicy');
  });

  it('refuses with findings what is not valid any more', async () => {
    await save(BY_PHONE);
    await save(BY_MAIL);
    await operator().put(`/admin/tenants/${tenantId}`, { contactMethod: 'EMAIL', mfaPolicy: BY_MAIL });
    const refused = await rollback(1);
    expect(refused).toMatchObject({
      status: 400,
      body: { findings: [{ level: 'error', code: 'factor-not-offered', ruleId: 'all' }] },
    });
    expect(await versions()).toHaveLength(2);
  });

  it('refuses a version there is not', async () => {
    await save(BY_MAIL);
    expect(await rollback(2)).toMatchObject({ status: 404, body: { message: 'no such version of the policy' } });
    for (const version of [0, -1, 1.5, 1_000_000, '1']) {
      expect((await operator().post(at('/rollback'), { version, reason: 'x' })).status).toBe(400);
    }
  });
});

describe('GET …/policy/versions', () => {
  it('lists the newest first, page by page, without the policies', async () => {
    expect((await operator().get(at('/versions'))).body).toEqual({ status: 'OK', tenantId, active: 0, versions: [] });
    for (let i = 1; i <= 5; i += 1) await save({ rules: [{ id: `r${i}`, require: ['otp-email'] }] });
    const first = (await operator().get(at('/versions?limit=2'))).body;
    expect(first).toMatchObject({ active: 5, cursor: '4' });
    expect(first.versions.map((each: { version: number }) => each.version)).toEqual([5, 4]);
    expect(Object.keys(first.versions[0]).toSorted()).toEqual(['at', 'by', 'hash', 'reason', 'version', 'via']);
    const second = (await operator().get(at(`/versions?limit=2&cursor=${first.cursor}`))).body;
    expect(second.versions.map((each: { version: number }) => each.version)).toEqual([3, 2]);
    const last = (await operator().get(at(`/versions?limit=2&cursor=${second.cursor}`))).body;
    expect(last.versions.map((each: { version: number }) => each.version)).toEqual([1]);
    expect(last).not.toHaveProperty('cursor');
    expect((await operator().get(at('/versions?limit=5'))).body).not.toHaveProperty('cursor');
  });

  it('counts beyond nine as numbers count', async () => {
    for (let i = 1; i <= 11; i += 1) await save({ rules: [{ id: `r${i}`, require: ['otp-email'] }] });
    expect((await versions()).map(({ version }) => version)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'cursor=0', 'cursor=1000000'])(
    'refuses %s',
    async (query) => {
      expect((await operator().get(at(`/versions?${query}`))).status).toBe(400);
    },
  );

  it('knows no version that is none', async () => {
    await save(BY_MAIL);
    expect((await operator().get(at('/versions/2'))).status).toBe(404);
    expect((await operator().get(at('/versions/x'))).status).toBe(400);
    expect((await operator().get(at('/versions/01'))).status).toBe(400);
  });
});

describe('POST …/policy/diff', () => {
  const diff = (body: object) => operator().post(at('/diff'), body);

  it('compares versions, what is in force, and what is only meant', async () => {
    await save(BY_MAIL);
    await save(BY_PHONE);
    expect((await diff({ before: 1 })).body).toMatchObject({
      status: 'OK',
      tenantId,
      changes: [{ ruleId: 'all', kind: 'changed', path: 'require', before: ['otp-email'], after: ['otp-phone'] }],
      text: expect.stringContaining('--- version 1\n+++ version 2\n'),
    });
    expect((await diff({ after: { ...NOBODY } })).body).toMatchObject({
      changes: [{ ruleId: 'all', kind: 'removed' }],
      text: expect.stringContaining('--- version 2\n+++ as given\n'),
    });
    expect((await diff({ before: 2, after: 2 })).body).toMatchObject({ changes: [], text: '' });
    expect((await diff({ before: 3 })).status).toBe(404);
    expect((await diff({ before: 'first' })).status).toBe(400);
  });
});

describe('an edit of the item by hand', () => {
  const edit = (attributes: object) => stepgate.tenant(tenantId, { ...attributes });

  it('holds, is logged where people sign in, and becomes a version when somebody looks', async () => {
    await save(NOBODY);
    const { pk: _, sk: __, ...item } = await stored();
    await edit({ ...item, mfaPolicy: BY_MAIL });
    const page = stepgate.browser('header', tenantId);
    await page.signUp(`hand-${tenantId}@example.com`, PASSWORD);
    expect((await page.me()).status).toBe(403);
    const logged = stepgate.logged.filter(
      ({ event, fields }) => event === 'tenant.policy-edited-by-hand' && fields['tenantId'] === tenantId,
    );
    expect(logged.at(-1)?.fields).toEqual({ tenantId, policyHash: policyHash(BY_MAIL) });

    await operator().get(`/admin/tenants/${tenantId}`);
    const [newest, ...older] = await versions();
    expect(newest).toEqual({
      version: 2,
      hash: policyHash(BY_MAIL),
      at: expect.any(Number),
      by: 'unknown',
      reason: "the tenant's item was edited by hand",
      via: 'hand',
    });
    expect(older).toHaveLength(1);
    const before = stepgate.logged.length;
    await page.refresh();
    expect(stepgate.logged.slice(before).map(({ event }) => event)).not.toContain('tenant.policy-edited-by-hand');
  });

  it('is recorded once, however many look at the same time', async () => {
    await save(NOBODY);
    await edit({ mfaPolicy: BY_MAIL });
    const looks = await Promise.all([
      ...Array.from({ length: 6 }, () => operator().get(at())),
      ...Array.from({ length: 3 }, () => operator().get(`/admin/tenants/${tenantId}`)),
      ...Array.from({ length: 3 }, () => operator().get(at('/versions'))),
    ]);
    expect(looks.map(({ status }) => status)).toEqual(looks.map(() => 200));
    expect(await versions()).toMatchObject([
      { version: 2, via: 'hand' },
      { version: 1, via: 'api' },
    ]);
    const adopted = stepgate.logged.filter(
      ({ event, fields }) => event === 'policy.adopted' && fields['tenantId'] === tenantId,
    );
    expect(adopted).toHaveLength(1);
  });

  it('is not lost to a save that knows nothing of it', async () => {
    await save(NOBODY);
    await edit({ mfaPolicy: BY_MAIL });
    expect((await save(BY_PHONE)).body).toMatchObject({ version: 3 });
    expect((await operator().get(at('/versions/2'))).body).toMatchObject({ via: 'hand', mfaPolicy: BY_MAIL });
    await edit({ mfaPolicy: BY_MAIL });
    await operator().put(`/admin/tenants/${tenantId}`, { mfaPolicy: NOBODY });
    expect((await versions()).map(({ version, via }) => [version, via])).toEqual([
      [5, 'api'],
      [4, 'hand'],
      [3, 'api'],
      [2, 'hand'],
      [1, 'api'],
    ]);
  });

  it('that replaced the item and left the policy as it was makes no version', async () => {
    await save(BY_MAIL);
    const { policyState } = await stored();
    await edit({ name: 'Acme', mfaPolicy: BY_MAIL });
    expect((await operator().get(at())).body).toMatchObject({ version: 1, activatedAt: policyState.activatedAt });
    expect(await versions()).toHaveLength(1);
    expect(await stored()).toMatchObject({ name: 'Acme', policyState });
  });

  it('with an older version in it, state and all, is a version of its own', async () => {
    await save(BY_MAIL);
    const { pk: _, sk: __, ...first } = await stored();
    await save(BY_PHONE);
    await edit(first);
    expect((await operator().get(at())).body).toMatchObject({ version: 3, mfaPolicy: BY_MAIL });
    expect((await stored())['policyState']).toMatchObject({ version: 3, hash: policyHash(BY_MAIL) });
  });

  it('of a first policy, with sets as people write them, is version 1', async () => {
    await edit({ mfaPolicy: { rules: [{ id: 'all', require: new Set(['otp-email', 'otp-phone']) }] } });
    expect((await operator().get(at())).body).toMatchObject({ version: 1, findings: [] });
    expect(await versions()).toMatchObject([{ version: 1, via: 'hand' }]);
    expect((await save(NOBODY)).body.version).toBe(2);
  });

  it('that is not valid closes the tenant, is recorded as such and rings', async () => {
    await save(NOBODY);
    const wrong = { rules: [{ id: 'a', when: 'user.', require: ['otp-email'] }], extra: [] };
    await edit({ mfaPolicy: wrong });
    expect((await stepgate.browser('header', tenantId).signIn('a@example.com', PASSWORD)).status).toBe(503);
    const { body } = await operator().get(`/admin/tenants/${tenantId}`);
    expect(body.findings).toMatchObject([{ level: 'error', code: 'malformed' }]);
    expect((await versions())[0]).toMatchObject({ version: 2, via: 'hand', isInvalid: true });
    expect((await operator().get(at('/versions/2'))).body.mfaPolicy).toEqual(wrong);
    const rung = stepgate.logged.filter(
      ({ event, fields }) => event === 'policy.invalid' && fields['tenantId'] === tenantId,
    );
    expect(rung).toMatchObject([{ level: 'error', fields: { version: 2, faults: ['malformed'] } }]);
    await operator().post(at('/rollback'), { version: 1, reason: 'open again' });
    expect((await stepgate.browser('header', tenantId).signIn('a@example.com', PASSWORD)).status).toBe(200);
    expect((await operator().post(at('/rollback'), { version: 2, reason: 'no' })).status).toBe(400);
  });

  it('that is too large to be kept is told each time, and can be saved over', async () => {
    await save(NOBODY);
    const huge = {
      rules: Array.from({ length: 150 }, (_, i) => ({ id: `r${i}`, when: `'${'x'.repeat(1500)}' != ''` })),
    };
    await edit({ mfaPolicy: huge });
    for (const _ of [1, 2]) {
      expect((await operator().get(at())).body.findings).toMatchObject([{ code: 'policy-too-large' }]);
    }
    expect(await versions()).toHaveLength(1);
    expect((await save(NOBODY)).body).toMatchObject({ version: 2, changed: true });
    expect((await stored())['mfaPolicy']).toEqual(NOBODY);
  });

  it.each([['a text'], [{ version: 'one', hash: 1 }], [{ version: 7, hash: policyHash(NOBODY), activatedAt: 1 }]])(
    'of the state, to %j, closes nothing and is put right',
    async (policyState) => {
      await save(NOBODY);
      await edit({ mfaPolicy: NOBODY, policyState });
      const page = stepgate.browser('header', tenantId);
      await page.signUp(`state-${tenantId}@example.com`, PASSWORD);
      expect((await page.me()).status).toBe(200);
      expect((await operator().get(at())).body.version).toBe(1);
      expect((await stored())['policyState']).toMatchObject({ version: 1, hash: policyHash(NOBODY) });
    },
  );
});

describe('the whole tenant', () => {
  it('makes a version where its policy is another one, and none where it is not', async () => {
    await operator().put(`/admin/tenants/${tenantId}`, { mfaPolicy: BY_MAIL });
    await operator().put(`/admin/tenants/${tenantId}`, { mfaPolicy: BY_MAIL, name: 'Acme' });
    await operator().put(`/admin/tenants/${tenantId}`, { name: 'Acme' });
    expect(await versions()).toMatchObject([
      { version: 2, hash: policyHash(undefined) },
      { version: 1, hash: policyHash(BY_MAIL), by: 'local', via: 'api', reason: 'the whole tenant was written' },
    ]);
  });

  it('can be written as it was read, and its state is nobody’s to set', async () => {
    await save(BY_MAIL);
    const { policyState } = await stored();
    const { tenant } = (await operator().get(`/admin/tenants/${tenantId}`)).body;
    expect(tenant).not.toHaveProperty('policyState');
    const forged = { ...tenant, policyState: { version: 99, hash: 'x', activatedAt: 0 } };
    for (const document of [tenant, forged]) {
      expect((await operator().put(`/admin/tenants/${tenantId}`, document)).status).toBe(200);
      expect((await stored())['policyState']).toEqual(policyState);
    }
  });

  it('takes its versions along when it goes, and a new one of that name begins at 1', async () => {
    await save(BY_MAIL);
    await save(BY_PHONE);
    await operator().delete(`/admin/tenants/${tenantId}`);
    expect(await versionItems()).toEqual([]);
    expect((await operator().get(at('/versions'))).status).toBe(404);
    await operator().put(`/admin/tenants/${tenantId}`, { mfaPolicy: NOBODY });
    expect(await versions()).toMatchObject([{ version: 1 }]);
  });

  it('can be removed again where a removal broke off', async () => {
    await save(BY_MAIL);
    const { table } = stepgate.app();
    await table.db.send(new DeleteCommand({ TableName: table.name, Key: tenantKey(tenantId) }));
    expect((await operator().delete(`/admin/tenants/${tenantId}`)).status).toBe(200);
    expect(await versionItems()).toEqual([]);
    expect((await operator().delete(`/admin/tenants/${tenantId}`)).status).toBe(404);
  });
});

describe('a version', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another policy', { mfaPolicy: BY_PHONE }],
    ['a deeper difference', { mfaPolicy: asking('otp-email', 'otp-phone') }],
    ['no policy', {}],
    ['the same without its state', { mfaPolicy: BY_MAIL }],
  ])('does not replace what somebody wrote by hand after it was read: %s', async (_, written) => {
    await save(BY_MAIL);
    const { policies, tenantAdmin } = stepgate.app();
    const seen = await policies.open(tenantId);
    await stepgate.tenant(tenantId, written);
    const next = { version: 2, mfaPolicy: NOBODY, hash: policyHash(NOBODY), at: 1, by: 'x', reason: 'x' };
    expect(await policies.activate(tenantId, { ...next, via: 'api' }, seen)).toBe(false);
    expect(await tenantAdmin.write(tenantId, { mfaPolicy: NOBODY }, seen, { ...next, via: 'api' })).toBe(false);
    expect(await tenantAdmin.write(tenantId, { mfaPolicy: BY_MAIL }, seen, undefined)).toBe(false);
    expect(await stored()).toEqual({ ...tenantKey(tenantId), ...written });
    expect(await policies.read(tenantId, 2)).toBeUndefined();
  });

  it('is never written again', async () => {
    await save(BY_MAIL);
    const { policies } = stepgate.app();
    const seen = await policies.open(tenantId);
    const forged = { version: 1, mfaPolicy: NOBODY, hash: policyHash(NOBODY), at: 1, by: 'x', reason: 'x' };
    expect(await policies.activate(tenantId, { ...forged, via: 'api' }, seen)).toBe(false);
    expect((await stored())['mfaPolicy']).toEqual(BY_MAIL);
    expect(await policies.read(tenantId, 1)).toMatchObject({ mfaPolicy: BY_MAIL });
    expect(policyKey(tenantId, 1).sk).toBe('POLICY#000001');
  });
});
