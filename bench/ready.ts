import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Bundle } from './bundles.ts';
import { lambdaEnvironment } from './environment.ts';
import type { Row } from './rows.ts';
import { median, spread } from './statistics.ts';

interface Start {
  /** From `spawn` until the handler was there, as the parent saw it. */
  readonly readyMs: number;
  /** The import alone. */
  readonly initMs: number;
  /** Of the whole process, which a busy machine disturbs less than the time. */
  readonly cpuMs: number;
}

/** Most that a start may take against a hello-world's. @see design.md §8 */
const READY_BOUND = 1.1;

const INIT = join(import.meta.dirname, 'init.mjs');

/**
 * Starts each function as Lambda does, from the process to the handler, next to a hello-world with the same clients.
 *
 * Both start right after each other and take turns in being first, so that what else the machine does hits both alike.
 * `ready` is a message on a pipe, not a first question to a runtime API: asking it would add the same 30 ms of
 * `node:http` to both sides, and flatter the ratio.
 */
export async function readyRows(
  bundles: readonly Bundle[],
  runs: number,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const bundle of bundles) {
    const own: Start[] = [];
    const hello: Start[] = [];
    // One of each that does not count: it fills the page cache.
    for (let run = -1; run < runs; run += 1) {
      const turns = run % 2 === 0 ? ([true, false] as const) : ([false, true] as const);
      for (const isOwn of turns) {
        const start = await startOnce(isOwn ? bundle.path : bundle.helloPath);
        if (run >= 0) (isOwn ? own : hello).push(start);
      }
    }
    const row = rowOf(bundle.name, own, hello);
    say(`${row.what}: ${row.value.toFixed(3)} x`);
    rows.push(row);
  }
  return rows;
}

function rowOf(name: string, own: readonly Start[], hello: readonly Start[]): Row {
  const both = (of: (start: Start) => number): readonly [number, number] => [
    median(own.map(of)),
    median(hello.map(of)),
  ];
  const [ready, helloReady] = both(({ readyMs }) => readyMs);
  const [init, helloInit] = both(({ initMs }) => initMs);
  const [cpu, helloCpu] = both(({ cpuMs }) => cpuMs);
  const noise = Math.max(...[own, hello].map((starts) => spread(starts.map(({ readyMs }) => readyMs))));
  return {
    what: name,
    value: ready / helloReady,
    unit: 'x',
    bound: READY_BOUND,
    note:
      `ready ${ready.toFixed(0)} against ${helloReady.toFixed(0)} ms (±${(noise * 50).toFixed(0)} %), ` +
      `of it import ${init.toFixed(0)} against ${helloInit.toFixed(0)}; CPU ${(cpu / helloCpu).toFixed(3)} x`,
  };
}

function startOnce(bundle: string): Promise<Start> {
  const { promise, resolve, reject } = Promise.withResolvers<Start>();
  const began = performance.now();
  const child = spawn(process.execPath, [INIT, bundle], {
    env: { PATH: process.env['PATH'], ...lambdaEnvironment },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  let start: Start | undefined;
  child.stderr?.on('data', (chunk) => (complaint += String(chunk)));
  child.stdio[3]?.once('data', (chunk) => {
    start = { readyMs: performance.now() - began, ...JSON.parse(String(chunk)) };
  });
  child.once('error', reject);
  // Only when it is gone may the next one begin.
  child.once('close', () => {
    if (start === undefined) reject(new Error(`${bundle} did not start: ${complaint.trim()}`));
    else resolve(start);
  });
  return promise;
}
