import type * as v from 'valibot';
import type { Entity } from '../dynamo/keys.ts';
import type { Tenant } from '../account/tenant.ts';
import type { Session } from '../session/session.ts';
import { parseBody } from './body.ts';
import { parseInput } from './input.ts';
import { requireSpokenVersion } from './fdi-version.ts';
import { type EdgeDeps, loadSession, requireAllDone, requireCurrentPolicy, tenantOf } from './guard.ts';

/** What an endpoint may touch. IAM statements are derived from it, per function and per key prefix. */
export interface Access {
  readonly read?: readonly Entity[];
  /** Includes reading. */
  readonly write?: readonly Entity[];
  readonly send?: readonly ('email' | 'sms')[];
  /** `public`: the public signing keys. `open`: also unwraps the private key and the root secret. `create`: makes them. */
  readonly keys?: 'public' | 'open' | 'create';
  /** Told which of these items were changed, by their keys alone. */
  readonly told?: 'tenant';
  /** Secrets of identity providers may be enveloped; nothing else, and opening them is another right. */
  readonly seal?: 'provider';
}

/** One HTTP request, whichever server took it. Header names are lower-case; values are as sent. */
export interface Request {
  readonly method: string;
  /** `POST /auth/{tenantId}/signin`: the route that matched. */
  readonly routeKey: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** `name=value` pairs as the browser sent them, duplicates included. */
  readonly cookies: readonly string[];
  readonly body: string | undefined;
  /** The peer's address as the gateway saw it, or as our own distribution in front did; see edge.ts. */
  readonly ip: string;
  /** Of that address, as our own distribution says: two capitals, or empty; see edge.ts. */
  readonly country: string;
  readonly requestId: string;
  /** ARN of who signed the request, where IAM authorised it; `local` in the local run. */
  readonly principal?: string;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Complete `Set-Cookie` values, one per name. */
  readonly cookies?: readonly string[];
}

/**
 * How much of a session an endpoint asks for:
 * `none`; `flag` = only when the body's `shouldTryLinkingWithSessionUser` is true, and then it must be there;
 * `optional` = one of the path's tenant, if it comes with one; `required` = a valid access token, whatever its claims;
 * `mfa` = also every claim of the policy satisfied, and the address proven where the tenant requires it.
 */
export type SessionMode = 'none' | 'flag' | 'optional' | 'required' | 'mfa';
type SessionOf<M extends SessionMode> = M extends 'none'
  ? undefined
  : M extends 'flag' | 'optional'
    ? Session | undefined
    : Session;

/** One request as an endpoint's `run` sees it: parsed, with session and tenant resolved. */
export interface Call<Input, M extends SessionMode> {
  readonly input: Input;
  readonly session: SessionOf<M>;
  /** The session's tenant where a session is loaded, else the path's, else `public`. */
  readonly tenant: Tenant;
  readonly request: Request;
}

/**
 * An endpoint is a value: Lambda, the local server, the stack and the tests all read this one.
 *
 * `handle` is a property, not a method, so that TypeScript infers the intersection of the ports a list needs.
 */
export interface Endpoint<App = never> {
  readonly routes: readonly string[];
  readonly access: Access;
  /** `iam`: callers are authorised by API Gateway with SigV4 (loopback in the local run). */
  readonly caller: 'public' | 'iam';
  /** A person waits in front of a form: an outage is told as FDI `GENERAL_ERROR`, which screens show. */
  readonly screen: boolean;
  /** Another site's form is meant to come here: no session is read and none is begun. */
  readonly crossSite?: true;
  readonly handle: (request: Request, app: App) => Promise<Reply>;
}

/**
 * Declares an endpoint: parses, loads the session the mode asks for, resolves the tenant, then runs.
 *
 * The tenant is the session's where there is one, else the path's (`public` when the path has none), checked before
 * `run`: unknown is 404, malformed configuration is 503 for that tenant alone. Input is path over query or body.
 */
export function endpoint<Schema extends v.GenericSchema<unknown, unknown>, App, M extends SessionMode>(declared: {
  routes: readonly string[];
  access: Access;
  session: M;
  /** Runs also for a session that a new policy has yet to reach: it asks the policy by itself, or ends the session. */
  anyPolicy?: true;
  caller?: 'public' | 'iam';
  screen?: boolean;
  input: Schema;
  run: (call: Call<v.InferOutput<Schema>, M>, app: App) => Promise<Reply>;
}): Endpoint<App & EdgeDeps> {
  return {
    routes: declared.routes,
    access: declared.access,
    caller: declared.caller ?? 'public',
    screen: declared.screen ?? false,
    handle: async (request, app) => {
      if (declared.session === 'flag') requireSpokenVersion(request);
      const raw = request.method === 'GET' ? request.query : parseBody(request);
      const session = await loadSession(declared.session, raw, request, app);
      await requireAllDone(declared.session, session, request, app);
      const input = parseInput(declared.input, { ...raw, ...request.params });
      const tenant = await tenantOf(request, session, app);
      if (declared.anyPolicy !== true) requireCurrentPolicy(session, tenant, app);
      return declared.run(
        {
          input, // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- loadSession gives what the mode asks for, or throws
          session: session as SessionOf<M>,
          tenant,
          request,
        },
        app,
      );
    },
  };
}

/** Both spellings the FDI allows: with and without the tenant segment. */
export const perTenant = (method: string, path: string): readonly string[] => [
  `${method} /auth/${path}`,
  `${method} /auth/{tenantId}/${path}`,
];

export const ok = (body: unknown, extra: Partial<Reply> = {}): Reply => ({ status: 200, body, ...extra });
