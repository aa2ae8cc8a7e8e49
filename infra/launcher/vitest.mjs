import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ofVitest } from './tally.mjs';

/** A step that runs vitest with further arguments and reads what it counted. */
export function vitestStep(name, root, args, env = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'stepgate-vitest-'));
  const report = join(dir, 'report.json');
  const reasons = join(dir, 'reasons.json');
  const reporters = ['default', 'json', join(root, 'infra', 'launcher', 'skip-reasons.mjs')];
  return {
    name,
    command: 'vitest',
    args: [
      ...args,
      '--run',
      '--config',
      'test/vitest.config.ts',
      ...reporters.map((one) => `--reporter=${one}`),
      `--outputFile.json=${report}`,
    ],
    env: { ...env, STEPGATE_SKIP_REASONS: reasons },
    tally: (code) => {
      const counts = ofVitest(code, readJson(report), readJson(reasons) ?? {});
      rmSync(dir, { recursive: true, force: true });
      return counts;
    },
  };
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
