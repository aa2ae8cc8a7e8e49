import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly date: string;
  /** Mean number of processes that wanted a core in the last minute, before the bench and after it. */
  readonly load: readonly [before: number, after: number];
}

/** To be called when the bench is over. @param loadBefore `currentLoad()` at its start. */
export const machine = (loadBefore: number): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
  load: [loadBefore, currentLoad()],
});

export const currentLoad = (): number => loadavg()[0]!;

export const machineLine = ({ cpu, cores, memoryGiB, node, date, load }: Machine): string =>
  `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${process.platform} ${process.arch}, ${date}; ` +
  `load ${load[0].toFixed(1)} before and ${load[1].toFixed(1)} after.`;
