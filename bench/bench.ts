import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBundles, sizeRows } from './bundles.ts';
import { countRows } from './counts.ts';
import { writeMeasured } from './document.ts';
import { currentLoad, machine, machineLine } from './machine.ts';
import { readyRows } from './ready.ts';
import { policyRows } from './policy.ts';
import { type Row, type Section, tableOf, verdict } from './rows.ts';
import { startService } from './service-process.ts';
import { timeRows } from './times.ts';

/**
 * Measures what design.md §8 bounds. A row over its bound is marked and is no failure; what could not be measured is one.
 *
 * `--quick` measures with few runs, `--json` prints data, `--write` puts the table into docs/performance.md.
 */
const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, write: { type: 'boolean' } },
});

const RUNS = options.quick === true ? { starts: 5, logins: 5 } : { starts: 15, logins: 60 };
const DOCUMENT = join(import.meta.dirname, '../docs/performance.md');

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function section(title: string, work: () => Promise<readonly Row[]>): Promise<Section> {
  say(`… ${title}`);
  try {
    return { title, rows: await work() };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    say(`✖ ${failure}`);
    return { title, rows: [], failure };
  }
}

async function measureAll(): Promise<readonly Section[]> {
  // Each is begun once and asked for wherever it is needed: its failure belongs to whoever asks.
  const bundles = buildBundles();
  bundles.catch(() => {});
  const sizes = await section('bundle, read at a cold start', async () => sizeRows(await bundles));
  const starts = await section('from process to handler, against a hello-world with the same clients', async () =>
    readyRows(await bundles, RUNS.starts, say),
  );
  const service = startService();
  service.catch(() => {});
  try {
    const counts = await section('DynamoDB, warm', async () => countRows(await service));
    const times = await section('time, warm, without the hash', async () => timeRows(await service, RUNS.logins));
    const policies = await section('policies', () => policyRows(RUNS.logins));
    return [sizes, starts, counts, times, policies];
  } finally {
    await service.then(({ stop }) => stop()).catch(() => {});
  }
}

const loadBefore = currentLoad();
const sections = await measureAll();
const about = machine(loadBefore);
const text = `${tableOf(sections)}\n\n${machineLine(about)}\n`;

if (options.write === true) await writeMeasured(DOCUMENT, text);
if (options.json === true) {
  const marked = sections.map(({ rows, ...rest }) => ({
    ...rest,
    rows: rows.map((row) => ({ ...row, verdict: verdict(row) })),
  }));
  process.stdout.write(`${JSON.stringify({ machine: about, runs: RUNS, sections: marked }, null, 2)}\n`);
} else {
  process.stdout.write(text);
}
if (sections.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
