import type { CliCommand } from './command.ts';
import { doctorCommands } from './commands/doctor.ts';
import { keysCommands } from './commands/keys.ts';
import { mfaCommands } from './commands/mfa.ts';
import { policyCheckCommands } from './commands/policy-check.ts';
import { policySimulateCommands } from './commands/policy-simulate.ts';
import { policyVersionCommands } from './commands/policy-versions.ts';
import { tenantCommands } from './commands/tenant.ts';
import { transferCommands } from './commands/transfer.ts';
import { userInsightCommands } from './commands/user-insight.ts';
import { userCommands } from './commands/user.ts';

/** Everything `stepgate` can do, a file per group. */
export const commands: readonly CliCommand[] = [
  ...policyCheckCommands,
  ...policySimulateCommands,
  ...policyVersionCommands,
  ...userCommands,
  ...userInsightCommands,
  ...mfaCommands,
  ...tenantCommands,
  ...transferCommands,
  ...keysCommands,
  ...doctorCommands,
];
