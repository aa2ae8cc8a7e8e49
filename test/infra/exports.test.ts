/** What the package offers by name, resolved and loaded as a project beside it would. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
let project = '';

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'stepgate-consumer-'));
  await mkdir(join(project, 'node_modules'));
  await symlink(ROOT, join(project, 'node_modules/stepgate'));
});
afterAll(() => rm(project, { recursive: true, force: true }));

const evaluate = async (code: string): Promise<string> =>
  (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { cwd: project })).stdout.trim();

describe('a project that has stepgate as a dependency', () => {
  it('imports the construct', async () => {
    expect(await evaluate("console.log((await import('stepgate/construct')).Stepgate.name)")).toBe('Stepgate');
  });

  it('imports the session check, with and without middy', async () => {
    const code =
      "import { requireSession } from 'stepgate/protect'; import { checkSession } from 'stepgate/check-session'";
    expect(await evaluate(`${code}; console.log(typeof requireSession, typeof checkSession)`)).toBe(
      'function function',
    );
  });

  it('bundles the session check for a Lambda, without an AWS client in it', async () => {
    const { metafile } = await build({
      stdin: { contents: "export { requireSession } from 'stepgate/protect';", resolveDir: project },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.some((input) => input.endsWith('shared/protect/require-session.ts'))).toBe(true);
    expect(inputs.filter((input) => input.includes('@aws-sdk'))).toEqual([]);
  });

  it('reaches nothing else', async () => {
    await expect(evaluate("await import('stepgate/shared/parts.ts')")).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
