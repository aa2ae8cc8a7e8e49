import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `npm run compatibility`: runs test/sdk and writes what came of it into docs/compatibility.md. */

const ROOT = join(import.meta.dirname, '..');
const RESULTS = join(ROOT, 'test-results', 'sdk.json');
const DOC = join(ROOT, 'docs', 'compatibility.md');
const BLOCK = /(<!-- run -->\n)[\s\S]*(<!-- \/run -->)/;

interface Result {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

function results(): readonly Result[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- vitest's own JSON report
  const report = JSON.parse(readFileSync(RESULTS, 'utf8')) as {
    testResults: { assertionResults: readonly Result[] }[];
  };
  return report.testResults.flatMap(({ assertionResults }) => assertionResults);
}

function row({ ancestorTitles, title, status }: Result): string {
  const [sdk = '', mode = ''] = (ancestorTitles[0] ?? '').split(', ');
  const [name = '', version = ''] = sdk.split(' ');
  return `| ${name} | ${version} | ${title} | ${mode.replace(' mode', '')} | ${status} |`;
}

const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const args = [vitest, 'run', '--config', 'test/vitest.config.ts', 'test/sdk', '--reporter=default'];
const { status } = spawnSync(process.execPath, [...args, '--reporter=json', `--outputFile.json=${RESULTS}`], {
  cwd: ROOT,
  stdio: 'inherit',
});
const rows = results().map(row).toSorted();
const table = ['| SDK | version | flow | mode | result |', '|---|---|---|---|---|', ...rows].join('\n');
writeFileSync(
  DOC,
  readFileSync(DOC, 'utf8').replace(BLOCK, (_, open: string, close: string) => `${open}${table}\n${close}`),
);
process.exitCode = status ?? 1;
