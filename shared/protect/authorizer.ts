import type {
  APIGatewayRequestAuthorizerEventV2 as Event,
  APIGatewaySimpleAuthorizerWithContextResult as Answer,
} from 'aws-lambda';
import { ProtocolError } from '../protocol-error.ts';
import type { Session } from '../session/session.ts';
import { callerOf } from './caller.ts';
import { checkSession } from './check-session.ts';
import type { Issuer } from './issuer.ts';
import { checkWants, type Wants } from './wants.ts';

/** What a handler behind the authorizer finds in `event.requestContext.authorizer.lambda`. */
export interface AuthorizerContext {
  readonly userId: string;
  readonly tenantId: string;
  readonly sessionHandle: string;
  readonly roles: readonly string[];
  /** `st-mfa.v`. */
  readonly mfa: boolean;
}

/** What each route wants, by route key. */
export type RouteWants = Readonly<Record<string, Wants>>;

/**
 * A Lambda authorizer of an HTTP API: REQUEST, payload 2.0, simple response, cookie or header.
 *
 * A route that it does not know is refused. Refusals have no body of ours: the gateway writes it.
 *
 * @throws Error `Unauthorized`, API Gateway's word for a 401, without a session that is good; any other error is a 500.
 */
export function sessionAuthorizer(routes: RouteWants, issuer: Issuer) {
  const known = new Map(Object.entries(routes).map(([route, wants]) => [route, checkWants(wants)]));
  return async (event: Event): Promise<Answer<AuthorizerContext | Record<string, never>>> => {
    const wants = known.get(event.routeKey);
    if (wants === undefined) return DENIED;
    try {
      const session = await checkSession(callerOf(event), wants, issuer);
      return { isAuthorized: true, context: contextOf(session) };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (error.status === 401) throw new Error('Unauthorized', { cause: error });
      if (error.status === 403) return DENIED;
      throw error;
    }
  };
}

const DENIED = { isAuthorized: false, context: {} };

const contextOf = ({ userId, tenantId, handle, satisfied, payload }: Session): AuthorizerContext => ({
  userId,
  tenantId,
  sessionHandle: handle,
  roles: payload['st-role'].v,
  mfa: satisfied,
});

/** The construct's variable. @throws Error when it does not hold what the construct puts there. */
export function routesFrom(env: Readonly<Record<string, string | undefined>>): RouteWants {
  const routes: unknown = JSON.parse(env['STEPGATE_ROUTES'] ?? 'null');
  if (typeof routes !== 'object' || routes === null) throw new Error('STEPGATE_ROUTES is not set.');
  return Object.fromEntries(Object.entries(routes));
}
