import type middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 as Result, Context } from 'aws-lambda';
import { ProtocolError } from '../protocol-error.ts';
import type { Session } from '../session/session.ts';
import { callerOf, type HttpEvent } from './caller.ts';
import { checkSession } from './check-session.ts';
import { type Issuer, issuerFrom } from './issuer.ts';
import { checkWants, type Wants } from './wants.ts';

export { issuerAt, issuerFrom, type Issuer, type IssuerSettings } from './issuer.ts';
export type { Session } from '../session/session.ts';
export type { Wants } from './wants.ts';

/** The handler's second argument, with the session in it. */
export type WithSession = Context & { readonly session: Session };

/**
 * A middy middleware: the handler runs for those whose session has what it wants, and finds it in its context.
 *
 * Everybody else is answered here, as the front-end SDKs expect; `onError` of middlewares in front of it (CORS, headers)
 * sees that reply.
 *
 * @param issuer by default as `STEPGATE_URL` and `STEPGATE_ANTI_CSRF` say.
 * @throws Error at once, and not at the first request, when an option or the environment is wrong.
 */
export function requireSession<Event extends HttpEvent = APIGatewayProxyEventV2>(
  wants: Wants = {},
  issuer: Issuer = issuerFrom(process.env),
): middy.MiddlewareObj<Event, Result, Error, WithSession> {
  const checked = checkWants(wants);
  return {
    before: async (handling) => {
      const session = await checkSession(callerOf(handling.event), checked, issuer);
      Object.assign(handling.context, { session });
    },
    // Not returned early by `before`: then middy would leave out everybody else's say, and CORS headers with it.
    onError: (handling) => {
      if (handling.error instanceof ProtocolError) handling.response = refusal(handling.error);
    },
  };
}

const refusal = ({ status, body, headers }: ProtocolError): Result => ({
  statusCode: status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});
