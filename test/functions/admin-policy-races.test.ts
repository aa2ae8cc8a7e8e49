import { describe, expect, it } from 'vitest';
import { policyKey, tenantKey } from '../../shared/dynamo/keys.ts';
import { policyHash } from '../../shared/policies/hash.ts';
import { asking, BY_MAIL, BY_PHONE, NOBODY, usePolicies } from '../support/policies.ts';

/** Saves and edits in the same moment: nothing is lost, and a version is written once. */

const { stepgate, operator, at, save, versions, stored, tenantId } = usePolicies();

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
    const seen = await policies.open(tenantId());
    const next = (i: number) => {
      const mfaPolicy = { rules: [{ id: `saver-${i}`, require: ['otp-email'] }] };
      const about = { at: clock.now(), by: `saver-${i}`, reason: 'race', via: 'api' } as const;
      return { version: 2, mfaPolicy, hash: policyHash(mfaPolicy), ...about };
    };
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => policies.activate(tenantId(), next(i), seen)),
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
      operator().put(`/admin/tenants/${tenantId()}`, { name: 'Acme', mfaPolicy: BY_MAIL }),
      operator().put(`/admin/tenants/${tenantId()}`, { name: 'Acme', mfaPolicy: NOBODY }),
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

describe('a version', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another policy', { mfaPolicy: BY_PHONE }],
    ['a deeper difference', { mfaPolicy: asking('otp-email', 'otp-phone') }],
    ['no policy', {}],
    ['the same without its state', { mfaPolicy: BY_MAIL }],
  ])('does not replace what somebody wrote by hand after it was read: %s', async (_, written) => {
    await save(BY_MAIL);
    const { policies, tenantAdmin } = stepgate.app();
    const seen = await policies.open(tenantId());
    await stepgate.tenant(tenantId(), written);
    const next = { version: 2, mfaPolicy: NOBODY, hash: policyHash(NOBODY), at: 1, by: 'x', reason: 'x' };
    expect(await policies.activate(tenantId(), { ...next, via: 'api' }, seen)).toBe(false);
    expect(await tenantAdmin.write(tenantId(), { mfaPolicy: NOBODY }, seen, { ...next, via: 'api' })).toBe(false);
    expect(await tenantAdmin.write(tenantId(), { mfaPolicy: BY_MAIL }, seen, undefined)).toBe(false);
    expect(await stored()).toEqual({ ...tenantKey(tenantId()), ...written });
    expect(await policies.read(tenantId(), 2)).toBeUndefined();
  });

  it('is never written again', async () => {
    await save(BY_MAIL);
    const { policies } = stepgate.app();
    const seen = await policies.open(tenantId());
    const forged = { version: 1, mfaPolicy: NOBODY, hash: policyHash(NOBODY), at: 1, by: 'x', reason: 'x' };
    expect(await policies.activate(tenantId(), { ...forged, via: 'api' }, seen)).toBe(false);
    expect((await stored())['mfaPolicy']).toEqual(BY_MAIL);
    expect(await policies.read(tenantId(), 1)).toMatchObject({ mfaPolicy: BY_MAIL });
    expect(policyKey(tenantId(), 1).sk).toBe('POLICY#000001');
  });
});
