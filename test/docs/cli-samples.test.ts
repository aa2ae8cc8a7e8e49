/**
 * What docs/cli.md shows of each command is what the command prints: every block that begins with `$ stepgate` is run, in
 * the page's order, on three users, two tenants and the files below. `STEPGATE_WRITE_SAMPLES=1` writes what is printed now
 * into the page.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useCli } from '../support/cli.ts';
import { lines } from '../support/importing.ts';
import { useStepgate } from '../support/stepgate.ts';

const PAGE = join(import.meta.dirname, '../../docs/cli.md');
const stepgate = useStepgate();
const cli = useCli(stepgate);
const MAIL = { MAIL_FROM: 'Stepgate <no-reply@example.com>', PUBLIC_URL: 'http://localhost:3001' };
let dir = '';

const HASH = '$2b$04$Z6hUTEEeoJXN5/AmSm/4.eZ75RYgFVriQM9LPhNEC7kbAbS/VAaJ2';
const account = (id: string, name: string, about: object = {}) => ({
  id,
  timeJoined: '2026-01-05T12:00:00Z',
  loginMethods: [
    { recipeId: 'emailpassword', email: `${name}@example.com`, verified: name !== 'anna', passwordHash: HASH },
  ],
  ...about,
});
const ADMINS = { id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] };
const FILES: Readonly<Record<string, string>> = {
  'policy.json': JSON.stringify({ rules: [ADMINS, { id: 'all', require: ['otp-email'] }] }),
  'admins.json': JSON.stringify({ rules: [ADMINS] }),
  'none.json': JSON.stringify({ rules: [] }),
  'paid.json': JSON.stringify({
    rules: [{ id: 'paid', when: "user.metadata.plan == 'paid'", require: ['totp'] }],
  }),
  'policy.test.json': JSON.stringify({
    cases: [
      { name: 'an admin', facts: { user: { roles: ['admin'] } }, expect: ['otp-email'], because: ['admins', 'all'] },
      { name: 'anybody else', expect: 'nothing' },
    ],
  }),
  'there.ndjson': lines([
    account('8897f528-3185-4bf7-8f97-d06ee3cae9cc', 'anna', { metadata: { plan: 'paid' } }),
    account('3f1c2a90-64f0-4d7e-9a55-0c9f6c1f2b17', 'ben', { roles: ['admin'] }),
    account('cleo', 'cleo', { requiredFactors: ['totp'] }),
  ]),
  'users.ndjson': [
    lines([account('dora', 'dora'), account('cleo', 'cleo', { roles: ['admin'], requiredFactors: [] })]),
    '{"id": "half of a line',
    lines([account('emil', 'emil')]),
  ].join('\n'),
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stepgate-samples-'));
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(dir, name), content);
  await run('import there.ndjson');
  await run("policy activate none.json --reason 'Nobody needs a code' --yes");
  await run("policy activate admins.json --reason 'Admins need a code' --yes");
  await stepgate.tenant('acme', { requiredSecondaryFactor: ['otp-email'] });
  await run('tenant get acme');
}, 60_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Stdout of `stepgate` with this behind it, as a shell splits it. */
async function run(line: string): Promise<string> {
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
  const child = spawn(process.execPath, [cli.entry(), ...args, ...cli.here()], {
    cwd: dir,
    env: { ...process.env, ...MAIL, USER: 'anna', NO_COLOR: '1', AWS_EC2_METADATA_DISABLED: 'true' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text(child.stdout);
}

const isNow = (time: string): boolean => Math.abs(Date.parse(time.replace(' ', 'T')) - Date.now()) < 86_400_000;

/** Without what is of this moment, of this machine, or of a database that has no backups to tell of. */
const told = (printed: string): string =>
  printed
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, (time) => (isNow(time) ? '2026-11-24 17:08:41Z' : time))
    .replaceAll(`anna@${hostname()}`, 'anna@laptop')
    .replace(/^unknown .*\[table-backups\]\n {9}.*\n/m, '');

const BLOCK = /```text\n\$ stepgate ([^\n]*)\n([\s\S]*?)```/g;

it('docs/cli.md shows what the commands print', { timeout: 120_000 }, async () => {
  const page = await readFile(PAGE, 'utf8');
  expect([...page.matchAll(/```text\n(?!\$ stepgate )/g)]).toEqual([]);
  const blocks = [...page.matchAll(BLOCK)];
  expect(blocks.length).toBeGreaterThan(12);
  let now = page;
  for (const [whole, line = ''] of blocks) {
    const printed = told(await run(line));
    now = now.replace(whole, () => ['```text', `$ stepgate ${line}`, `${printed}\`\`\``].join('\n'));
  }
  if (process.env['STEPGATE_WRITE_SAMPLES'] !== undefined) await writeFile(PAGE, now);
  else expect(now).toBe(page);
});
