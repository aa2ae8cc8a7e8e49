import { readFileSync } from 'node:fs';

/** What this process took: memory at most, processor time in all. */
export function costLine(): string {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return `${(peakKb() / 1000).toFixed(1)} MB of memory, ${((userCPUTime + systemCPUTime) / 1e6).toFixed(2)} s of processor`;
}

/** The kernel's `maxRSS` begins with what the process was that started this one; its own peak is written elsewhere. */
function peakKb(): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  } catch {
    // Not Linux.
    return process.resourceUsage().maxRSS;
  }
}
