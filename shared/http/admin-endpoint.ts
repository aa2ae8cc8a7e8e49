import type * as v from 'valibot';
import { parseBody } from './body.ts';
import { type Endpoint, ok, type Request } from './endpoint.ts';
import { parseInput } from './input.ts';
import type { Histories, Signer } from '../admin/signed.ts';
import { ProtocolError } from '../protocol-error.ts';

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
export const adminEndpoint = <Schema extends v.GenericSchema<unknown, unknown>, App extends object>(
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
    const input = parseInput(schema, { ...body, ...request.params });
    return ok(await run(input, await signed(app, request), request));
  },
});

/** What is written into a user's history says who called. */
async function signed<App extends Histories>(app: App, request: Request): Promise<App> {
  const signer: Signer = { by: callerOf(request), via: 'api' };
  const { signedBy } = await import('../admin/signed.ts');
  return { ...app, ...signedBy(signer, app) };
}

const MAX_TEXT_BYTES = 5_000_000;
/** None that a page of another site can send without a preflight: the local run is open on loopback. */
const FILE_TYPES: readonly string[] = ['application/x-ndjson', 'application/json', 'text/csv'];

/**
 * The same for a body that is a file: told by the query, taken as it came.
 *
 * @throws 413 when it is larger than 5 MB, 415 where it is not declared as NDJSON, JSON or CSV.
 */
export const adminTextEndpoint = <Schema extends v.GenericSchema<unknown, unknown>, App>(
  route: string,
  schema: Schema,
  run: (input: v.InferOutput<Schema>, app: App, text: string) => Promise<unknown>,
): Endpoint<App> => ({
  routes: [route],
  access,
  caller: 'iam',
  screen: false,
  handle: async ({ body = '', query, params, headers }, app) => {
    const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (!FILE_TYPES.includes(type)) {
      throw new ProtocolError(415, { message: `the body must be one of ${FILE_TYPES.join(', ')}` });
    }
    if (Buffer.byteLength(body) > MAX_TEXT_BYTES) throw new ProtocolError(413, { message: 'the body is too large' });
    return ok(await run(parseInput(schema, { ...query, ...params }), app, body));
  },
});
