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

/** A function whose ratios scatter more than this is started more often, up to three times as often as was asked for. */
const QUIET = 0.1;

/** A function's start and a hello-world's, right after each other. */
type Pair = readonly [own: Start, hello: Start];

/**
 * Starts each function as Lambda does, from the process to the handler, next to a hello-world with the same clients.
 *
 * What counts is the median of the pairs' ratios: the two of a pair take turns in being first, and pairs go round all
 * functions, so that whatever else the machine does hits all alike. `ready` is a message on a pipe, not a first question
 * to a runtime API: asking it would add the same 30 ms of `node:http` to both sides, and flatter the ratio.
 */
export async function readyRows(
  bundles: readonly Bundle[],
  runs: number,
  say: (line: string) => void,
): Promise<readonly Row[]> {
  // One round that does not count: it fills the page cache.
  await round(bundles, 0);
  const pairs = new Map<Bundle, Pair[]>(bundles.map((bundle) => [bundle, []]));
  for (let done = 0; done < 3 * runs; done += 1) {
    const wanted = done < runs ? bundles : bundles.filter((bundle) => spread(ratios(pairs.get(bundle)!)) > QUIET);
    if (wanted.length === 0) break;
    for (const [bundle, pair] of await round(wanted, done)) pairs.get(bundle)!.push(pair);
    say(`  round ${done + 1}: ${wanted.length} functions`);
  }
  return bundles.map((bundle) => rowOf(bundle.name, pairs.get(bundle)!));
}

async function round(bundles: readonly Bundle[], number: number): Promise<readonly (readonly [Bundle, Pair])[]> {
  const pairs: (readonly [Bundle, Pair])[] = [];
  for (const bundle of bundles) {
    const first = await startOnce(number % 2 === 0 ? bundle.path : bundle.helloPath);
    const second = await startOnce(number % 2 === 0 ? bundle.helloPath : bundle.path);
    pairs.push([bundle, number % 2 === 0 ? [first, second] : [second, first]]);
  }
  return pairs;
}

const ratios = (pairs: readonly Pair[]): readonly number[] => pairs.map(([own, hello]) => own.readyMs / hello.readyMs);

function rowOf(name: string, pairs: readonly Pair[]): Row {
  const told = (of: (start: Start) => number) =>
    ([0, 1] as const).map((side) => median(pairs.map((pair) => of(pair[side]))).toFixed(0)).join(' against ');
  const cpu = median(pairs.map(([own, hello]) => own.cpuMs / hello.cpuMs));
  return {
    what: name,
    value: median(ratios(pairs)),
    unit: 'x',
    bound: READY_BOUND,
    note:
      `±${(spread(ratios(pairs)) * 50).toFixed(0)} %; ready ${told(({ readyMs }) => readyMs)} ms, ` +
      `of it import ${told(({ initMs }) => initMs)}; CPU ${cpu.toFixed(3)} x; ${pairs.length} pairs`,
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
