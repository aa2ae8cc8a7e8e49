/**
 * A request that cannot be understood or allowed: thrown, answered with its HTTP status, logged as information.
 *
 * Ways a sign-in can end are not errors: domain functions return those as FDI `status` unions with HTTP 200.
 * Anything else that is thrown is a defect or an outage and becomes a 500 or 503 without its message.
 */
export class ProtocolError extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** The client is to forget its session: tokens are cleared in both carriers. */
  readonly clearsSession: boolean;

  constructor(
    status: number,
    body: Readonly<Record<string, unknown>>,
    options: { headers?: Readonly<Record<string, string>>; clearsSession?: boolean } = {},
  ) {
    super(typeof body['message'] === 'string' ? body['message'] : `HTTP ${status}`);
    this.name = 'ProtocolError';
    this.status = status;
    this.body = body;
    this.headers = options.headers ?? {};
    this.clearsSession = options.clearsSession ?? false;
  }
}

export const badRequest = (message: string): ProtocolError => new ProtocolError(400, { message });

export const notFound = (message = 'not found'): ProtocolError => new ProtocolError(404, { message });

/** No session where one is needed. The client's tokens stay. @see FDI 401 `unauthorised` */
export const unauthorised = (): ProtocolError => new ProtocolError(401, { message: 'unauthorised' });

/** The session is over: the client forgets it. @see FDI 401 `unauthorised` with `front-token: remove` */
export const sessionEnded = (): ProtocolError =>
  new ProtocolError(401, { message: 'unauthorised' }, { clearsSession: true });

/** The access token is no good any more; the client is to refresh and to repeat. @see FDI 401 `try refresh token` */
export const tryRefreshToken = (): ProtocolError => new ProtocolError(401, { message: 'try refresh token' });

/** A displaced refresh token came back: the session is revoked. @see FDI 401 `token theft detected` */
export const tokenTheftDetected = (): ProtocolError =>
  new ProtocolError(401, { message: 'token theft detected' }, { clearsSession: true });

/** @see FDI 403 `invalid claim` */
export const invalidClaim = (
  id: string,
  reason: string | Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): ProtocolError =>
  new ProtocolError(403, { message: 'invalid claim', claimValidationErrors: [{ id, reason }] }, { headers });

/** For callers without a screen; flows with one answer 200 `GENERAL_ERROR` instead. */
export const tooManyRequests = (retryAfterMs: number): ProtocolError =>
  new ProtocolError(
    429,
    { message: 'too many requests' },
    { headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) } },
  );

export const unavailable = (message = 'temporarily unavailable, please try again'): ProtocolError =>
  new ProtocolError(503, { message }, { headers: { 'retry-after': '5' } });
