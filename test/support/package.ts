import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { afterAll, beforeAll } from 'vitest';
import { buildCli, buildFunctions } from '../../infra/build.ts';
import { buildEntries } from '../../infra/build/package.ts';
import { buildPages } from '../../infra/pages/build.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

const Packed = v.object({ filename: v.string(), files: v.array(v.object({ path: v.string() })) });
/** npm 12 says it by the package's name. */
const Report = v.pipe(
  v.string(),
  v.parseJson(),
  v.transform((said) => Object.values(v.parse(v.record(v.string(), v.unknown()), { ...Object(said) }))[0]),
  Packed,
);

const Manifest = v.object({
  dependencies: v.record(v.string(), v.string()),
  optionalDependencies: v.record(v.string(), v.string()),
  peerDependencies: v.record(v.string(), v.string()),
  exports: v.record(v.string(), v.union([v.string(), v.record(v.string(), v.string())])),
});

/**
 * A project with the packed package in it, as `npm install stepgate-x.tgz` leaves it. What the package declares, and
 * nothing else, is beside it: those are this checkout's own, since no test may need the network.
 */
export function useInstalledPackage() {
  let project = '';
  let files: readonly string[] = [];

  beforeAll(async () => {
    await buildFunctions();
    await buildCli();
    await buildPages(join(ROOT, 'dist/pages'));
    await buildEntries(ROOT);
    project = await mkdtemp(join(tmpdir(), 'stepgate-installed-'));
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
    const packed = v.parse(Report, (await run('npm', args, { cwd: ROOT, maxBuffer: 2 ** 24 })).stdout);
    files = packed.files.map(({ path }) => path);
    const installed = join(project, 'node_modules/stepgate');
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', join(project, packed.filename), '-C', installed, '--strip-components=1']);
    const { dependencies, optionalDependencies, peerDependencies } = await readManifest();
    const declared = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies, '@types/node': '' });
    for (const name of declared) {
      const link = join(project, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(ROOT, 'node_modules', name), link);
    }
  }, 180_000);
  afterAll(() => rm(project, { recursive: true, force: true }));

  const readManifest = async () =>
    v.parse(v.pipe(v.string(), v.parseJson(), Manifest), await readFile(join(ROOT, 'package.json'), 'utf8'));

  return {
    project: () => project,
    /** What was packed, by path in the package. */
    files: () => files,
    manifest: readManifest,
    /** Runs this Node in the project. @throws with what it said when it ends with anything but 0. */
    node: async (...args: readonly string[]): Promise<string> =>
      (await run(process.execPath, args, { cwd: project, maxBuffer: 2 ** 24 })).stdout.trim(),
  };
}
