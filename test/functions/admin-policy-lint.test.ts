import { beforeEach, describe, expect, it } from 'vitest';
import { gateway } from '../support/gateway.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate({ config: { SMS_COUNTRIES: '' } });
const operator = () => stepgate.browser();
let tenantId = '';
let count = 0;
const validate = (mfaPolicy: unknown, of = tenantId) =>
  operator().post(`/admin/tenants/${of}/policy/validate`, { mfaPolicy });
const codes = ({ body }: { readonly body: { readonly findings: readonly { readonly code: string }[] } }) =>
  body.findings.map(({ code }) => code);
const asking = (...require: readonly unknown[]) => ({ rules: [{ id: 'all', require }] });

beforeEach(async () => {
  tenantId = `lint${(count += 1)}`;
  await stepgate.tenant(tenantId, { firstFactors: ['emailpassword'] });
});

describe('POST …/policy/validate', () => {
  it('has nothing against a policy that works', async () => {
    expect(await validate(asking('totp'))).toMatchObject({
      status: 200,
      body: { status: 'OK', tenantId, findings: [] },
    });
  });

  it('tells everything of one that does not: the place, what was meant, and where it is explained', async () => {
    const { status, body } = await validate({
      rules: [{ id: 'staff', when: "'staff' in user.role", require: ['otp-mail'] }],
    });
    expect(status).toBe(200);
    expect(body.findings).toEqual([
      {
        level: 'error',
        code: 'unknown-factor',
        ruleId: 'staff',
        message: 'otp-mail is not a factor',
        path: 'rules.0.require.0',
        suggestion: 'did you mean otp-email?',
        doc: 'docs/policy-lint.md#unknown-factor',
      },
      {
        level: 'error',
        code: 'condition-unknown-name',
        ruleId: 'staff',
        message: 'No such key: role',
        path: 'rules.0.when',
        position: { line: 1, column: 17, offset: 16 },
        suggestion: 'did you mean user.roles?',
        doc: 'docs/policy-lint.md#condition-unknown-name',
      },
    ]);
  });

  it("knows the service's settings and the day", async () => {
    expect(codes(await validate(asking({ oneOf: ['totp', 'otp-phone'] })))).toEqual(['sms-nowhere']);
    expect(codes(await validate({ rules: [{ id: 'a', from: '2020-01-01', require: ['totp'] }] }))).toEqual([
      'from-past',
    ]);
  });

  it('tells what a shape lacks, and writes nothing', async () => {
    for (const shape of [{ rule: [] }, 'rules', 7, []]) {
      expect(codes(await validate(shape))).toContain('malformed');
    }
    expect((await operator().get(`/admin/tenants/${tenantId}/policy`)).body).toMatchObject({
      version: 0,
      mfaPolicy: null,
    });
  });

  it('looks at what holds where there is no policy', async () => {
    expect(codes(await validate(null))).toEqual(['nothing-listed']);
  });

  it('looks at the policy of a tenant that is malformed, too', async () => {
    await stepgate.tenant(tenantId, { contactMethod: 'SMS' });
    expect(codes(await validate({ rules: [{ id: 'a', when: 'true', require: ['totp'] }] }))).toEqual([
      'malformed',
      'always-matches',
    ]);
  });

  it('says how much is too much', async () => {
    const rules = Array.from({ length: 150 }, (_, i) => ({
      id: `r${i}`,
      when: `user.id == '${'x'.repeat(1_900)}'`,
      require: ['totp'],
    }));
    expect(codes(await validate({ rules }))).toEqual(['policy-too-large']);
    await stepgate.tenant(tenantId, { metadata: { notes: 'n'.repeat(352_000) } });
    expect(codes(await validate(asking('totp')))).toEqual(['tenant-too-large']);
  });

  it('knows no tenant that there is not', async () => {
    expect((await validate(asking('totp'), 'nobody')).status).toBe(404);
    expect((await validate(asking('totp'), 'NOT_A_TENANT')).status).toBe(400);
    expect((await validate(asking('totp'), 'public')).status).toBe(200);
  });

  it('says what a save says', async () => {
    const policy = { rules: [{ id: 'a', when: 'true', require: ['otp-mail'] }] };
    const refused = await operator().put(`/admin/tenants/${tenantId}/policy`, { mfaPolicy: policy, reason: 'try' });
    expect(refused.status).toBe(400);
    expect(refused.body.findings).toEqual((await validate(policy)).body.findings);
  });

  it('is read by a save: errors refuse it, warnings do not', async () => {
    const save = (mfaPolicy: unknown) =>
      operator().put(`/admin/tenants/${tenantId}/policy`, { mfaPolicy, reason: 'try' });
    expect(await save({ rules: [{ id: 'a', when: 'true', require: ['totp'] }] })).toMatchObject({
      status: 200,
      body: { version: 1, findings: [{ level: 'warning', code: 'always-matches' }] },
    });
    await stepgate.tenant(tenantId, { firstFactors: ['otp-email'], contactMethod: 'EMAIL' });
    expect(await save(asking('otp-email'))).toMatchObject({
      status: 400,
      body: { findings: [{ code: 'unsatisfiable' }] },
    });
  });

  it.each([
    [false, ['country-unknown']],
    [true, []],
    [undefined, []],
  ])('says of countries that nothing knows them where that is so: EDGE_COUNTRY %j', async (EDGE_COUNTRY, expected) => {
    const ask = gateway(stepgate.app(), { EDGE_COUNTRY });
    const mfaPolicy = { rules: [{ id: 'abroad', when: "request.country != 'HU'", require: ['totp'] }] };
    const at = `/admin/tenants/${tenantId}`;
    const replies = [
      await ask('POST', `${at}/policy/validate`, { body: { mfaPolicy } }),
      await ask('PUT', `${at}/policy`, { body: { mfaPolicy, reason: 'try' } }),
      await ask('GET', `${at}/policy`),
      await ask('GET', at),
      await ask('PUT', at, { body: { firstFactors: ['emailpassword'], mfaPolicy } }),
    ];
    for (const reply of replies) expect(codes(reply)).toEqual(expected);
  });
});
