#!/usr/bin/env node
// Plain JavaScript: this file runs on whatever Node the machine has, from a checkout or from an installed package.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { become } from '../infra/launcher/become.mjs';
import { findNode24 } from '../infra/launcher/node-24.mjs';
import { nodeTooOld, runsService } from '../infra/launcher/node-version.mjs';

const ROOT = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..');
const BUNDLE = join(ROOT, 'dist', 'command', 'cli', 'index.mjs');
const BUILT = join(ROOT, 'dist', 'command', 'built');
/** What the bundle is made of. */
const SOURCES = ['cli', 'shared', 'package-lock.json'];
/**
 * Left to itself, V8 puts off collecting by what the machine has: a walk over many users then takes 350 MB where it needs
 * 190. The bound on the heap is far above what any command needs, and makes V8 collect before it takes more.
 */
const HEAP = ['--max-semi-space-size=8', '--max-old-space-size=512'];

function quit(sentence, code) {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}

/** A file under node_modules cannot be read as TypeScript, so what is installed comes built. */
const isCheckout = () => !ROOT.split(sep).includes('node_modules') && existsSync(join(ROOT, 'infra', 'build-cli.ts'));

const youngest = (path) => {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => youngest(join(path, name))));
};

const isOutdated = () =>
  !existsSync(BUNDLE) ||
  !existsSync(BUILT) ||
  SOURCES.some((path) => youngest(join(ROOT, path)) > statSync(BUILT).mtimeMs);

function build(node) {
  if (!existsSync(join(ROOT, 'node_modules', 'rolldown'))) quit('Install first what Stepgate needs: npm install', 1);
  const { status } = spawnSync(node, [join(ROOT, 'infra', 'build-cli.ts')], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) quit('The command could not be built.', 70);
}

/** What somebody set in NODE_OPTIONS counts: a machine may have reasons of its own. */
const heapFlags = () => HEAP.filter((flag) => !(process.env.NODE_OPTIONS ?? '').includes(flag.split('=')[0]));

async function main() {
  const refusal = nodeTooOld(process.version);
  if (refusal !== undefined) quit(refusal, 1);
  const node = runsService(process.version) ? process.execPath : findNode24(ROOT);
  if (isCheckout() && isOutdated()) build(node);
  if (!existsSync(BUNDLE)) quit('This package of Stepgate came without its command: npm run build makes it.', 70);
  process.exitCode = await become(node, [...heapFlags(), BUNDLE, ...process.argv.slice(2)]);
}

main().catch((error) => quit(process.env.STEPGATE_DEBUG ? error.stack : error.message, 70));
