/** `npm run compatibility` writes what ran; a flow that came, went or was renamed since is told here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const SDK = join(ROOT, 'test/sdk');

/** Titles as they are written; of a table's, what comes before its first column. */
const titles = readdirSync(SDK)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => [
    ...readFileSync(join(SDK, name), 'utf8').matchAll(/^ {2}(?:it(?:\.\w+)?|\]\))\(\s*'([^']+)',/gmu),
  ])
  .map(([, title = '']) => title.split('$')[0]!);

it('the compatibility table has every flow of test/sdk, passed, and no other', () => {
  const [, run = ''] = /<!-- run -->\n([\s\S]*)<!-- \/run -->/.exec(
    readFileSync(join(ROOT, 'docs/compatibility.md'), 'utf8'),
  )!;
  const rows = run
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.split(' | '));
  const flows = new Set(rows.map(([, , flow = '']) => flow));
  expect(titles.length).toBeGreaterThan(30);
  expect(titles.filter((title) => ![...flows].some((flow) => flow.startsWith(title)))).toEqual([]);
  expect([...flows].filter((flow) => !titles.some((title) => flow.startsWith(title)))).toEqual([]);
  expect(rows.map((row) => row.at(-1)).filter((result) => result !== 'passed |')).toEqual([]);
});
