// Plain JavaScript: this file runs on whatever Node the machine has, before anything is installed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeTooOld } from './launcher/node-version.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const COMMANDS = ['start', 'test', 'ddblocal', 'bench'];

function quit(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

async function main(command) {
  if (!COMMANDS.includes(command)) quit(`Usage: node infra/run.mjs ${COMMANDS.join('|')}`);
  const refusal = nodeTooOld(process.version);
  if (refusal !== undefined) quit(refusal);
  const { ensureInstalled } = await import('./launcher/install.mjs');
  await ensureInstalled(ROOT);
  const { findNode24 } = await import('./launcher/node-24.mjs');
  const { run } = await import(`./launcher/${command}.mjs`);
  process.exitCode = await run({ root: ROOT, node: findNode24(ROOT) });
}

main(process.argv[2]).catch((error) => quit(process.env.STEPGATE_DEBUG ? error.stack : error.message));
