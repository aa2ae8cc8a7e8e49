import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFunctions, STATIC_LIMIT } from '../infra/build.ts';
import type { Inventory } from '../infra/build/reuse.ts';
import { helloSource } from './hello.ts';
import type { Row } from './rows.ts';

/** One function and the hello-world it is held against. */
export interface Bundle {
  readonly name: string;
  readonly staticBytes: number;
  readonly lazyBytes: number;
  /** AWS clients that are read at a cold start, such as `dynamodb`. */
  readonly clients: readonly string[];
  readonly path: string;
  readonly helloPath: string;
}

const ROOT = join(import.meta.dirname, '..');
/** Apart from `dist/<function>`, so that a build of somebody else's in between changes nothing that is being measured. */
const OUT = 'dist/bench';

/** Builds the functions, and for each set of clients among them a hello-world, by the same build. */
export async function buildBundles(): Promise<readonly Bundle[]> {
  const sizes = await buildFunctions({ out: `${OUT}/functions` });
  const all = await Promise.all(
    Object.entries(sizes).map(async ([name, size]) => {
      const clients = await clientsOf(name);
      const helloPath = join(ROOT, OUT, 'hello', clients.join('-'), 'index.mjs');
      return { name, ...size, clients, path: join(ROOT, OUT, 'functions', name, 'index.mjs'), helloPath };
    }),
  );
  // The authorizer has no client: there is no hello-world of its kind to hold it against.
  const bundles = all.filter(({ clients }) => clients.length > 0);
  await buildHellos(bundles.map(({ clients }) => clients));
  return bundles;
}

async function buildHellos(sets: readonly (readonly string[])[]): Promise<void> {
  const sources = join(ROOT, OUT, 'hello-source');
  await rm(sources, { recursive: true, force: true });
  const byName = new Map(sets.map((clients) => [clients.join('-'), clients]));
  for (const [name, clients] of byName) {
    await mkdir(join(sources, name), { recursive: true });
    await writeFile(join(sources, name, 'index.ts'), helloSource(clients));
  }
  await buildFunctions({ functions: `${OUT}/hello-source`, out: `${OUT}/hello` });
}

/** As the bundle has them, so that a client which a function reads for nothing is not held against it here, but in its size. */
async function clientsOf(name: string): Promise<readonly string[]> {
  const { files }: Inventory = JSON.parse(await readFile(join(ROOT, OUT, 'functions/maps', name, 'meta.json'), 'utf8'));
  const inputs = files.filter(({ eager }) => eager).flatMap(({ sources }) => Object.keys(sources));
  const found = inputs.flatMap((input) => /@aws-sdk\/client-([\w-]+)\//.exec(input)?.[1] ?? []);
  return [...new Set(found)].toSorted();
}

export const sizeRows = (bundles: readonly Bundle[]): readonly Row[] =>
  bundles.map(({ name, staticBytes, lazyBytes, clients }) => ({
    what: name,
    value: staticBytes / 1000,
    unit: 'KB',
    bound: STATIC_LIMIT / 1000,
    note: `${(lazyBytes / 1000).toFixed(1)} KB on demand; ${clients.join(', ')}`,
  }));
