import { spawn } from 'node:child_process';
import { exitOf, forwardSignals } from './child.mjs';
import { add, countLine, NOTHING, skipLines } from './tally.mjs';

/**
 * Runs groups of lanes: groups one after another, the lanes of a group side by side, the steps of a lane in order.
 * Output is kept back and shown whole when a step fails, so that steps side by side stay readable.
 *
 * @returns the exit code; the last line printed is the count over all steps.
 */
export async function runSteps(groups, options) {
  let total = NOTHING;
  for (const lanes of groups) {
    const tallies = await Promise.all(lanes.map((lane) => runLane(lane, options)));
    total = tallies.reduce(add, total);
  }
  for (const line of skipLines(total.skipped)) say(`skipped: ${line}`);
  say(`\n${countLine(total)}`);
  return total.failed === 0 ? 0 : 1;
}

async function runLane(steps, options) {
  let total = NOTHING;
  for (const step of steps) total = add(total, await runStep(step, options));
  return total;
}

async function runStep(step, options) {
  say(step.hint === undefined ? `… ${step.name}` : `… ${step.name}  (${step.hint})`);
  const since = Date.now();
  const { code, output } = await capture(step, options);
  const tally = step.tally(code, output);
  const mark = tally.failed === 0 ? '✔' : '✖';
  say(`${mark} ${step.name}  ${((Date.now() - since) / 1000).toFixed(1)} s  (${countLine(tally)})`);
  if (tally.failed > 0) say(`${output.trimEnd()}\n`);
  return tally;
}

/** A process group of its own, so that whatever the tool started ends with it. */
async function capture(step, { root, env }) {
  const child = spawn(step.command, step.args ?? [], {
    cwd: root,
    env: { ...env, ...step.env },
    shell: step.args === undefined,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  const forget = forwardSignals((signal) => endGroup(child, signal));
  const code = await exitOf(child).catch((error) => {
    chunks.push(Buffer.from(`${step.command} cannot be started: ${error.message}`));
    return 127;
  });
  forget();
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}

/** Ends the tool, and this process with it: a test run that somebody stopped has no result. */
function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has just ended by itself.
  }
  process.exitCode = 130;
  setTimeout(() => process.exit(130), 500).unref();
}

const say = (line) => process.stdout.write(`${line}\n`);
