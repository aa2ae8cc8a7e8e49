import type { Request } from '../http/endpoint.ts';

/** The part of a request that says who is asking. */
export type Caller = Pick<Request, 'method' | 'headers' | 'cookies'>;

/** An HTTP API's event in either payload format, a REST API's, or an authorizer's: as much of it as is read here. */
export type HttpEvent =
  | {
      readonly headers?: Headers | undefined;
      readonly cookies?: readonly string[] | undefined;
      readonly requestContext: { readonly http: { readonly method: string } };
    }
  | {
      readonly headers: Headers | null;
      readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
      readonly httpMethod: string;
    };
type Headers = Readonly<Record<string, string | undefined>>;

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
