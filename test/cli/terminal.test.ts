/** What a person sees, and a pipe does not: questions, progress, colours. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ESCAPES, launchedAsChild, launchedBy, useCli } from '../support/cli.ts';
import { lines } from '../support/importing.ts';
import { noTerminal, onTerminal } from '../support/pty.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const cli = useCli(stepgate);
let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stepgate-cli-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
const shell = (args: readonly string[], by: readonly string[] = [process.execPath, cli.entry()]): string =>
  quoted([...by, ...args, ...cli.here()]);

// oxlint-disable-next-line eslint/no-control-regex -- that is what is looked for
const SGR = /\u001B\[(1|2|3[1-3])m/;
// oxlint-disable-next-line eslint/no-control-regex -- that is what is taken away
const CONTROLS = /\u001B\[[0-9;?]*[A-Za-z]/g;
const BAR = /\d+ lines, \d+s/;

const title = noTerminal === undefined ? 'on a terminal' : `on a terminal (${noTerminal})`;

describe.skipIf(noTerminal !== undefined).each([
  ['the bundle', undefined],
  ['the launcher', launchedBy()],
  ['the launcher and its child', launchedAsChild()],
])(`${title}, %s`, { timeout: 60_000 }, (_, by) => {
  it('asks, and does it at yes alone', async () => {
    const id = await stepgate.user(`${crypto.randomUUID()}@example.com`);
    const disable = shell(['user', 'disable', id], by);
    const no = await onTerminal(disable, { typed: 'n\n' });
    expect(no).toMatchObject({ code: 64, screen: expect.stringMatching(/Disable .* at the table .*\? \[y\/N\]/) });
    expect(no.screen).toContain('Nothing was changed.');
    expect(await cli.json(['user', 'get', id])).toMatchObject({ user: { status: 'active' } });
    const yes = await onTerminal(disable, { typed: 'y\n' });
    expect(yes).toMatchObject({ code: 0, screen: expect.stringContaining('is disabled.') });
    expect(await cli.json(['user', 'get', id])).toMatchObject({ user: { status: 'disabled' } });
  });
});

describe.skipIf(noTerminal !== undefined)(`${title}:`, { timeout: 60_000 }, () => {
  it.each([
    ['Ctrl-C', '\u0003', 130],
    ['Ctrl-D', '\u0004', 64],
  ])('%s at a question changes nothing', async (_, typed, exitCode) => {
    const id = await stepgate.user(`${crypto.randomUUID()}@example.com`);
    const { code, screen } = await onTerminal(shell(['user', 'disable', id]), { typed });
    expect({ code, said: screen.includes('Nothing was changed.') }).toEqual({ code: exitCode, said: true });
    expect(await cli.json(['user', 'get', id])).toMatchObject({ user: { status: 'active' } });
  });

  it('shows how far it came, and takes that away at the end', async () => {
    const file = join(dir, 'users.ndjson');
    const record = (id: string) => ({ id, loginMethods: [{ recipeId: 'passwordless', email: `${id}@example.com` }] });
    await writeFile(file, lines([record('shown-1'), record('shown-2')]));
    const args = ['import', file, '--dry-run'];
    const { code, screen } = await onTerminal(shell(args));
    expect(code).toBe(0);
    expect(screen).toMatch(BAR);
    expect(screen.slice(screen.lastIndexOf('\u001B[')).replaceAll(CONTROLS, '').trim()).toBe(
      '2 users would be created, 0 unchanged, 0 refused.',
    );
    const piped = await cli.run(args);
    expect(piped).toEqual({ code: 0, stdout: '2 users would be created, 0 unchanged, 0 refused.\n', stderr: '' });
  });

  it('paints, unless NO_COLOR says no', async () => {
    const check = shell(['tenant', 'check', 'public']);
    const painted = await onTerminal(check, { env: { NO_COLOR: '' } });
    expect(painted.screen).toMatch(SGR);
    const plain = await onTerminal(check, { env: { NO_COLOR: '1' } });
    expect(plain).toEqual({ code: 0, screen: 'public: fine\r\n' });
    const error = await onTerminal(shell(['user', 'get', 'nobody@example.com']), { env: { NO_COLOR: '' } });
    expect(error).toMatchObject({ code: 1, screen: expect.stringMatching(SGR) });
  });

  it('a file gets results without paint, while the terminal is told the rest', async () => {
    const out = join(dir, 'out.txt');
    const { code, screen } = await onTerminal(`${shell(['tenant', 'check', 'public'])} > ${quoted([out])}`);
    expect({ code, screen }).toEqual({ code: 0, screen: '' });
    expect(await readFile(out, 'utf8')).toBe('public: fine\n');
    const policy = join(dir, 'policy.json');
    await writeFile(policy, JSON.stringify({ rules: [{ id: 'all', require: ['otp-email'] }] }));
    const activate = shell(['policy', 'activate', policy, '--reason', 'on a terminal']);
    const asked = await onTerminal(`${activate} > ${quoted([out])}`, { typed: 'y\n' });
    expect(asked).toMatchObject({ code: 0, screen: expect.stringMatching(/"all"[\s\S]*Put this in force/) });
    expect(await readFile(out, 'utf8')).not.toMatch(ESCAPES);
    expect(await readFile(out, 'utf8')).toMatch(/^Version 1 of the policy of public is in force\./);
  });

  it('help in a pipe has no paint, not even where FORCE_COLOR is set', async () => {
    const { code, stdout } = await cli.bare(['policy', 'simulate', '--help'], { env: { FORCE_COLOR: '1' } });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(ESCAPES);
  });
});
