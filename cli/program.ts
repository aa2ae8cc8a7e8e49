import { Command, CommanderError, Option } from 'commander';
import type { CliCommand } from './command.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly local?: boolean;
  readonly stack?: string;
  readonly table?: string;
  readonly key?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

export const GLOBAL_OPTIONS = [
  ['--json', 'results as JSON on stdout, errors as JSON on stderr'],
  ['--profile <name>', 'credentials and region of this AWS profile'],
  ['--region <region>', 'the AWS region of the service'],
  ['--stack <name>', 'the CloudFormation stack of the service (default: Stepgate)'],
  ['--table <name>', 'the table itself, where CloudFormation cannot be read; with --key'],
  ['--key <arn>', 'the KMS key of that table'],
  ['--local', 'the local run on this machine (npm start), at PORT or 3001'],
  ['--yes', 'do what is asked about without asking'],
] as const;

const GROUPS: Readonly<Record<string, string>> = {
  policy: 'Check a policy, try it on real users, put it in force, take it back',
  user: 'Find, explain, disable, export and erase users',
  mfa: 'Second factors: whom they are required of, who has them, who has lost them',
  tenant: 'Tenants as documents',
  keys: 'Signing keys',
};

const EXIT_CODES = `
Exit codes: 0 done · 1 refused · 2 a policy locks somebody out, has errors or fails its table · 64 usage ·
66 a file cannot be used · 69 AWS does not answer · 70 a defect · 77 no credentials or rights · 130 Ctrl-C ·
141 nobody reads what it prints · 143 kill`;

type Run = (command: CliCommand, given: Readonly<Record<string, unknown>>, options: GlobalOptions) => Promise<void>;

/** The tree of commands. `say` and `complain` get what the parser itself has to tell. */
export function createProgram(
  commands: readonly CliCommand[],
  about: {
    readonly version: string;
    readonly run: Run;
    readonly say: (text: string) => void;
    readonly complain: (text: string) => void;
  },
): Command {
  const prepare = (one: Command): Command =>
    one
      .exitOverride()
      .configureOutput({ writeOut: about.say, writeErr: about.complain, getOutHasColors: () => false })
      .configureHelp({ showGlobalOptions: true })
      .helpCommand(false)
      .allowExcessArguments(false)
      .helpOption('-h, --help', 'how to use it');
  const program = prepare(new Command('stepgate'))
    .description('Operates Stepgate with your AWS credentials, whether or not its API answers.')
    .version(about.version, '-V, --version', 'the version of this command')
    .addHelpText('after', `${EXIT_CODES}\nAll of it: docs/cli.md`);
  for (const [flags, description] of GLOBAL_OPTIONS) program.option(flags, description);
  const groups = new Map<string, Command>();
  for (const spec of commands) {
    const [first = '', second] = spec.name.split(' ');
    const parent = second === undefined ? program : (groups.get(first) ?? addGroup(first));
    add(spec, parent, second ?? first);
  }
  return program;

  function addGroup(name: string): Command {
    const group = prepare(new Command(name)).description(GROUPS[name] ?? name);
    groups.set(name, group);
    program.addCommand(group);
    return group;
  }

  function add(spec: CliCommand, parent: Command, name: string): void {
    const one = prepare(new Command(name)).summary(spec.summary).description(described(spec));
    for (const [flag, description] of spec.args ?? []) one.argument(flag, description);
    for (const [flags, description] of spec.options ?? []) one.addOption(new Option(flags, description));
    one.addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  $ stepgate ${line}`).join('\n')}`);
    one.action(() => {
      const given = Object.fromEntries(one.registeredArguments.map((arg, i) => [arg.name(), one.processedArgs[i]]));
      return about.run(spec, defined({ ...one.opts(), ...given }), program.opts<GlobalOptions>());
    });
    parent.addCommand(one);
  }
}

const described = ({ summary, about }: CliCommand): string =>
  about === undefined ? summary : `${summary}\n\n${about}`;

const defined = (given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** The nearest help to a command line that was not understood. */
export function helpFor(commands: readonly CliCommand[], argv: readonly string[]): string {
  const [first = '', second = ''] = argv.filter((word) => !word.startsWith('-'));
  const names = commands.map(({ name }) => name);
  const known =
    [`${first} ${second}`, first].find((name) => names.includes(name)) ??
    (names.some((name) => name.startsWith(`${first} `)) ? first : '');
  return known === '' ? 'stepgate --help' : `stepgate ${known} --help`;
}

/** Help and version were printed: nothing went wrong. */
export const isHelp = (error: unknown): boolean => error instanceof CommanderError && error.exitCode === 0;

/** What was wrong with the command line, as one sentence with a suggestion where there is one. */
export function parserMessage(error: unknown): string | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  if (error.code === 'commander.help') return 'Say what to do: a command is missing.';
  const text = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace('(Did you', '(did you');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
