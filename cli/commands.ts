import type { CliCommand } from './command.ts';
import { doctorCommands } from './commands/doctor.ts';
import { keysCommands } from './commands/keys.ts';
import { mfaCommands } from './commands/mfa.ts';
import { policyVersionCommands } from './commands/policy-versions.ts';
import { tenantCommands } from './commands/tenant.ts';
import { userCommands } from './commands/user.ts';

/** Everything `stepgate` can do, a file per group. */
export const commands: readonly CliCommand[] = [
  ...policyVersionCommands,
  ...userCommands,
  ...mfaCommands,
  ...tenantCommands,
  ...keysCommands,
  ...doctorCommands,
];
