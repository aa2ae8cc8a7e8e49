import type * as v from 'valibot';
import { parseBody } from './body.ts';
import { type Endpoint, ok, type Request } from './endpoint.ts';
import { parseInput } from './input.ts';

/** Everything an operator may touch. */
const access = {
  read: ['role'],
  write: ['tenant', 'user', 'lookup', 'member', 'limit', 'audit'],
  send: ['email'],
  keys: 'open',
  seal: 'provider',
} as const;

/** A tenant or a policy as people write it, indented: more than can be kept, so that what is too much is told by name. */
export const DOCUMENT_BYTES = 1_000_000;

/** Who calls, for what is kept of it. */
export const callerOf = ({ principal }: Request): string => principal ?? 'unknown';

/** An endpoint for operators: authorised by IAM before it is reached; answers `{status:"OK", …}` or `{message, …}`. */
export const adminEndpoint = <Schema extends v.GenericSchema<unknown, unknown>, App>(
  route: string,
  schema: Schema,
  run: (input: v.InferOutput<Schema>, app: App, request: Request) => Promise<unknown>,
  { maxBytes }: { readonly maxBytes?: number } = {},
): Endpoint<App> => ({
  routes: [route],
  access,
  caller: 'iam',
  screen: false,
  handle: async (request, app) => {
    const body = request.method === 'GET' ? request.query : parseBody(request, maxBytes);
    return ok(await run(parseInput(schema, { ...body, ...request.params }), app, request));
  },
});
