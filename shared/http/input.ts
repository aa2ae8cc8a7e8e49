import * as v from 'valibot';
import { badRequest } from '../protocol-error.ts';

/**
 * What a request says, as its endpoint declared it. Members nobody asked for are dropped.
 *
 * @throws 400 naming the first faulty member, never its value: a value may be a password or a code.
 */
export function parseInput<Schema extends v.GenericSchema<unknown, unknown>>(
  schema: Schema,
  raw: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, raw);
  if (parsed.success) return parsed.output;
  const path = v.getDotPath(parsed.issues[0]);
  throw badRequest(path === null ? 'the request is malformed' : `${path} is missing or malformed`);
}
