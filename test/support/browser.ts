/** A front end as the SDKs behave: keeps tokens in one of the two carriers, sends what they send. */

export type Mode = 'cookie' | 'header';

export interface Answer {
  readonly status: number;
  // Test code reads members of replies by name; their shapes are what is under test.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly headers: Headers;
  readonly setCookies: readonly string[];
}

/** `PUBLIC_URL` of `useStepgate`; the port that is listened on is another. */
const OWN_ORIGIN = 'http://localhost:3001';

interface Cookie {
  readonly value: string;
  readonly path: string;
}

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, instead of JSON. */
  readonly raw?: string;
}

export interface Surroundings {
  /** Where the page is from; the service's own origin where nothing is said. */
  readonly origin?: string;
  /** What stands for the network: `fetch`, or the gateway without a socket. */
  readonly request?: typeof fetch;
}

export function browser(url: string, mode: Mode, tenantId?: string, surroundings: Surroundings = {}) {
  const { origin = OWN_ORIGIN, request = fetch } = surroundings;
  const cookies = new Map<string, Cookie>();
  const tokens: { access?: string; refresh?: string; front?: string; antiCsrf?: string; device?: string } = {};

  const remember = (headers: Headers, setCookies: readonly string[]): void => {
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      const name = pair.slice(0, at);
      const path = attributes.find((attribute) => attribute.startsWith('Path='))?.slice(5) ?? '/';
      const expires = attributes.find((attribute) => attribute.startsWith('Expires='))?.slice(8);
      if (expires !== undefined && Date.parse(expires) <= Date.now()) cookies.delete(name);
      else cookies.set(name, { value: pair.slice(at + 1), path });
    }
    const set = (key: 'access' | 'refresh', value: string | null) => {
      if (value === '') delete tokens[key];
      else if (value !== null) tokens[key] = value;
    };
    set('access', headers.get('st-access-token'));
    set('refresh', headers.get('st-refresh-token'));
    const front = headers.get('front-token');
    if (front === 'remove') for (const key of ['access', 'refresh', 'front', 'antiCsrf'] as const) delete tokens[key];
    else if (front !== null) tokens.front = front;
    const antiCsrf = headers.get('anti-csrf');
    if (antiCsrf !== null) tokens.antiCsrf = antiCsrf;
    const device = headers.get('st-device');
    if (device === '') delete tokens.device;
    else if (device !== null) tokens.device = device;
  };

  const send = async (method: string, path: string, body?: unknown, options: SendOptions = {}): Promise<Answer> => {
    const jar = [...cookies].filter(([, cookie]) => path.startsWith(cookie.path));
    const bearer = path.endsWith('/session/refresh') ? tokens.refresh : tokens.access;
    const response = await request(url + path, {
      method,
      headers: {
        'user-agent': 'test-browser/1.0',
        'st-auth-mode': mode,
        // A page of the service's own origin, as browsers tell it; a GET of one's own origin has no Origin.
        'sec-fetch-site': 'same-origin',
        ...(method === 'GET' || method === 'HEAD' ? {} : { origin }),
        rid: 'anti-csrf',
        'fdi-version': '3.1,4.0,4.1,4.2',
        ...(body === undefined && options.raw === undefined ? {} : { 'content-type': 'application/json' }),
        ...(jar.length === 0 ? {} : { cookie: jar.map(([name, { value }]) => `${name}=${value}`).join('; ') }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(tokens.device === undefined ? {} : { 'st-device': tokens.device }),
        ...(tokens.antiCsrf === undefined ? {} : { 'anti-csrf': tokens.antiCsrf }),
        ...options.headers,
      },
      ...(options.raw !== undefined ? { body: options.raw } : body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const setCookies = response.headers.getSetCookie();
    remember(response.headers, setCookies);
    return {
      status: response.status,
      body: text === '' ? undefined : parse(text),
      headers: response.headers,
      setCookies,
    };
  };

  const at = (path: string): string => (tenantId === undefined ? `/auth/${path}` : `/auth/${tenantId}/${path}`);
  const form = (fields: Readonly<Record<string, string>>) => ({
    formFields: Object.entries(fields).map(([id, value]) => ({ id, value })),
  });

  return {
    send,
    get: (path: string, options?: SendOptions) => send('GET', path, undefined, options),
    post: (path: string, body?: unknown, options?: SendOptions) => send('POST', path, body, options),
    put: (path: string, body?: unknown, options?: SendOptions) => send('PUT', path, body, options),
    delete: (path: string, options?: SendOptions) => send('DELETE', path, undefined, options),

    signUp: (email: string, password: string, extra: Readonly<Record<string, string>> = {}) =>
      send('POST', at('signup'), form({ email, password, ...extra })),
    signIn: (email: string, password: string) => send('POST', at('signin'), form({ email, password })),
    mfaInfo: () => send('PUT', '/auth/mfa/info', {}),
    sendCode: (contact: { email: string } | { phoneNumber: string }) =>
      send('POST', at('signinup/code'), { ...contact, shouldTryLinkingWithSessionUser: true }),
    /** A code or link as first factor: no session is asked for. */
    startCode: (contact: { email: string } | { phoneNumber: string }, options?: SendOptions) =>
      send('POST', at('signinup/code'), contact, options),
    restartCode: (device: Device) => send('POST', at('signinup/code/resend'), pick(device)),
    enterCode: (device: Device, userInputCode: string) =>
      send('POST', at('signinup/code/consume'), { ...pick(device), userInputCode }),
    /** What the page behind a link does when its button is pressed. */
    enterLink: (link: string) => {
      const { searchParams, hash } = new URL(link);
      return send('POST', at('signinup/code/consume'), {
        preAuthSessionId: searchParams.get('preAuthSessionId'),
        linkCode: hash.slice(1),
      });
    },
    resendCode: (device: Device) =>
      send('POST', at('signinup/code/resend'), { ...pick(device), shouldTryLinkingWithSessionUser: true }),
    consume: (device: Device, userInputCode: string, extra: Readonly<Record<string, unknown>> = {}) =>
      send('POST', at('signinup/code/consume'), {
        ...pick(device),
        userInputCode,
        shouldTryLinkingWithSessionUser: true,
        ...extra,
      }),
    me: () => send('GET', '/me'),
    refresh: () => send('POST', '/auth/session/refresh'),
    signOut: () => send('POST', '/auth/signout'),

    tokens: () => ({
      access: tokens.access ?? decode(cookies.get('sAccessToken')?.value),
      refresh: tokens.refresh ?? decode(cookies.get('sRefreshToken')?.value),
    }),
    /** What this client is recognised by. */
    device: () => tokens.device ?? decode(cookies.get('sDevice')?.value),
    /** Puts such a value in place of its own, or takes it away. */
    setDevice: (value: string | undefined) => {
      if (mode === 'cookie' && value !== undefined) cookies.set('sDevice', { value, path: '/auth' });
      else if (mode === 'header' && value !== undefined) tokens.device = value;
      else {
        cookies.delete('sDevice');
        delete tokens.device;
      }
    },
    /** Puts tokens of another time back. */
    present: (kept: { access?: string | undefined; refresh?: string | undefined }) => {
      if (mode === 'header') {
        if (kept.access !== undefined) tokens.access = kept.access;
        if (kept.refresh !== undefined) tokens.refresh = kept.refresh;
        return;
      }
      if (kept.access !== undefined) cookies.set('sAccessToken', { value: encodeURIComponent(kept.access), path: '/' });
      if (kept.refresh !== undefined) {
        cookies.set('sRefreshToken', { value: encodeURIComponent(kept.refresh), path: '/auth/session/refresh' });
      }
    },
    /** The access token's payload as the front end sees it. */
    // oxlint-disable-next-line typescript/no-explicit-any
    claims: (): any =>
      tokens.front === undefined ? undefined : JSON.parse(Buffer.from(tokens.front, 'base64').toString('utf8')).up,
    cookies,
  };
}

export type Browser = ReturnType<typeof browser>;
export type Device = { readonly deviceId: string; readonly preAuthSessionId: string };

const pick = ({ deviceId, preAuthSessionId }: Device): Device => ({ deviceId, preAuthSessionId });

const decode = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : decodeURIComponent(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
