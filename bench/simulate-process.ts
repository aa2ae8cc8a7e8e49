import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { allPorts } from '../shared/app.ts';
import { readConfig } from '../shared/config.ts';
import { simulateAll } from '../shared/policies/simulate.ts';
import type { Growth } from './simulate-run.ts';

/** Simulates in a process that does nothing else, so that what its heap holds is what a simulation holds. */

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
const growth: Growth = { summary, grownMb: heldMb() - early };
deps.table.db.destroy();
process.send?.(growth, () => process.exit(0));
