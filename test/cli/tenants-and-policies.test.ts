import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantKey } from '../../shared/dynamo/keys.ts';
import { policyHash } from '../../shared/policies/hash.ts';
import { useCli } from '../support/cli.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const cli = useCli(stepgate);
let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stepgate-cli-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const file = async (name: string, value: unknown): Promise<string> => {
  const path = join(dir, name);
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};
const ADMINS = { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] };
const EVERYBODY = { rules: [{ id: 'everybody', require: ['otp-email'] }] };

describe('stepgate tenant', () => {
  it('puts a tenant, lists it and gives it back as it was', async () => {
    const path = await file('acme.json', { name: 'Acme', requiredSecondaryFactors: ['otp-email'] });
    expect(await cli.json(['tenant', 'put', 'acme', path])).toEqual({ tenantId: 'acme', findings: [] });
    expect(await cli.json(['tenant', 'list'])).toEqual({ tenants: ['public', 'acme'] });
    const { stdout } = await cli.run(['tenant', 'get', 'acme']);
    expect(JSON.parse(stdout)).toEqual({ name: 'Acme', requiredSecondaryFactors: ['otp-email'] });
    expect((await cli.run(['tenant', 'put', 'acme-two', '-'], { stdin: stdout })).stdout).toBe(
      'The tenant acme-two is written.\n',
    );
    expect(await cli.json(['tenant', 'get', 'acme-two'])).toMatchObject({ tenant: { name: 'Acme' }, findings: [] });
  });

  it('shows what it would replace, and replaces it when somebody says so', async () => {
    const path = await file('asked.json', { name: 'Asked', mfaPolicy: EVERYBODY });
    expect((await cli.run(['tenant', 'put', 'asked', path])).code).toBe(0);
    // The same again replaces nothing.
    expect((await cli.run(['tenant', 'put', 'asked', path])).code).toBe(0);
    const weaker = await file('weaker.json', { name: 'Asked', mfaPolicy: { rules: [] } });
    const refused = await cli.run(['tenant', 'put', 'asked', weaker]);
    expect(refused).toMatchObject({ code: 64, stdout: '' });
    expect(refused.stderr).toMatch(/--- as stored\n\+\+\+ as given[\s\S]*^-.*"everybody"[\s\S]*Give --yes\.\n$/m);
    expect(await cli.json(['policy', 'show', '--tenant', 'asked'])).toMatchObject({ mfaPolicy: EVERYBODY });
    const wrong = await file('wrong.json', { name: 'Asked', firstFactors: ['telepathy'] });
    expect((await cli.run(['tenant', 'put', 'asked', wrong])).code).toBe(2);
    expect((await cli.run(['tenant', 'put', 'asked', weaker, '--yes'])).code).toBe(0);
    expect(await cli.ndjson(['policy', 'list', '--tenant', 'asked'])).toMatchObject([{ version: 2 }, { version: 1 }]);
    expect((await cli.run(['tenant', 'put', 'public', weaker])).code).toBe(64);
  });

  it('refuses a document with errors and writes nothing', async () => {
    const path = await file('wrong.json', { firstFactors: ['telepathy'] });
    const { code, stdout, stderr } = await cli.run(['tenant', 'put', 'wrong', path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('telepathy');
    expect((await cli.run(['tenant', 'get', 'wrong'])).code).toBe(1);
  });

  it('says where a file is no JSON, or not there', async () => {
    const path = await file('half.json', '{ "name": ');
    const broken = await cli.run(['tenant', 'put', 'half', path]);
    expect(broken.code).toBe(66);
    expect(broken.stderr).toContain('half.json is not JSON');
    expect((await cli.run(['tenant', 'put', 'half', join(dir, 'nowhere.json')])).code).toBe(66);
  });

  it('finds the tenant that somebody broke by hand, and names the attribute', async () => {
    await stepgate.tenant('broken', { requiredSecondaryFactor: ['otp-email'] });
    const [found] = await cli.ndjson(['tenant', 'check', 'broken'], { code: 2 });
    expect(found).toMatchObject({ tenantId: 'broken', findings: [{ level: 'error' }] });
    const all = await cli.run(['tenant', 'check']);
    expect(all.code).toBe(2);
    expect(all.stdout).toContain('public: fine');
    expect(all.stdout).toMatch(/broken:\nerror .*requiredSecondaryFactor/);
  });

  it('passes over a tenant whose item somebody took away, and says so', async () => {
    await stepgate.tenant('taken', {});
    await cli.run(['tenant', 'get', 'taken']);
    const { table } = stepgate.app();
    await table.db.send(new DeleteCommand({ TableName: table.name, Key: tenantKey('taken') }));
    const { stdout, stderr } = await cli.run(['tenant', 'check']);
    expect(stderr).toContain('The tenant taken is in the list and has no item');
    expect(stdout).toContain('public: fine');
    expect((await cli.run(['tenant', 'check', 'taken'])).code).toBe(1);
    await stepgate.app().tenantAdmin.remove('taken');
  });
});

describe('stepgate policy', () => {
  it('is put in force, compared, listed and taken back, each with who and why', async () => {
    const [admins, everybody] = [await file('admins.json', ADMINS), await file('everybody.json', EVERYBODY)];
    const why = ['--tenant', 'public', '--yes', '--reason'];
    expect((await cli.run(['policy', 'activate', admins, '--reason', 'no word'])).code).toBe(64);
    expect(await cli.json(['policy', 'activate', admins, ...why, 'admins first'])).toMatchObject({
      version: 1,
      changed: true,
    });
    expect(await cli.json(['policy', 'activate', admins, ...why, 'again'])).toMatchObject({ changed: false });
    expect(await cli.json(['policy', 'activate', everybody, ...why, 'then all'])).toMatchObject({ version: 2 });

    const diff = await cli.run(['policy', 'diff', '1']);
    expect(diff.stdout).toContain('-      "id": "admins"');
    expect(await cli.json(['policy', 'diff', admins])).toMatchObject({
      changes: [
        { ruleId: 'admins', kind: 'added' },
        { ruleId: 'everybody', kind: 'removed' },
      ],
    });
    expect((await cli.run(['policy', 'diff', '1', admins])).stdout).toBe('No difference.\n');

    expect(await cli.json(['policy', 'rollback', '1', ...why, 'too early'])).toMatchObject({ version: 3 });
    expect(await cli.ndjson(['policy', 'list'])).toMatchObject([
      { version: 3, via: 'rollback', from: 1, reason: 'too early', active: true },
      { version: 2, via: 'cli', reason: 'then all', active: false },
      { version: 1, via: 'cli', reason: 'admins first', by: expect.stringMatching(/^.+@.+$/) },
    ]);
    expect((await cli.run(['policy', 'list', '--limit', '1'])).stdout.split('\n')).toHaveLength(2);
    expect(JSON.parse((await cli.run(['policy', 'show', '2'])).stdout)).toEqual(EVERYBODY);
    expect(JSON.parse((await cli.run(['policy', 'show'])).stdout)).toEqual(ADMINS);
  });

  it('is refused with errors, for an unknown version, and where another save came first', async () => {
    const misspelt = JSON.stringify({ rules: [{ id: 'all', require: ['otp-emial'] }] });
    const args = ['policy', 'activate', '-', '--reason', 'x', '--yes'];
    const refused = await cli.run([...args, '--json'], { stdin: misspelt });
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stderr.trim().split('\n').at(-1)!)).toMatchObject({
      error: { exitCode: 2, findings: [{ level: 'error', ruleId: 'all' }] },
    });
    const unasked = await cli.run(['policy', 'activate', '-', '--reason', 'x'], { stdin: misspelt });
    expect(unasked.code).toBe(2);
    expect((await cli.run(['policy', 'rollback', '99', '--reason', 'x', '--yes'])).code).toBe(1);
    const raced = await cli.run([...args, '--if-version', '0'], { stdin: JSON.stringify(EVERYBODY) });
    expect(raced.code).toBe(1);
    expect(raced.stderr).toContain('Another change of the policy came first');
  });

  it('is looked at before, with AWS and without', async () => {
    const unguarded = { rules: [{ id: 'paid', when: "user.metadata.plan == 'paid'", require: ['otp-email'] }] };
    const found = await cli.json(['policy', 'validate', '-'], { stdin: JSON.stringify(unguarded), code: 2 });
    expect(found['findings']).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'unguarded-metadata',
        ruleId: 'paid',
        position: { line: 1, column: 1, offset: 0 },
        doc: 'docs/policy-lint.md#unguarded-metadata',
      }),
    );
    const nobody = { env: { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' } };
    const offline = await cli.bare(['policy', 'validate', '-', '--offline'], {
      stdin: JSON.stringify(unguarded),
      ...nobody,
    });
    expect(offline.code).toBe(2);
    expect(offline.stdout).toMatch(/^error unguarded-metadata \(rule paid/);
    const tenant = JSON.stringify({ contactMethod: 'PHONE', mfaPolicy: EVERYBODY });
    const inTenant = await cli.bare(['policy', 'validate', '-', '--offline', '--json'], { stdin: tenant, ...nobody });
    expect(inTenant.code).toBe(2);
    expect(inTenant.stdout).toContain('factor-not-offered');
    expect((await cli.run(['policy', 'validate', '-'], { stdin: JSON.stringify(ADMINS) })).code).toBe(0);
  });
});

