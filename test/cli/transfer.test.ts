import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash as bcrypt } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCli } from '../support/cli.ts';
import { FIREBASE, lines } from '../support/importing.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const cli = useCli(stepgate);
const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
let dir = '';
let users = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stepgate-cli-'));
  users = join(dir, 'users.ndjson');
  const passwordHash = await bcrypt('a long enough password', 4);
  const record = (id: string, about: object = {}) => ({
    id,
    loginMethods: [{ recipeId: 'emailpassword', email: `${id}@import.example`, verified: true, passwordHash }],
    roles: { public: ['admin'] },
    requiredFactors: ['otp-email'],
    ...about,
  });
  await writeFile(
    users,
    `${lines([record('imported-1'), record('imported-2', { totpDevices: [{ name: 'phone', secret: SEED }] })])}\n{"id": "half\n`,
  );
  await stepgate.tenant('apart', {});
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('stepgate import and export', () => {
  it('says of each line what comes of it, and takes everybody in once', async () => {
    const tried = await cli.ndjson(['import', users, '--dry-run'], { code: 1 });
    expect(tried.at(-1)).toEqual({ summary: expect.objectContaining({ created: 2, refused: 1, dryRun: true }) });
    expect((await cli.run(['user', 'get', 'imported-1'])).code).toBe(1);

    const first = await cli.run(['import', users]);
    expect(first.code).toBe(1);
    expect(first.stdout).toMatch(/^line 3: refused\n/);
    expect(first.stdout).toContain('2 users created, 0 updated, 0 unchanged, 1 refused.');
    expect(first.stdout + first.stderr).not.toMatch(/\$2[aby]\$|JBSWY3DP|import\.example/);
    expect(await cli.json(['user', 'get', 'imported-1'])).toMatchObject({
      user: { id: 'imported-1', roles: { public: ['admin'] }, requiredFactors: ['otp-email'] },
    });

    const again = await cli.ndjson(['import', users, '--resume-after', '1'], { code: 1 });
    expect(again.at(-1)).toMatchObject({ summary: { created: 0, unchanged: 1, refused: 1 } });
    const stdin = await readFile(users, 'utf8');
    expect((await cli.run(['import', '-'], { stdin: stdin.split('\n')[0]! })).code).toBe(0);
  });

  it('writes whole users out only when somebody says so, to a file for its owner', async () => {
    const out = join(dir, 'out.ndjson');
    expect(await cli.run(['export'])).toMatchObject({ code: 64, stdout: '' });
    expect(await cli.json(['export', '--out', out, '--yes'])).toEqual({ users: 2, out });
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const written = await readFile(out, 'utf8');
    expect(written).toContain(SEED);
    expect(written.trim().split('\n')).toHaveLength(2);
    expect((await cli.run(['export', '--out', out, '--yes'])).stderr).toContain('is not overwritten');
    expect((await cli.run(['export', '--all', '--yes'])).stdout.split('\n').toSorted()).toEqual(
      written.split('\n').toSorted(),
    );
    expect((await cli.run(['export', '--tenant', 'apart', '--yes'])).stdout).toBe('');
    expect((await cli.run(['export', '--tenant', 'nowhere', '--yes'])).code).toBe(1);
    expect((await cli.ndjson(['import', out])).at(-1)).toMatchObject({ summary: { created: 0, unchanged: 2 } });
  });

  it('changes users who are there when it is told to, and shows first what protects them less', async () => {
    const changed = join(dir, 'changed.ndjson');
    const [line] = (await readFile(users, 'utf8')).split('\n');
    await writeFile(changed, line!.replace('"requiredFactors":["otp-email"]', '"requiredFactors":[]'));
    expect((await cli.run(['import', changed])).stdout).toContain('differs: there is a user of this id');
    for (const dryRun of [['--dry-run'], []]) {
      const { code, stdout } = await cli.run(['import', changed, '--update', ...dryRun]);
      expect(code).toBe(0);
      expect(stdout).toContain('line 1: updated imported-1\n  WEAKER requiredFactors: otp-email removed\n');
      expect(stdout).toMatch(/1 (would be )?updated.* 1 user (would be )?protected less than before: see WEAKER\./);
    }
    expect(await cli.json(['user', 'get', 'imported-1'])).toMatchObject({ user: { requiredFactors: [] } });
    expect((await cli.run(['import', changed, '--update-passwords'])).code).toBe(64);
  });

  it('reads files of other systems', async () => {
    const parameters = join(dir, 'parameters.json');
    await writeFile(parameters, JSON.stringify({ signerKey: 'x' }));
    const samples = join(import.meta.dirname, '../import/samples');
    const wrong = await cli.run(['import', join(samples, 'firebase.json'), '--firebase-parameters', parameters]);
    expect(wrong.code).toBe(66);
    const block = join(dir, 'parameters.txt');
    await writeFile(
      block,
      `hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: ${FIREBASE.signerKey},\n  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}\n`,
    );
    const pasted = ['--format', 'firebase', '--firebase-parameters', block, '--dry-run'];
    expect((await cli.ndjson(['import', join(samples, 'firebase.json'), ...pasted])).at(-1)).toMatchObject({
      summary: { created: 2, refused: 0 },
    });
    const cognito = ['import', join(samples, 'cognito.json'), '--format', 'cognito', '--dry-run'];
    expect((await cli.ndjson(cognito)).at(-1)).toMatchObject({ summary: { refused: 0 } });
    expect((await cli.run(['import', users, '--format', 'csv'])).stderr).toContain('--format must be one of ndjson');
    expect((await cli.run(['import', join(dir, 'nowhere')])).code).toBe(66);
  });
});
