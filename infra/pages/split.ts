import type { Metafile } from 'esbuild';
import { gzipSync } from 'node:zlib';

type Outputs = Metafile['outputs'];

/** A file and all that it cannot do without; what it may ask for later is not among them. */
function closure(path: string, outputs: Outputs, into = new Set<string>()): Set<string> {
  if (into.has(path)) return into;
  into.add(path);
  for (const { path: next, kind } of outputs[path]!.imports) {
    if (kind === 'import-statement') closure(next, outputs, into);
  }
  return into;
}

/**
 * What the page that loads most loads, as it travels: the program, the page, and the longest language.
 *
 * @param sources by the names that `outputs` uses.
 */
export function largestPage(outputs: Outputs, sources: ReadonlyMap<string, Uint8Array>): number {
  const size = (path: string): number => gzipSync(sources.get(path)!, { level: 9 }).length;
  const total = (paths: Iterable<string>): number => [...paths].reduce((sum, path) => sum + size(path), 0);
  const later = (folder: string): string[] =>
    Object.keys(outputs).filter((path) => outputs[path]!.entryPoint?.startsWith(folder));
  const main = Object.keys(outputs).find((path) => outputs[path]!.entryPoint === 'web/main.tsx')!;
  const withMain = (...paths: readonly string[]): Set<string> => {
    const files = closure(main, outputs);
    for (const path of paths) closure(path, outputs, files);
    return files;
  };
  const pages = later('web/pages/');
  const languages = later('web/i18n/');
  return Math.max(...pages.flatMap((page) => languages.map((language) => total(withMain(page, language)))));
}
