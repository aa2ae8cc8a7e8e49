import type { APIGatewayProxyEvent as EventV1, APIGatewayProxyEventV2 as EventV2 } from 'aws-lambda';
import type { Request } from '../http/endpoint.ts';

/** The part of a request that says who is asking. */
export type Caller = Pick<Request, 'method' | 'headers' | 'cookies'>;

/** An HTTP API's event in either payload format, or a REST API's. */
export type HttpEvent =
  | Pick<EventV2, 'headers' | 'cookies' | 'requestContext'>
  | Pick<EventV1, 'headers' | 'multiValueHeaders' | 'httpMethod'>;

/** Repeated headers are joined by commas in every format: two tokens are no token. */
export function callerOf(event: HttpEvent): Caller {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  if ('httpMethod' in event) {
    for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
      if (values !== undefined) headers[name.toLowerCase()] = values.join(name.toLowerCase() === 'cookie' ? '; ' : ',');
    }
    return { method: event.httpMethod.toUpperCase(), headers, cookies: split(headers['cookie']) };
  }
  const cookies = event.cookies ?? split(headers['cookie']);
  return { method: event.requestContext.http.method.toUpperCase(), headers, cookies };
}

const split = (header: string | undefined): readonly string[] => (header === undefined ? [] : header.split(/; */));
