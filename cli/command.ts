import * as v from 'valibot';
import type { ExitCode } from './exit-codes.ts';
import { usage } from './failure.ts';
import type { Files } from './files.ts';
import type { Operator } from './operator.ts';
import type { Terminal } from './terminal.ts';

/** What every command is given. */
export interface Session {
  readonly terminal: Terminal;
  /** The service's own domain functions' ports; nothing is asked of AWS before this is called. */
  readonly operator: () => Promise<Operator>;
  readonly files: Files;
  /** @throws CommandFailure unless a person, or `--yes`, says so. */
  readonly confirm: (question: string) => Promise<void>;
  /** Aborted by Ctrl-C or `kill`. Whoever asks for it ends by itself; others are ended where they are. */
  readonly stopping: () => AbortSignal;
}

interface Spec<Schema extends v.GenericSchema> {
  /** `user find`: group and name, or a name alone. */
  readonly name: string;
  readonly summary: string;
  /** What else a reader should know; shown by `--help`. */
  readonly about?: string;
  /** `[flag, description]`, such as `['<userId>', 'id or address of the user']`. */
  readonly args?: readonly (readonly [string, string])[];
  readonly options?: readonly (readonly [string, string])[];
  /** Without the leading `stepgate`. */
  readonly examples: readonly string[];
  /** Arguments by their name, options by their name in camel case. */
  readonly input: Schema;
  readonly run: (input: v.InferOutput<Schema>, session: Session) => Promise<ExitCode | void>;
}

/** A command is a value: what it is called, what it takes, and what it does. */
export interface CliCommand extends Omit<Spec<v.GenericSchema>, 'input' | 'run'> {
  /** @throws CommandFailure `usage` for input of the wrong form, before anything is done. */
  readonly run: (given: Readonly<Record<string, unknown>>, session: Session) => Promise<ExitCode | void>;
}

export const command = <Schema extends v.GenericSchema>({ input, run, ...spec }: Spec<Schema>): CliCommand => ({
  ...spec,
  run: (given, session) => {
    const parsed = v.safeParse(input, given);
    if (parsed.success) return run(parsed.output, session);
    const [issue] = parsed.issues;
    const said = issue.message.startsWith('Invalid key') ? 'is missing' : issue.message;
    throw usage(`${spelt(spec, v.getDotPath(issue) ?? '')} ${said}.`, `See stepgate ${spec.name} --help.`);
  },
});

/** As a person typed it: `--dry-run` for `dryRun`, the argument itself otherwise. */
function spelt({ args = [] }: Pick<CliCommand, 'args'>, name: string): string {
  const argument = args.find(([flag]) => flag.replaceAll(/[<>[\].]/g, '') === name);
  return argument?.[0] ?? `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Forms that several commands share. */
export const tenantOption = ['--tenant <tenantId>', 'the tenant it is about (default: public)'] as const;
export const tenantId = v.optional(v.string(), 'public');
export const flag = v.optional(v.boolean(), false);
export const whole = (from: number, to: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, `must be a whole number from ${from} to ${to}`),
    v.transform(Number),
    v.minValue(from, `must be ${from} or more`),
    v.maxValue(to, `must be ${to} or less`),
  );
export const price = v.pipe(
  v.string(),
  v.regex(/^\d{1,6}(\.\d{1,8})?$/, 'must be a number such as 0.05'),
  v.transform(Number),
);