it('stepgate policy test runs a table, with AWS and without', async () => {
  const policy = await file('tested.json', ADMINS);
  const admin = { name: 'an admin', facts: { user: { roles: ['admin'] } }, expect: ['otp-email'], because: ['admins'] };
  const table = await file('table.json', { cases: [admin, { name: 'a user', expect: 'nothing' }] });
  const nobody = { env: { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' } };
  const args = ['policy', 'test', table, '--policy', policy, '--offline'];
  expect((await cli.bare(args, nobody)).stdout).toBe(
    'passed an admin\npassed a user\n2 passed, 0 failed. Every rule is met by a case.\n',
  );
  expect(await cli.json(['policy', 'test', table, '--policy', policy])).toMatchObject({ passed: 2, failed: 0 });
  const wrong = await file('wrong.json', { cases: [{ name: 'everybody', expect: ['otp-email'] }] });
  const failed = await cli.bare(['policy', 'test', wrong, '--policy', policy, '--offline'], nobody);
  expect(failed.code).toBe(2);
  expect(failed.stdout).toContain('No case meets: admins.');
  const bad = await cli.bare(['policy', 'test', '-', '--policy', policy, '--offline'], { stdin: '{"cases":[]}' });
  expect(bad.code).toBe(66);
  expect((await cli.bare(['policy', 'test', table, '--offline'])).code).toBe(64);
});

describe('stepgate policy simulate', () => {
  const PHONE = { rules: [{ id: 'phone', require: ['otp-phone'] }] };
  const at = ['--tenant', 'tried', '--rate', '0'];
  beforeAll(async () => {
    await stepgate.tenant('tried', { contactMethod: 'EMAIL', mfaPolicy: { rules: [] } });
    for (const name of ['a', 'b', 'c']) await stepgate.user(`${name}@tried.example`, { tenantId: 'tried' });
  });

  it('says whom it would concern, what it costs, and ends with 0 where everybody still gets in', async () => {
    const lines = await cli.ndjson(['policy', 'simulate', '-', ...at, '--email-usd', '1'], {
      stdin: JSON.stringify(EVERYBODY),
    });
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({ because: ['everybody'], now: { challenged: false }, after: { challenged: true } });
    expect(lines[3]).toMatchObject({
      summary: {
        users: 3,
        challengedNow: 0,
        challengedAfter: 3,
        lockedOut: 0,
        otpMessages: { email: 3, sms: 0, smsSegments: 0 },
      },
      cost: { usdPerDay: { total: 3 } },
    });
    const human = await cli.run(['policy', 'simulate', '-', ...at], { stdin: JSON.stringify(EVERYBODY) });
    expect(human.stdout).toMatch(/asked for a second factor +0 +3/);
    expect(human.stdout).not.toContain('a@tried.example');
    expect(await cli.ndjson(['policy', 'simulate', ...at])).toMatchObject([
      { summary: { users: 3, challengedAfter: 0 } },
    ]);
  });

  it('counts sign-ins on remembered devices for less, and refuses a share, a time and an address that are none', async () => {
    await stepgate.tenant('trusting', { rememberDevice: { days: 7 } });
    await stepgate.user('a@trusting.example', { tenantId: 'trusting' });
    const all = ['policy', 'simulate', '-', '--tenant', 'trusting', '--rate', '0'];
    const stdin = JSON.stringify(EVERYBODY);
    const [, last] = await cli.ndjson([...all, '--email-usd', '1', '--sign-ins', '4', '--remembered', '75'], { stdin });
    expect(last).toMatchObject({ cost: { messagesPerDay: { email: 1, sms: 0 }, usdPerDay: { total: 1 } } });
    for (const [option, value] of [
      ['--remembered', '101'],
      ['--at', '2027-02-30'],
      ['--ip', 'office'],
    ]) {
      const refused = await cli.run([...all, option!, value!], { stdin });
      expect(refused.code).toBe(64);
      expect(refused.stderr).toContain(option);
    }
    const network = { rules: [{ id: 'office', when: "inNetwork(request.ip, '10.0.0.0/8')", require: ['otp-email'] }] };
    const [office] = await cli.ndjson([...all, '--ip', '10.1.2.3'], { stdin: JSON.stringify(network) });
    expect(office).toMatchObject({ because: ['office'] });
  });

  it('refuses a policy with errors, and ends with 2 where somebody is locked out', async () => {
    expect((await cli.run(['policy', 'simulate', '-', ...at], { stdin: JSON.stringify(PHONE) })).code).toBe(2);
    await stepgate.tenant('shut', { firstFactors: ['emailpassword'], requiredSecondaryFactors: ['totp'] });
    await stepgate.tenant('shut', { firstFactors: ['thirdparty'], providers: [] });
    await stepgate.user('no-way@shut.example', { tenantId: 'shut' });
    const [, last] = await cli.ndjson(['policy', 'simulate', '--tenant', 'shut', '--rate', '0'], { code: 2 });
    expect(last).toMatchObject({ summary: { users: 1, lockedOut: 1 } });
  });

  it('goes on where it was broken off, of the same policy and tenant alone', async () => {
    const { cursor } = await stepgate.app().userAdmin.members('tried', 2, undefined);
    const all = await cli.ndjson(['policy', 'simulate', ...at]);
    const { summary } = all.at(-1) as { summary: object };
    const circumstances = policyHash({ request: {} });
    const kept = {
      tenantId: 'tried',
      policy: policyHash(undefined),
      circumstances,
      cursor,
      summary: { ...summary, users: 100 },
    };
    const path = await file('state.json', kept);
    const other = await cli.run(['policy', 'simulate', '--state', path]);
    expect(other.code).toBe(64);
    expect(other.stderr).toContain('of another tenant');
    const later = await cli.run(['policy', 'simulate', ...at, '--state', path, '--at', '2100-01-01']);
    expect(later.code).toBe(64);
    expect(later.stderr).toContain('of another time or place');
    expect((await cli.ndjson(['policy', 'simulate', ...at, '--state', path])).at(-1)).toMatchObject({
      summary: { users: 101 },
    });
    await expect(access(path)).rejects.toThrow('ENOENT');
  });
});
