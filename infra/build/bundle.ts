import { join, relative } from 'node:path';
import { type OutputChunk, type RolldownBuild, type RolldownOutput, rolldown } from 'rolldown';
import { oneByOne, wholeOf } from './one-by-one.ts';
import { plainSchemaKeys } from './plain-keys.ts';

/** One file of a bundle, and what it came from. */
export interface BundledFile {
  readonly name: string;
  readonly bytes: number;
  /** Read before the handler is there. */
  readonly eager: boolean;
  /** Bytes of each source in it, by path from the repository's root. */
  readonly sources: Readonly<Record<string, number>>;
}

export interface Bundled {
  /** Every source, by path from the root; what shook out included. */
  readonly inputs: readonly string[];
  readonly files: readonly (BundledFile & { readonly code: string; readonly map: string })[];
}

const ENTRY = 'index.mjs';

export type Credentials = 'environment' | 'chain';

/**
 * Bundles one function: `index.mjs` and one file of all it reads at a cold start, and a file for each thing that is
 * loaded on demand.
 *
 * Twice, since only the first time shows which sources are read at a cold start; together in one file they are read at
 * once. They are not in the entry itself: what is loaded on demand asks for them by name, and a loader that took the
 * entry under another address, as some do, would run it a second time.
 *
 * @param credentials `environment`: the only ones a Lambda has. `chain`: profiles, single sign-on and so on as well.
 * @param directory where the files will lie; their maps name the sources as seen from one beside it.
 */
export async function bundle(
  root: string,
  entry: string,
  directory: string,
  credentials: Credentials = 'environment',
): Promise<Bundled> {
  const build = await rolldown({
    cwd: root,
    input: { index: entry },
    platform: 'node',
    tsconfig: false,
    external: /^node:(?!timers$)/,
    plugins: [plainSchemaKeys, oneByOne],
    onLog: (level, log, report) => {
      // A client that one function loads on demand is another's at once.
      if (log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') report(level, log);
    },
    preserveEntrySignatures: 'allow-extension',
    resolve: {
      mainFields: ['module', 'main'],
      alias: {
        'node:timers$': join(root, 'infra/build/timers.ts'),
        ...(credentials === 'environment' && {
          '@aws-sdk/credential-provider-node': join(root, 'infra/build/environment-credentials.ts'),
        }),
      },
    },
  });
  try {
    const early = await earlySources(build);
    const output = await build.generate({
      ...NAMES,
      dir: directory,
      minify: { codegen: { asciiOnly: true } },
      sourcemap: 'hidden',
      sourcemapExcludeSources: true,
      comments: { legal: false },
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ name: 'core', test: (id) => id !== join(root, entry) && (early.has(id) || id.startsWith('\0')) }],
      },
    });
    const inputs = new Set((await build.watchFiles).filter((path) => !path.startsWith('\0')).map(wholeOf));
    return { inputs: [...inputs].map((path) => relative(root, path)).toSorted(), files: filesOf(output, root) };
  } finally {
    await build.close();
  }
}

const NAMES = { format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' } as const;

async function earlySources(build: RolldownBuild): Promise<ReadonlySet<string>> {
  const chunks = chunksOf(await build.generate(NAMES));
  return new Set(eagerOf(chunks).flatMap(({ moduleIds }) => moduleIds));
}

const chunksOf = ({ output }: RolldownOutput): readonly OutputChunk[] => output.filter((file) => file.type === 'chunk');

/** The entry and every file that importing it reads; what is imported dynamically is not followed. */
function eagerOf(chunks: readonly OutputChunk[]): readonly OutputChunk[] {
  const names = new Set([ENTRY]);
  // A set goes on to what is added while it is walked.
  for (const name of names) {
    for (const next of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) names.add(next);
  }
  return chunks.filter(({ fileName }) => names.has(fileName));
}

function filesOf(output: RolldownOutput, root: string): Bundled['files'] {
  const chunks = chunksOf(output);
  const eager = new Set(eagerOf(chunks));
  return chunks.map((chunk) => ({
    name: chunk.fileName,
    bytes: Buffer.byteLength(chunk.code),
    eager: eager.has(chunk),
    sources: Object.fromEntries(
      Object.entries(chunk.modules)
        .filter(([id, { renderedLength }]) => !id.startsWith('\0') && renderedLength > 0)
        .map(([id, { renderedLength }]) => [relative(root, id), renderedLength]),
    ),
    code: chunk.code,
    map: mapOf(chunk),
  }));
}

/** Maps lie one directory deeper than the code that their paths start from. Empty where nothing of ours is in a file. */
const mapOf = ({ map }: OutputChunk): string =>
  map === null || map.sources.length === 0
    ? ''
    : JSON.stringify({ ...map, sources: map.sources.map(wholeOf), sourceRoot: '..' });
