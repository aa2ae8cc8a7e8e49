import { readFileSync } from 'node:fs';

/** What a process took: memory at most, processor time in all. @param used of the process itself */
export function costLine({ userCPUTime, systemCPUTime, maxRSS }: NodeJS.ResourceUsage): string {
  return `${(peakKb(maxRSS) / 1000).toFixed(1)} MB of memory, ${((userCPUTime + systemCPUTime) / 1e6).toFixed(2)} s of processor`;
}

/** The kernel's `maxRSS` begins with what the process was that started this one; its own peak is written elsewhere. */
function peakKb(otherwise: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  } catch {
    // Not Linux.
    return otherwise;
  }
}
