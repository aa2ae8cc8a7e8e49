import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    expect((await cli.run(['policy', 'rollback', '99', '--reason', 'x', '--yes'])).code).toBe(1);
    const raced = await cli.run([...args, '--if-version', '0'], { stdin: JSON.stringify(EVERYBODY) });
    expect(raced.code).toBe(1);
    expect(raced.stderr).toContain('Another change of the policy came first');
  });
});
