/** Ctrl-C, `kill` and `| head` in the middle of the commands that take long, and what another run then makes of it. */
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { manyUsers } from '../../bench/many-users.ts';
import { type Json, launchedAsChild, launchedBy, type Running, useCli } from '../support/cli.ts';
import { type Rule, useFaults } from '../support/fault-proxy.ts';
import { lines } from '../support/importing.ts';
import { olderNode } from '../support/older-node.ts';
import { useStepgate } from '../support/stepgate.ts';

const faults = await useFaults();
const stepgate = useStepgate();
const cli = useCli(stepgate);
/** Three pages of a simulation. */
const USERS = 600;
const EVERYBODY = JSON.stringify({ rules: [{ id: 'everybody', require: ['otp-email'] }] });
/** The ids of the tenant's users: 16 lists, some 38 users in each. */
const MEMBERS = /MEMBER#crowd#/;
const SLOW = { timeout: 60_000 };
let dir = '';
let whole: Json | undefined;
let policy = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stepgate-cli-'));
  policy = join(dir, 'policy.json');
  await writeFile(policy, EVERYBODY);
  for (const tenantId of ['crowd', 'empty']) await stepgate.tenant(tenantId, { mfaPolicy: { rules: [] } });
  await manyUsers(stepgate.app(), { tenantId: 'crowd', count: USERS });
  whole = (await cli.ndjson(SIMULATE())).at(-1);
}, 60_000);
const SIMULATE = () => ['policy', 'simulate', policy, '--tenant', 'crowd', '--rate', '0'];
afterEach(() => faults.calm());
afterAll(() => rm(dir, { recursive: true, force: true }));

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Does something to the command when that request arrives, and lets the request go on once the command has noticed. */
function at(request: Pick<Rule, 'operation' | 'of' | 'nth'>, act: () => Promise<unknown>): void {
  faults.inject({ ...request, fault: { kind: 'meanwhile', run: act } });
}

const stop = async (running: Running, signal: NodeJS.Signals) => {
  running.child.kill(signal);
  await running.said(/Stopping at the next place/);
};

const older = olderNode();
const WAYS: readonly (readonly [string, readonly string[] | undefined, string | undefined])[] = [
  ['the bundle', [], undefined],
  ['the launcher', launchedBy(), undefined],
  ['the launcher and its child', launchedAsChild(), undefined],
  [
    'the launcher on an older Node',
    older === undefined ? undefined : launchedBy(older),
    'no Node 20 to 23 on the PATH',
  ],
];

