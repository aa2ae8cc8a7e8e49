import { pointAwsAt } from '../shared/aws-env.ts';
import { type Config, readConfig, settingsIn } from '../shared/config.ts';
import { usage } from './failure.ts';
import { findLocalRun } from './local-run.ts';
import type { GlobalOptions } from './program.ts';
import { stackSettings } from './stack.ts';

type Env = Record<string, string | undefined>;

/** Which Stepgate a command works on. */
export interface Target {
  readonly config: Config;
  /** For a question such as "… at the stack Stepgate?". */
  readonly name: string;
  readonly isLocal: boolean;
  /** Why owners are not told of what is done to their account; absent: they are. */
  readonly silentBecause?: string;
}

const STACK = 'Stepgate';

/**
 * Finds the service and points this process's AWS clients at it: the local run, the table that was named, or a stack.
 *
 * @param env the process's own: AWS clients read it.
 */
export async function findTarget(options: GlobalOptions, env: Env): Promise<Target> {
  const { local, table, key, stack, profile, region } = options;
  if (local === true) {
    if (table !== undefined || stack !== undefined) throw usage('--local goes with neither --stack nor --table.');
    return localTarget(env);
  }
  if ((table === undefined) !== (key === undefined)) throw usage('--table and --key go together.');
  if (table !== undefined && stack !== undefined) throw usage('--stack and --table exclude each other.');
  if (region !== undefined) env['AWS_REGION'] = region;
  if (profile !== undefined) takeProfile(profile, env);
  return table === undefined || key === undefined ? stackTarget(stack ?? STACK) : tableTarget(table, key, env);
}

async function localTarget(env: Env): Promise<Target> {
  const { dynamodb, aws, region, settings } = await findLocalRun(env['PORT'] || '3001');
  pointAwsAt({ dynamodb, aws }, env);
  env['AWS_REGION'] = region;
  return { config: readConfig(settings), name: 'the local run', isLocal: true };
}

async function stackTarget(stack: string): Promise<Target> {
  return { config: readConfig(await stackSettings(stack)), name: `the stack ${stack}`, isLocal: false };
}

/** Nothing but table and key is needed; mails to owners need to know whom they come from. */
function tableTarget(table: string, key: string, env: Env): Target {
  const missing = ['MAIL_FROM', 'PUBLIC_URL'].filter((name) => !env[name]);
  const config = usable({
    MAIL_FROM: 'nobody@localhost',
    PUBLIC_URL: 'http://localhost',
    ...settingsIn(env),
    TABLE_NAME: table,
    KMS_KEY_ID: key,
  });
  return {
    config,
    name: `the table ${table}`,
    isLocal: false,
    ...(missing.length === 0 ? {} : { silentBecause: `${missing.join(' and ')} not set` }),
  };
}

/** @throws CommandFailure that names what is wrong in the options or the environment. */
function usable(settings: Parameters<typeof readConfig>[0]): Config {
  try {
    return readConfig(settings);
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error), 'See docs/cli.md, Which Stepgate.');
  }
}

/** Keys in the environment would go before a profile, or make the SDK warn that there are both. */
function takeProfile(profile: string, env: Env): void {
  env['AWS_PROFILE'] = profile;
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete env[name];
}
