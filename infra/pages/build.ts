import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { largestPage } from './split.ts';

export interface PagesBundle {
  /** Where it lies: `index.html`, and `assets/` with hashed names. */
  readonly directory: string;
  /** Relative to `directory`, sorted. */
  readonly files: readonly string[];
  /** All scripts of the page that loads most, as they travel. */
  readonly scriptGzipBytes: number;
}

export interface PagesOptions {
  /** A style sheet read after ours: what it sets wins. */
  readonly theme?: string;
}

/** Most that the scripts of any one page may take on the way, with 1 KB = 1000 bytes. */
export const SCRIPT_LIMIT = 60_000;

const ROOT = join(import.meta.dirname, '../..');
const WEB = join(ROOT, 'web');

/**
 * Builds `web/` into a directory, replacing what was there.
 *
 * The same sources give the same names and bytes. Everything is complete under another name first, so a reader, or a
 * build at the same time, never sees half of it.
 *
 * @throws Error when a page's scripts are larger than `SCRIPT_LIMIT`.
 */
export async function buildPages(outDir: string, { theme }: PagesOptions = {}): Promise<PagesBundle> {
  const { scripts, main, scriptGzipBytes, style } = await bundle(theme);
  if (scriptGzipBytes > SCRIPT_LIMIT) {
    throw new Error(`A page's scripts are ${scriptGzipBytes} bytes gzipped, more than the ${SCRIPT_LIMIT} allowed.`);
  }
  const styleName = hashed('pages', style, 'css');
  await mkdir(dirname(outDir), { recursive: true });
  const draft = await mkdtemp(join(dirname(outDir), `.${basename(outDir)}-`));
  await mkdir(join(draft, 'assets'));
  for (const [name, content] of scripts) await writeFile(join(draft, name), content);
  await writeFile(join(draft, styleName), style);
  await cp(join(WEB, 'icon.svg'), join(draft, 'assets/icon.svg'));
  const template = await readFile(join(WEB, 'index.html'), 'utf8');
  const html = template.replace('%SCRIPT%', `/${main}`).replace('%STYLE%', `/${styleName}`);
  await writeFile(join(draft, 'index.html'), html);
  await exchange(draft, outDir);
  const files = ['assets/icon.svg', 'index.html', ...scripts.keys(), styleName].toSorted();
  return { directory: outDir, files, scriptGzipBytes };
}

interface Bundle {
  /** By the names they are served under. */
  readonly scripts: ReadonlyMap<string, Uint8Array>;
  /** The one that the document names; it asks for the others. */
  readonly main: string;
  readonly scriptGzipBytes: number;
  readonly style: Uint8Array;
}

async function bundle(theme: string | undefined): Promise<Bundle> {
  const imports = [join(WEB, 'style.css'), ...(theme === undefined ? [] : [theme])];
  const common = { bundle: true, minify: true, legalComments: 'none', write: false, absWorkingDir: ROOT } as const;
  const [script, style] = await Promise.all([
    build({
      ...common,
      entryPoints: [join(WEB, 'main.tsx')],
      outdir: 'assets',
      entryNames: 'pages-[hash]',
      chunkNames: 'pages-[hash]',
      splitting: true,
      // web/ui/kit.ts decides what travels together.
      ignoreAnnotations: true,
      // Modules are read as UTF-8, whatever the header says: no accent has to be spelt out.
      charset: 'utf8',
      metafile: true,
      format: 'esm',
      target: ['es2022'],
      platform: 'browser',
      jsx: 'automatic',
      jsxImportSource: 'preact',
    }),
    build({
      ...common,
      stdin: {
        contents: imports.map((path) => `@import ${JSON.stringify(path)};`).join('\n'),
        loader: 'css',
        resolveDir: WEB,
      },
      target: ['es2022', 'safari15.4'],
    }),
  ]);
  const { outputs } = script.metafile;
  const scripts = new Map(script.outputFiles.map(({ path, contents }) => [`assets/${basename(path)}`, contents]));
  const main = Object.keys(outputs).find((path) => outputs[path]!.entryPoint === 'web/main.tsx')!;
  return { scripts, main, scriptGzipBytes: largestPage(outputs, scripts), style: style.outputFiles[0]!.contents };
}

const hashed = (name: string, content: Uint8Array, extension: string): string =>
  `assets/${name}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}.${extension}`;

/** The finished directory takes the place of the earlier one; when two builds meet, one of two equal results stays. */
async function exchange(draft: string, outDir: string): Promise<void> {
  const old = `${draft}-old`;
  await rename(outDir, old).catch(() => undefined);
  try {
    await rename(draft, outDir);
  } catch (cause) {
    const standing = await readdir(outDir).catch((): string[] => []);
    if (!standing.includes('index.html')) throw cause;
    await rm(draft, { recursive: true });
  }
  await rm(old, { recursive: true, force: true });
}
