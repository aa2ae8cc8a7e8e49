import * as v from 'valibot';
import type { RecordInput } from '../record.ts';
import type { Sourced } from '../import-users.ts';
import type { Line } from './ndjson.ts';

export type Converted = {
  readonly record: RecordInput;
  readonly notes: readonly string[];
  /** What is required stands in for a factor that cannot move. */
  readonly isStandIn?: boolean;
};

/** Reads each line by a schema of its source and makes our own record of it; what it cannot read, it names. */
export async function* converted<S extends v.GenericSchema>(
  lines: AsyncIterable<Line>,
  schema: S,
  convert: (source: v.InferOutput<S>) => Converted,
): AsyncGenerator<Sourced> {
  for await (const { line, ...read } of lines) {
    if ('fault' in read) {
      yield { line, ...read };
      continue;
    }
    const parsed = v.safeParse(schema, read.value);
    if (!parsed.success) {
      yield { line, fault: parsed.issues.map(faultOf).join('; ') };
      continue;
    }
    yield { line, isForeign: true, ...convert(parsed.output) };
  }
}

const faultOf = (issue: v.BaseIssue<unknown>): string =>
  `${v.getDotPath(issue) ?? 'user'}: ${issue.message.replace(/ but received .*$/s, '')}`;

/** A member that may be absent or null: both are nothing. */
export const maybe = <S extends v.GenericSchema>(schema: S) =>
  v.pipe(
    v.optional(v.nullable(schema)),
    v.transform((value) => value ?? undefined),
  );

/** Members that are there, without those that are empty. */
export const present = <T extends object>(members: T) =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its own members, but those that are nothing
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as { [K in keyof T]?: NonNullable<T[K]> };

/** A list that is worth a member, or none: what a source does not speak of, an update leaves alone. */
export const filled = <Name extends string, T>(name: Name, values: readonly T[]): { readonly [K in Name]?: T[] } =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one member it says it has
  (values.length === 0 ? {} : { [name]: [...values] }) as { readonly [K in Name]?: T[] };

/** Members an object has beside those that are read. */
export const others = (source: object, read: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(source).filter(([name, value]) => !read.includes(name) && value !== null));
