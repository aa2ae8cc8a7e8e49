import { describe, expect, it } from 'vitest';
import { policyHash } from '../../shared/policies/hash.ts';
import { BY_MAIL, BY_PHONE, usePolicies } from '../support/policies.ts';

/** An earlier policy is taken back over HTTP. */

const { operator, at, save, versions, stored, tenantId } = usePolicies();

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
    await operator().put(`/admin/tenants/${tenantId()}`, { contactMethod: 'EMAIL', mfaPolicy: BY_MAIL });
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
