#!/usr/bin/env node
// Plain JavaScript: this file runs on whatever Node the machine has, from a checkout or from an installed package.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findNode24 } from '../infra/launcher/node-24.mjs';
import { nodeTooOld, runsService } from '../infra/launcher/node-version.mjs';

const ROOT = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..');
const BUNDLE = join(ROOT, 'dist', 'command', 'cli', 'index.mjs');
const BUILT = join(ROOT, 'dist', 'command', 'built');
/** What the bundle is made of. */
const SOURCES = ['cli', 'shared', 'package-lock.json'];

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

async function main() {
  const refusal = nodeTooOld(process.version);
  if (refusal !== undefined) quit(refusal, 1);
  const node = findNode24(ROOT);
  if (isCheckout() && isOutdated()) build(node);
  if (!existsSync(BUNDLE)) quit('This package of Stepgate came without its command: npm run build makes it.', 70);
  if (runsService(process.version)) return void (await import(pathToFileURL(BUNDLE).href));
  // Ctrl-C reaches both: the child decides what comes of it.
  process.on('SIGINT', () => {});
  const { status, signal } = spawnSync(node, [BUNDLE, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 128 + (constants.signals[signal] ?? 0);
}

main().catch((error) => quit(process.env.STEPGATE_DEBUG ? error.stack : error.message, 70));
