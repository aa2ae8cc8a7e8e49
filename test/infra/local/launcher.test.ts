import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isInstalled } from '../../../infra/launcher/install.mjs';
import skipReasons, { type SkippedTest } from '../../../infra/launcher/skip-reasons.mjs';
import { nodeTooOld, runsService } from '../../../infra/launcher/node-version.mjs';
import { add, countLine, NOTHING, ofChecks, ofTool, ofVitest, skipLines } from '../../../infra/launcher/tally.mjs';

const file = (status: string, ...statuses: readonly string[]) => ({
  status,
  assertionResults: statuses.map((one, index) => ({ fullName: `suite test ${index}`, status: one })),
});

describe('nodeTooOld', () => {
  it.each(['v16.20.2', 'v18.19.0', 'v19.9.0'])('refuses %s in one sentence', (version) => {
    expect(nodeTooOld(version)).toBe(`Stepgate needs Node 20 or later; this is Node ${version.slice(1)}.`);
  });

  it.each(['v20.0.0', 'v22.12.0', 'v24.21.0', 'v100.0.0'])('lets %s start', (version) => {
    expect(nodeTooOld(version)).toBeUndefined();
  });
});

describe('runsService', () => {
  it.each([
    ['v23.11.0', false],
    ['v24.0.0', true],
    ['v26.1.0', true],
    ['', false],
  ])('%j: %s', (version, runs) => {
    expect(runsService(version)).toBe(runs);
  });
});

describe('isInstalled', () => {
  const wanted = { version: '1.0.0', integrity: 'sha512-a' };
  const lock = { packages: { '': {}, 'node_modules/a': wanted, 'node_modules/b': { ...wanted, optional: true } } };

  it.each([
    ['nothing is there', undefined, false],
    ['everything is there', { 'node_modules/a': wanted, 'node_modules/b': wanted }, true],
    ['what is optional is missing', { 'node_modules/a': wanted, 'node_modules/c': wanted }, true],
    ['what is needed is missing', { 'node_modules/b': wanted }, false],
    ['a version differs', { 'node_modules/a': { ...wanted, version: '1.0.1' } }, false],
    ['the bytes differ', { 'node_modules/a': { ...wanted, integrity: 'sha512-b' } }, false],
  ])('knows when %s', (_name, packages, installed) => {
    expect(isInstalled(lock, packages && JSON.stringify({ packages }))).toBe(installed);
  });
});

describe('the count line', () => {
  it('names the skipped only where there are some', () => {
    expect(countLine(NOTHING)).toBe('0 passed, 0 failed');
    expect(countLine(add(ofTool(0), { passed: 1, failed: 0, skipped: ['x'] }))).toBe('2 passed, 0 failed, 1 skipped');
  });
});

describe('the skipped', () => {
  it('are named, or counted where many have one reason', () => {
    const many = ['a (no chromium)', 'b (no chromium)', 'c (no chromium)', 'd (no chromium)'];
    expect(skipLines([...many, 'e (wasm) (no memory)'])).toEqual(['4 tests (no chromium)', 'e (wasm) (no memory)']);
    expect(skipLines(many.slice(1))).toEqual(many.slice(1));
  });
});

describe('why tests were skipped', () => {
  afterEach(() => vi.unstubAllEnvs());

  const skipped = (moduleId: string, note?: string): SkippedTest => ({
    name: 'a test',
    parent: { type: 'suite', name: moduleId },
    module: { moduleId },
    result: () => (note === undefined ? {} : { note }),
  });

  it('is what they say, and the missing browser where there is none', () => {
    const dir = mkdtempSync(join(tmpdir(), 'stepgate-launcher-'));
    vi.stubEnv('STEPGATE_SKIP_REASONS', join(dir, 'reasons.json'));
    vi.stubEnv('STEPGATE_CHROMIUM', undefined);
    const tests = [
      skipped('/x/test/browser/a.test.ts'),
      skipped('/x/test/b.test.ts'),
      skipped('/x/c.test.ts', 'noted'),
    ];
    skipReasons().onTestRunEnd([{ children: { allTests: () => tests } }]);
    expect(JSON.parse(readFileSync(join(dir, 'reasons.json'), 'utf8'))).toEqual({
      '/x/test/browser/a.test.ts a test': 'no Chromium here: install one, or name it in STEPGATE_CHROMIUM',
      '/x/c.test.ts a test': 'noted',
    });
    rmSync(dir, { recursive: true });
  });
});

describe('ofChecks', () => {
  it('counts the lines of a program', () => {
    const output =
      'Checking\nok - synth\n  not ok - nag: 3 findings\nok - bundles\nskip - wasm (no memory)\nbook - ok - x\n';
    expect(ofChecks(1, output)).toEqual({ passed: 2, failed: 1, skipped: ['wasm (no memory)'] });
  });

  it('counts a program that breaks without naming a test as failed', () => {
    expect(ofChecks(1, 'ok - synth\nCannot find module')).toEqual({ passed: 1, failed: 1, skipped: [] });
  });
});

describe('ofVitest', () => {
  it('counts tests, and names the skipped with their reason', () => {
    const report = { testResults: [file('failed', 'passed', 'failed', 'skipped', 'todo'), file('passed', 'passed')] };
    expect(ofVitest(1, report, { 'suite test 2': 'no chromium' })).toEqual({
      passed: 2,
      failed: 1,
      skipped: ['suite test 2 (no chromium)', 'suite test 3 (no reason given)'],
    });
  });

  it('counts a file that does not load as one failure', () => {
    expect(ofVitest(1, { testResults: [file('failed'), file('passed', 'passed')] }, {})).toMatchObject({ failed: 1 });
  });

  it('never takes a bad exit code or a missing report for success', () => {
    expect(ofVitest(1, { testResults: [file('passed', 'passed')] }, {})).toMatchObject({ passed: 1, failed: 1 });
    expect(ofVitest(0, undefined, {})).toMatchObject({ passed: 0, failed: 1 });
  });
});
