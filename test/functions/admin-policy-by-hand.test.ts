import { describe, expect, it } from 'vitest';
import { policyHash } from '../../shared/policies/hash.ts';
import { BY_MAIL, BY_PHONE, NOBODY, usePolicies } from '../support/policies.ts';
import { PASSWORD } from '../support/stepgate.ts';

/** What people do to a tenant's item by hand, and what becomes of its policy. */

const { stepgate, operator, at, save, versions, stored, tenantId } = usePolicies();

describe('an edit of the item by hand', () => {
  const edit = (attributes: object) => stepgate.tenant(tenantId(), { ...attributes });

  it('holds, is logged where people sign in, and becomes a version when somebody looks', async () => {
    await save(NOBODY);
    const { pk: _, sk: __, ...item } = await stored();
    await edit({ ...item, mfaPolicy: BY_MAIL });
    const page = stepgate.browser('header', tenantId());
    await page.signUp(`hand-${tenantId()}@example.com`, PASSWORD);
    expect((await page.me()).status).toBe(403);
    const logged = stepgate.logged.filter(
      ({ event, fields }) => event === 'tenant.policy-edited-by-hand' && fields['tenantId'] === tenantId(),
    );
    expect(logged.at(-1)?.fields).toEqual({ tenantId: tenantId(), policyHash: policyHash(BY_MAIL) });

    await operator().get(`/admin/tenants/${tenantId()}`);
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
      ...Array.from({ length: 3 }, () => operator().get(`/admin/tenants/${tenantId()}`)),
      ...Array.from({ length: 3 }, () => operator().get(at('/versions'))),
    ]);
    expect(looks.map(({ status }) => status)).toEqual(looks.map(() => 200));
    expect(await versions()).toMatchObject([
      { version: 2, via: 'hand' },
      { version: 1, via: 'api' },
    ]);
    const adopted = stepgate.logged.filter(
      ({ event, fields }) => event === 'policy.adopted' && fields['tenantId'] === tenantId(),
    );
    expect(adopted).toHaveLength(1);
  });

  it('is not lost to a save that knows nothing of it', async () => {
    await save(NOBODY);
    await edit({ mfaPolicy: BY_MAIL });
    expect((await save(BY_PHONE)).body).toMatchObject({ version: 3 });
    expect((await operator().get(at('/versions/2'))).body).toMatchObject({ via: 'hand', mfaPolicy: BY_MAIL });
    await edit({ mfaPolicy: BY_MAIL });
    await operator().put(`/admin/tenants/${tenantId()}`, { mfaPolicy: NOBODY });
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
    expect((await stepgate.browser('header', tenantId()).signIn('a@example.com', PASSWORD)).status).toBe(503);
    const { body } = await operator().get(`/admin/tenants/${tenantId()}`);
    expect(body.findings).toMatchObject([{ level: 'error', code: 'malformed' }]);
    expect((await versions())[0]).toMatchObject({ version: 2, via: 'hand', isInvalid: true });
    expect((await operator().get(at('/versions/2'))).body.mfaPolicy).toEqual(wrong);
    const rung = stepgate.logged.filter(
      ({ event, fields }) => event === 'policy.invalid' && fields['tenantId'] === tenantId(),
    );
    expect(rung).toMatchObject([{ level: 'error', fields: { version: 2, faults: ['malformed'] } }]);
    await operator().post(at('/rollback'), { version: 1, reason: 'open again' });
    expect((await stepgate.browser('header', tenantId()).signIn('a@example.com', PASSWORD)).status).toBe(200);
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
      const page = stepgate.browser('header', tenantId());
      await page.signUp(`state-${tenantId()}@example.com`, PASSWORD);
      expect((await page.me()).status).toBe(200);
      expect((await operator().get(at())).body.version).toBe(1);
      expect((await stored())['policyState']).toMatchObject({ version: 1, hash: policyHash(NOBODY) });
    },
  );
});
