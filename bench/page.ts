import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 as Event, APIGatewayProxyStructuredResultV2 as Result } from 'aws-lambda';

/** What API Gateway hands to a function. */
function eventOf(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>): Event {
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers: { 'content-type': 'application/json', 'user-agent': 'bench/1.0', 'st-auth-mode': 'header', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
    requestContext: {
      accountId: '123456789012',
      apiId: 'bench',
      domainName: 'localhost',
      domainPrefix: 'localhost',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '198.51.100.7', userAgent: 'bench/1.0' },
      requestId: randomUUID(),
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: new Date().toUTCString(),
      timeEpoch: Date.now(),
    },
  };
}

interface Device {
  readonly deviceId: string;
  readonly preAuthSessionId: string;
}

/** Answers an event with the function's result and whatever was measured about it. */
export type Call<Measured> = (event: Event) => Promise<{ readonly result: Result } & Measured>;

/**
 * A front end in header mode that speaks to a function directly, so that nothing but the function is measured.
 *
 * @throws when an answer is not what a sign-in goes on from: a bench of refusals would look fast.
 */
export function page<Measured>(call: Call<Measured>) {
  let access = '';
  let refresh = '';
  const linking = { shouldTryLinkingWithSessionUser: true };

  const send = async (method: string, path: string, body?: unknown, bearer = access) => {
    const event = eventOf(method, path, body, bearer === '' ? {} : { authorization: `Bearer ${bearer}` });
    const { result, ...measured } = await call(event);
    const said = JSON.parse(result.body || '{}');
    if (result.statusCode !== 200 || (said.status ?? 'OK') !== 'OK') {
      throw new Error(`${event.routeKey} answered ${result.statusCode} ${result.body}`);
    }
    access = String(result.headers?.['st-access-token'] ?? access);
    refresh = String(result.headers?.['st-refresh-token'] ?? refresh);
    return { said, measured };
  };
  const formFields = (email: string, password: string) => [
    { id: 'email', value: email },
    { id: 'password', value: password },
  ];

  return {
    signIn: (email: string, password: string) =>
      send('POST', '/auth/signin', { formFields: formFields(email, password) }, ''),
    mfaInfo: () => send('PUT', '/auth/mfa/info', {}),
    sendCode: (email: string) => send('POST', '/auth/signinup/code', { email, ...linking }),
    consume: ({ deviceId, preAuthSessionId }: Device, userInputCode: string) =>
      send('POST', '/auth/signinup/code/consume', { deviceId, preAuthSessionId, userInputCode, ...linking }),
    refresh: () => send('POST', '/auth/session/refresh', undefined, refresh),
    me: () => send('GET', '/me'),
    /** For whoever repeats the check itself. */
    meEvent: () => eventOf('GET', '/me', undefined, { authorization: `Bearer ${access}` }),
    accessToken: () => access,
  };
}
