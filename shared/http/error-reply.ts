import { MalformedTenant } from '../account/tenant-id.ts';
import type { Log } from '../ports.ts';
import { ProtocolError, unavailable } from '../protocol-error.ts';
import { type CarrierConfig, takeBack } from './carrier.ts';
import type { Reply } from './endpoint.ts';

/** What a thrown error is worth to the caller, and the one place that logs it. */
export function errorReply(
  error: unknown,
  about: {
    readonly config: CarrierConfig;
    readonly log: Log;
    readonly screen: boolean;
    readonly route: string;
    readonly errorId: string;
  },
): Reply {
  const { log, route, errorId, screen } = about;
  if (error instanceof ProtocolError) {
    log.info('request.refused', { route, status: error.status, reason: error.message });
    return refusal(error, about.config);
  }
  if (error instanceof MalformedTenant) {
    log.error('tenant.malformed', { tenantId: error.tenantId, faults: error.faults, errorId });
    return refusal(unavailable('this tenant is misconfigured'), about.config);
  }
  log.error('request.failed', { route, errorId, ...describe(error) });
  if (screen) {
    const message = "We couldn't do this right now. Please try again in a minute.";
    return { status: 200, body: { status: 'GENERAL_ERROR', message, errorId } };
  }
  return isOutage(error)
    ? { status: 503, body: { message: 'temporarily unavailable', errorId }, headers: { 'retry-after': '5' } }
    : { status: 500, body: { message: 'internal error', errorId } };
}

const refusal = (error: ProtocolError, config: CarrierConfig): Reply => {
  const tokens = error.clearsSession ? takeBack('both', config) : { headers: {}, cookies: [] };
  return {
    status: error.status,
    body: error.body,
    headers: { ...error.headers, ...tokens.headers },
    cookies: tokens.cookies,
  };
};

/** An AWS service said no or nothing: trying again may help, a stack trace would not. */
const isOutage = (error: unknown): boolean =>
  error instanceof Error && ('$metadata' in error || error.name === 'TimeoutError' || 'code' in error);

/** Names and places, not messages: a message may quote input. */
const describe = (error: unknown): Readonly<Record<string, unknown>> =>
  error instanceof Error
    ? {
        error: error.name,
        ...('CancellationReasons' in error && Array.isArray(error.CancellationReasons)
          ? { reasons: error.CancellationReasons.map((reason: { Code?: string }) => reason.Code ?? 'None') }
          : {}),
        ...('$metadata' in error ? {} : { message: error.message.split('\n')[0]?.slice(0, 200) }),
        stack: error.stack
          ?.split('\n')
          .slice(1, 6)
          .map((line) => line.trim()),
      }
    : { error: typeof error };
