import { type CryptoKey, jwtVerify } from 'jose';
import { createServer, type Server } from 'node:http';
import Provider from 'oidc-provider';
import { afterAll, beforeAll } from 'vitest';
import { boundPort } from '../../infra/local/ports.ts';

export const CLIENT = { clientId: 'stepgate-test', clientSecret: 'a secret between these two' };
export const REDIRECT_URI = 'http://localhost:3001/auth/callback/corp';

export interface Person {
  readonly email?: string;
  readonly email_verified?: boolean;
}

/** A client that is dealt with as Apple deals with its own: no PKCE, and a secret that is signed for one call. */
export interface AppleClient {
  readonly clientId: string;
  readonly teamId: string;
  readonly publicKey: CryptoKey;
  readonly redirectUri: string;
}

/**
 * An OpenID provider of this file's own, certified software on a real socket: PKCE is required of all but `apple`, and
 * addresses come from the user-info endpoint, as its conforming default is.
 */
export function useOidcProvider(
  redirectUris: () => readonly string[] = () => [REDIRECT_URI],
  appleClient?: () => Promise<AppleClient>,
) {
  const people = new Map<string, Person>();
  let server: Server | undefined;
  let issuer = '';

  beforeAll(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${boundPort(server)}`;
    const apple = await appleClient?.();
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT.clientId,
          client_secret: CLIENT.clientSecret,
          redirect_uris: [...redirectUris()],
          token_endpoint_auth_method: 'client_secret_post',
        },
        ...(apple === undefined
          ? []
          : [
              {
                client_id: apple.clientId,
                client_secret: 'what is signed with its key, never this',
                redirect_uris: [apple.redirectUri],
                token_endpoint_auth_method: 'client_secret_post' as const,
              },
            ]),
      ],
      pkce: { required: (_, client) => client.clientId !== apple?.clientId },
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      cookies: { keys: ['test'] },
      ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 300, Interaction: 60, Session: 60 },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
    });
    if (apple !== undefined) takeSignedSecrets(provider, apple);
    const handle = provider.callback();
    server.on('request', (request, response) => void handle(request, response));
  });
  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
  });

  return {
    issuer: () => issuer,
    /** What the provider says of somebody from now on. */
    person: (sub: string, claims: Person) => void people.set(sub, claims),
    /** Signs in at the provider and agrees. @returns what it adds to the redirect address. */
    visit: (url: string, sub: string): Promise<Record<string, string>> => visit(url, sub),
  };
}

/** The provider compares secrets where its clients say how. */
function takeSignedSecrets({ Client }: Provider, apple: AppleClient): void {
  const { compareClientSecret } = Client.prototype;
  Client.prototype.compareClientSecret = function compare(secret) {
    return this.clientId === apple.clientId ? isSignedBy(apple, secret) : compareClientSecret.call(this, secret);
  };
}

async function isSignedBy({ publicKey, clientId, teamId }: AppleClient, secret: string): Promise<boolean> {
  const expected = { issuer: teamId, subject: clientId, audience: 'https://appleid.apple.com' };
  return jwtVerify(secret, publicKey, { ...expected, algorithms: ['ES256'] }).then(
    () => true,
    () => false,
  );
}

/** A person at the provider's forms, with a cookie jar. */
async function visit(start: string, sub: string): Promise<Record<string, string>> {
  const jar = new Map<string, string>();
  let url = start;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 12; step += 1) {
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    form = undefined;
    const location = response.headers.get('location');
    if (location !== null) {
      const next = new URL(location, url);
      if (next.origin !== new URL(start).origin) return Object.fromEntries(next.searchParams);
      url = next.href;
      continue;
    }
    const page = await response.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (prompt === undefined) throw new Error(`the provider says ${response.status}: ${page.slice(0, 300)}`);
    form = new URLSearchParams({ prompt, login: sub, password: 'x' });
  }
  throw new Error('the provider leads nowhere');
}
