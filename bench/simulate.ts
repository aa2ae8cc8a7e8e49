import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeMeasured } from './document.ts';
import { currentLoad, machine, machineLine } from './machine.ts';
import { type Row, tableOf, verdict } from './rows.ts';
import { measureSimulation } from './simulate-run.ts';

/**
 * Measures how long a policy takes to be tried on many users, and in how much memory. Takes minutes, most of them for
 * writing the users.
 *
 * `--users` says how many, `--json` prints data, `--write` puts the table into docs/performance.md.
 */
const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    users: { type: 'string', default: '100000' },
    json: { type: 'boolean' },
    write: { type: 'boolean' },
  },
});
const users = Number(options.users);
if (!Number.isSafeInteger(users) || users < 1) throw new Error('--users takes a whole number');

const loadBefore = currentLoad();
const run = await measureSimulation(users, (line) => void process.stderr.write(`${line}\n`));
if (run.users !== users) throw new Error(`only ${run.users} of ${users} users were met`);
const perUser = run.seconds / users;
const rows: readonly Row[] = [
  {
    what: `${users.toLocaleString('en')} users`,
    value: run.seconds,
    unit: 's',
    bound: (300 * users) / 100_000,
    note: `${Math.round(1 / perUser)} users a second; CPU ${run.cpuSeconds.toFixed(0)} s of the simulating process`,
  },
  { what: 'memory, resident, at most', value: run.rssMb, unit: 'MB', bound: 300 },
];
const about = machine(loadBefore);
const text = `${tableOf([{ title: 'a policy tried on everybody, no limit on reads', rows }])}\n\n${machineLine(about)}\n`;
if (options.write === true) await writeMeasured(join(import.meta.dirname, '../docs/performance.md'), text, 'simulate');
if (options.json === true) {
  const marked = rows.map((row) => ({ ...row, verdict: verdict(row) }));
  process.stdout.write(`${JSON.stringify({ machine: about, rows: marked }, null, 2)}\n`);
} else {
  process.stdout.write(text);
}
