import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { allPorts } from '../shared/app.ts';
import { readConfig } from '../shared/config.ts';
import { simulateAll } from '../shared/policies/simulate.ts';
import type { SimulationRun } from './simulate-run.ts';

/** Simulates in a process that does nothing else, so that what the process takes is what a simulation takes. */

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** What is held after everything that is not needed was thrown away. */
const heldMb = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
};

// Whoever asked for it is gone.
process.on('disconnect', () => process.exit(1));

const [tenantId = '', policy = ''] = process.argv.slice(2);
const deps = allPorts(readConfig(process.env));
const began = performance.now();
const cpu = process.cpuUsage();
let pages = 0;
let early = 0;
const summary = await simulateAll(
  {
    tenantId,
    mfaPolicy: JSON.parse(policy),
    rate: 0,
    onProgress: () => {
      // By the second page everything is loaded and compiled; what comes to it later is what grows with the users.
      if ((pages += 1) === 2) early = heldMb();
    },
  },
  deps,
);
const seconds = (performance.now() - began) / 1000;
const used = process.cpuUsage(cpu);
const run: SimulationRun = {
  summary,
  seconds,
  cpuSeconds: (used.user + used.system) / 1e6,
  grownMb: heldMb() - early,
  rssMb: process.resourceUsage().maxRSS / 1e3,
};
deps.table.db.destroy();
process.send?.(run, () => process.exit(0));
