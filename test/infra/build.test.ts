import { hash } from 'node:crypto';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Size, buildFunctions, overLimit } from '../../infra/build.ts';

const ROOT = join(import.meta.dirname, '../..');
const OUT = `dist/test-${process.pid}`;
const build = () => buildFunctions({ functions: 'test/infra/fixture', out: OUT });
const list = async (directory: string) => (await readdir(join(ROOT, OUT, directory))).toSorted();

const read = (path: string) => readFile(join(ROOT, OUT, path), 'utf8');

/** Each file by its hash: a difference is a line, not a bundle. */
async function hashes(name: string): Promise<Record<string, string>> {
  const files = await list(name);
  const texts = await Promise.all(files.map((file) => read(`${name}/${file}`)));
  return Object.fromEntries(files.map((file, index) => [file, hash('sha256', texts[index]!)]));
}

describe('buildFunctions', () => {
  let sizes: Record<string, Size>;
  beforeAll(async () => (sizes = await build()));
  afterAll(() => rm(join(ROOT, OUT), { recursive: true, force: true }));

  it('builds each directory that has an index.ts', () => {
    expect(Object.keys(sizes)).toEqual(['echo', 'sender']);
  });

  it('counts what is imported dynamically apart from what is read at a cold start', () => {
    expect(sizes['echo']).toMatchObject({ lazyBytes: 0 });
    expect(sizes['sender']?.staticBytes).toBeGreaterThan(100_000);
    expect(sizes['sender']?.lazyBytes).toBeGreaterThan(20_000);
  });

  it('puts nothing but code into what is uploaded', async () => {
    expect((await list('echo')).every((file) => file.endsWith('.mjs'))).toBe(true);
    expect((await list('sender')).every((file) => file.endsWith('.mjs'))).toBe(true);
    expect((await list('maps/echo')).every((file) => /\.mjs\.map$|^meta\.json$/.test(file))).toBe(true);
  });

  it('keeps the sources themselves out of the maps, and their names in', async () => {
    const map = JSON.parse(await read('maps/echo/index.mjs.map'));
    expect(Array.isArray(map.sources) && map.mappings.length > 0).toBe(true);
    expect(map.sourcesContent).toBeUndefined();
    const source = join(ROOT, OUT, 'maps/echo', map.sourceRoot, map.sources[0]);
    expect(source).toBe(join(ROOT, 'test/infra/fixture/echo/index.ts'));
  });

  it('leaves out every way to credentials but the environment', async () => {
    const files = await list('sender');
    const text = (await Promise.all(files.map((file) => read(`sender/${file}`)))).join('');
    for (const [name, is] of Object.entries({
      AWS_ACCESS_KEY_ID: true,
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: false,
    })) {
      expect([name, text.includes(name)]).toEqual([name, is]);
    }
  });

  it('makes the same bytes again', async () => {
    const before = await hashes('sender');
    await rm(join(ROOT, OUT, 'maps/sender/meta.json'));
    await build();
    expect(await hashes('sender')).toEqual(before);
  });

  it('reads one file beside the entry at a cold start, and no file on demand asks for the entry', async () => {
    const { files } = JSON.parse(await read('maps/sender/meta.json'));
    const early = files.filter(({ eager }: { eager: boolean }) => eager).map(({ name }: { name: string }) => name);
    expect(early).toEqual(['index.mjs', expect.stringMatching(/^core-/)]);
    const others = (await list('sender')).filter((name) => name !== 'index.mjs');
    const texts = await Promise.all(others.map((name) => read(`sender/${name}`)));
    expect(texts.filter((text) => text.includes('./index.mjs'))).toEqual([]);
  });

  it.each([
    ['a file too many', 'sender/chunk-OLD.mjs'],
    ['a file that is not as it was', 'sender/index.mjs'],
  ])('does not take %s for built', async (_, path) => {
    const before = await hashes('sender');
    await writeFile(join(ROOT, OUT, path), 'spoilt');
    await build();
    expect(await hashes('sender')).toEqual(before);
  });

  it('gives a bundle that loads and runs', async () => {
    const { handler } = await import(join(ROOT, OUT, 'sender/index.mjs'));
    process.env['AWS_REGION'] ??= 'eu-central-1';
    expect(await handler()).toMatch(/^\w+ \w+$/);
  });
});

describe('overLimit', () => {
  it('says which function is too large, and by how much', () => {
    const sizes = { small: { staticBytes: 100, lazyBytes: 900 }, large: { staticBytes: 101, lazyBytes: 0 } };
    expect(overLimit(sizes, 100)).toEqual([
      expect.stringContaining('large reads 101 bytes at a cold start, 1 more than'),
    ]);
  });
});
