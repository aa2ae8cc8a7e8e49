import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const SDK = join(ROOT, 'test', 'sdk');

/** `supertokens-web-js 0.16.0: takes the code`, of each test that runs an SDK, read out of its source. */
const written = readdirSync(SDK)
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => flowsIn(readFileSync(join(SDK, file), 'utf8')));

function flowsIn(source: string): readonly string[] {
  const parts = source.split(/describe\.skipIf\([^)]*\)\.each\(MODES\)\('/).slice(1);
  return parts.flatMap((part) => {
    const sdk = part.slice(0, part.indexOf(','));
    return [...part.matchAll(/\bit\(\s*'([^']+)'/g)].map(([, flow]) => `${sdk}: ${flow}`);
  });
}

const table = readFileSync(join(ROOT, 'docs', 'compatibility.md'), 'utf8')
  .split('<!-- run -->')[1]!
  .split('<!-- /run -->')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| supertokens-'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('docs/compatibility.md', () => {
  it.each(['cookie', 'header'])('lists exactly the flows that are run, in %s mode', (mode) => {
    const listed = table
      .filter((cells) => cells[4] === mode)
      .map(([, sdk, version, flow]) => `${sdk} ${version}: ${flow}`);
    expect(written.length).toBeGreaterThan(0);
    expect([...listed].toSorted()).toEqual([...written].toSorted());
  });

  it('was written from a run in which everything passed', () => {
    expect(new Set(table.map((cells) => cells[5]))).toEqual(new Set(['passed']));
  });
});
