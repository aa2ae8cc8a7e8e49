import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnv } from './child.mjs';
import { chromiumEnv } from './chromium.mjs';
import { runSteps } from './steps.mjs';
import { ofChecks, ofTool } from './tally.mjs';
import { vitestStep } from './vitest.mjs';

const tool = (name, command) => ({ name, command, tally: ofTool });

/**
 * Everything that must hold before a change goes in.
 *
 * The tools run side by side on two cores; vitest comes last and alone, so that what it times is not disturbed, and
 * after the build, whose bundles some tests run.
 */
export function run({ root, node }) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const check = { name: 'cdk synth', command: 'node', args: ['infra/check.ts'], tally: ofChecks };
  const build = tool('build', scripts.build);
  const quality = [
    tool('types', scripts.typecheck),
    tool('lint', scripts.lint),
    tool('format', scripts['format:check']),
  ];
  const tests = {
    ...vitestStep('vitest', root, [], chromiumEnv()),
    hint: 'ten minutes on two cores, shown at the end',
  };
  const groups = [[[build, check], quality], [[tests]]];
  return runSteps(groups, { root, env: toolEnv(root, node) });
}