describe.each(WAYS)('Ctrl-C, with %s,', SLOW, (_, by, missing) => {
  const how = by === undefined || by.length === 0 ? {} : { by };

  it('in a simulation: the same command goes on, and counts as one run would', async (context) => {
    if (by === undefined) return context.skip(missing ?? '');
    const state = join(dir, 'state.json');
    const args = [...SIMULATE(), '--state', state];
    const running = cli.start(args, how);
    at({ operation: 'Query', of: MEMBERS, nth: 10 }, () => stop(running, 'SIGINT'));
    const { code, stdout, stderr } = await running.ended;
    expect({ code, sums: stdout.includes('asked for a second factor') }).toEqual({ code: 130, sums: false });
    expect(stderr).toMatch(/stepgate: It was broken off\.\nWith --state the same command goes on from here\.\n$/);
    const { summary } = JSON.parse(await readFile(state, 'utf8')) as { summary: { users: number } };
    expect(summary.users % 256).toBe(0);
    expect(summary.users).toBeLessThan(USERS);
    expect((await cli.ndjson(args)).at(-1)).toEqual(whole);
    expect(await isThere(state)).toBe(false);
  });

  it('in an import: what is told to go on after is done, and the rest comes with the next run', async (context) => {
    if (by === undefined) return context.skip(missing ?? '');
    const name = crypto.randomUUID();
    const file = join(dir, `${name}.ndjson`);
    const record = (n: number) => ({
      id: `${name}-${n}`,
      loginMethods: [{ recipeId: 'passwordless', email: `${name}-${n}@example.com`, verified: true }],
    });
    await writeFile(file, lines(Array.from({ length: 100 }, (_each, n) => record(n))));
    const running = cli.start(['import', file, '--tenant', 'empty'], how);
    at({ operation: 'TransactWriteItems', nth: 30 }, () => stop(running, 'SIGINT'));
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    const [, created, after] = /(\d+) users created.*--resume-after (\d+)/.exec(stdout) ?? [];
    expect(Number(created)).toBeGreaterThanOrEqual(29);
    expect(Number(created)).toBeLessThan(100);
    const rest = await cli.ndjson(['import', file, '--tenant', 'empty', '--resume-after', String(after)]);
    const { summary } = rest.at(-1) as { summary: { created: number; unchanged: number; refused: number } };
    expect(summary.created + Number(created)).toBe(100);
    expect(summary.unchanged + summary.created).toBe(100 - Number(after));
    expect((await cli.ndjson(['import', file, '--tenant', 'empty'])).at(-1)).toMatchObject({
      summary: { created: 0, unchanged: 100, refused: 0 },
    });
  });

  it('in an export: there is no half file, and the next run makes the whole one', async (context) => {
    if (by === undefined) return context.skip(missing ?? '');
    const out = join(dir, `${crypto.randomUUID()}.ndjson`);
    const args = ['export', '--tenant', 'crowd', '--out', out, '--yes'];
    const running = cli.start(args, how);
    at({ operation: 'Query', of: /USER#/, nth: 50 }, () => stop(running, 'SIGINT'));
    expect((await running.ended).code).toBe(130);
    expect((await readdir(dir)).filter((name) => out.endsWith(name) || name.endsWith('.part'))).toEqual([]);
    expect(await cli.json(args)).toEqual({ users: USERS, out });
    expect((await readFile(out, 'utf8')).trim().split('\n')).toHaveLength(USERS);
  });
});

describe('a process that is asked to end', SLOW, () => {
  it('by kill, ends as by Ctrl-C, and says that it was the other one', async () => {
    const running = cli.start(SIMULATE());
    at({ operation: 'Query', of: MEMBERS, nth: 6 }, () => stop(running, 'SIGTERM'));
    expect((await running.ended).code).toBe(143);
  });

  it('counts a Ctrl-C that reaches it twice, from the terminal and from npx, as one', async () => {
    const running = cli.start(SIMULATE());
    at({ operation: 'Query', of: MEMBERS, nth: 6 }, async () => {
      running.child.kill('SIGINT');
      running.child.kill('SIGINT');
      await running.said(/Stopping/);
    });
    const { code, stderr } = await running.ended;
    expect({ code, said: stderr.includes('It was broken off.') }).toEqual({ code: 130, said: true });
  });

  it('at a gentle rate, does not wait for the page to be full', async () => {
    const state = join(dir, 'gentle.json');
    const running = cli.start(['policy', 'simulate', policy, '--tenant', 'crowd', '--rate', '1', '--state', state]);
    at({ operation: 'Query', of: MEMBERS, nth: 1 }, () => stop(running, 'SIGINT'));
    expect((await running.ended).code).toBe(130);
    expect(await isThere(state)).toBe(false);
  });

  it('in a count, is no defect of ours', async () => {
    const running = cli.start(['mfa', 'coverage', '--tenant', 'crowd', '--rate', '0']);
    at({ operation: 'Query', of: MEMBERS, nth: 6 }, () => stop(running, 'SIGINT'));
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout, said: stderr.includes('What was counted is not kept') }).toEqual({
      code: 130,
      stdout: '',
      said: true,
    });
  });

  it('while it waits for a line of stdin, does not wait for it', async () => {
    const running = cli.start(['import', '-', '--tenant', 'empty', '--json']);
    const id = crypto.randomUUID();
    const methods = [{ recipeId: 'passwordless', email: `${id}@example.com`, verified: true }];
    running.child.stdin.write(`${JSON.stringify({ id, loginMethods: methods })}\n{"id": "half of a`);
    await new Promise((resolve) => running.child.stdout.once('data', resolve));
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    expect(code).toBe(143);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({
      summary: { created: 1, unchanged: 0, refused: 0, resumeAfter: 1, isCutShort: true },
    });
  });
});

describe('stdout that nobody reads any more ends it with 141 and no complaint', SLOW, () => {
  const unread = (running: Running) =>
    new Promise((resolve) => {
      running.child.stdout.once('close', resolve);
      running.child.stdout.destroy();
    });

  it.each([
    ['user find', ['user', 'find', '--tenant', 'crowd']],
    ['policy simulate', ['policy', 'simulate', '--tenant', 'crowd', '--rate', '0', '--all']],
    ['export', ['export', '--tenant', 'crowd', '--yes']],
  ])('%s', async (_, args) => {
    const running = cli.start(args);
    at({ operation: 'Query', of: MEMBERS, nth: 6 }, () => unread(running));
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
  });

  it('through the launcher too, where it waits for its child', async () => {
    const running = cli.start(['user', 'find', '--tenant', 'crowd'], { by: launchedAsChild() });
    at({ operation: 'Query', of: MEMBERS, nth: 6 }, () => unread(running));
    expect((await running.ended).code).toBe(141);
  });

  it('and a disk that is full is told', async (context) => {
    if (!(await isThere('/dev/full'))) return context.skip('no /dev/full here');
    const [command, ...before] = launchedBy();
    const full = ['-c', 'exec "$0" "$@" > /dev/full', command!, ...before];
    const { code, stderr } = await cli.run(['tenant', 'list'], { by: ['sh', ...full] });
    expect(code).toBe(66);
    expect(stderr).toMatch(/^stepgate: What it prints cannot be written: ENOSPC/);
  });
});
