import { hostname, userInfo } from 'node:os';
import packageJson from '../package.json' with { type: 'json' };
import type { Log } from '../shared/ports.ts';
import type { CliCommand, Session } from './command.ts';
import { commands } from './commands.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { badInput, failureOf, usage } from './failure.ts';
import { localFiles } from './files.ts';
import { openOperator, type Operator } from './operator.ts';
import { createProgram, type GlobalOptions, isHelp, parserMessage } from './program.ts';
import { costLine } from './cost.ts';
import { stopOnSignal } from './stopping.ts';
import { findTarget } from './target.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** `stepgate`: the operator's command. This file alone reads the process and ends it. */

const { argv, env, stdin, stdout, stderr } = process;
const isDebug = Boolean(env['STEPGATE_DEBUG']);
/** Also when the command line cannot be understood at all. */
const isJson = argv.includes('--json');
const STOPPING = 'Stopping at the next place it can go on from; once more stops it at once.';
const terminal = openTerminal({ stdin, stdout, stderr }, { isJson, noColor: Boolean(env['NO_COLOR']) });

/** What the domain would log is for people here; a failed notice is all that they can do something about. */
const logTo = (screen: Terminal): Log => ({
  info: (event, fields) => {
    if (isDebug) screen.note(`${event} ${JSON.stringify(fields)}`);
  },
  error: (event, fields = {}) => {
    if (event === 'notice.failed' && fields['error'] === 'failed') return;
    screen.warn(`${event} ${JSON.stringify(fields)}`);
  },
});

/** Who is written down for a change: AWS has the identity behind the credentials in CloudTrail. */
function operatorName(profile: string | undefined): string {
  const name = env['USER'] || env['USERNAME'] || safeUser();
  return `${name}@${hostname()}${profile === undefined ? '' : ` (profile ${profile})`}`;
}

function safeUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container without a line for this user.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

function sessionFor(options: GlobalOptions): Session {
  let operator: Promise<Operator> | undefined;
  let stopping: AbortSignal | undefined;
  const profile = options.local === true ? undefined : (options.profile ?? env['AWS_PROFILE']);
  const open = async (): Promise<Operator> =>
    openOperator(await findTarget(options, env), { terminal, by: operatorName(profile), log: logTo(terminal) });
  return {
    terminal,
    operator: () => (operator ??= open()),
    files: localFiles({ stdin }),
    confirm: async (question) => {
      if (options.yes === true) return;
      const answer = await terminal.ask(`${question} [y/N]`);
      if (answer === undefined) throw usage('This has to be confirmed, and there is nobody to ask.', 'Give --yes.');
      if (!/^y(es)?$/i.test(answer.trim())) throw usage('Nothing was changed.');
    },
    stopping: () => (stopping ??= stopOnSignal(process, () => terminal.note(STOPPING))),
  };
}

async function run(command: CliCommand, given: Readonly<Record<string, unknown>>, options: GlobalOptions) {
  const session = sessionFor(options);
  process.exitCode = (await command.run(given, session)) ?? EXIT.ok;
}

/** Whoever read enough and closed the pipe wants us to stop, and no complaint: 128 + SIGPIPE, as other programs end. */
function onLostOutput(): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.unread);
    terminal.fail(badInput(`What it prints cannot be written: ${error.message}.`).failure);
    process.exit(EXIT.input);
  });
  // There is nobody left to tell.
  stderr.on('error', () => {});
}

async function main(): Promise<ExitCode | undefined> {
  onLostOutput();
  const program = createProgram(commands, {
    version: packageJson.version,
    run,
    say: (said) => void stdout.write(said),
    // What the parser complains of is said below, once and in our form.
    complain: () => {},
  });
  try {
    await program.parseAsync(argv);
    return undefined;
  } catch (error) {
    if (isHelp(error)) return EXIT.ok;
    const message = parserMessage(error);
    const failure =
      message === undefined
        ? failureOf(error, env['AWS_PROFILE'])
        : { exitCode: EXIT.usage, code: 'usage', message, next: 'See stepgate --help.' };
    if (isDebug && error instanceof Error) stderr.write(`${error.stack}\n`);
    terminal.fail(failure);
    return failure.exitCode;
  }
}

const exitCode = await main();
if (exitCode !== undefined) process.exitCode = exitCode;
if (isDebug) stderr.write(`${costLine()}\n`);
// Somebody may still hold the other end of a pipe that nobody reads any more.
stdin.destroy();
