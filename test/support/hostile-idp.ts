import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll } from 'vitest';
import { boundPort } from '../../infra/local/ports.ts';

export interface Answered {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

type Answer = (form: URLSearchParams, headers: Readonly<Record<string, unknown>>) => Answered | Promise<Answered>;

/** A provider on a real socket that says whatever a test wants it to: tokens, documents, silence. */
export function useHostileIdp() {
  let server: Server | undefined;
  let issuer = '';
  let pair: Awaited<ReturnType<typeof generateKeyPair>> | undefined;
  const answers = new Map<string, Answer>();
  const seen: { readonly path: string; readonly form: URLSearchParams }[] = [];

  const documents = async (path: string): Promise<Answered> => {
    if (path === '/jwks') {
      return { body: { keys: [{ ...(await exportJWK(pair!.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] } };
    }
    if (!path.endsWith('/.well-known/openid-configuration')) return { status: 404, body: {} };
    return {
      body: {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
      },
    };
  };

  beforeAll(async () => {
    pair = await generateKeyPair('RS256', { extractable: true });
    server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
        const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
        const path = new URL(request.url ?? '/', 'http://idp').pathname;
        seen.push({ path, form });
        const answer = await (answers.get(path)?.(form, request.headers) ?? documents(path));
        response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
        response.end(JSON.stringify(answer.body ?? {}));
      })();
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${boundPort(server)}`;
  });
  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
  });

  return {
    issuer: () => issuer,
    seen,
    privateKey: () => pair!.privateKey,
    publicKey: () => pair!.publicKey,
    /** From now on, at this path. */
    on: (path: string, answer: Answer) => void answers.set(path, answer),
    quiet: () => answers.clear(),
    /** A token signed as it should be, whatever it says. */
    token: (claims: JWTPayload, header: { readonly alg?: string; readonly kid?: string } = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(pair!.privateKey),
    /** The next codes are worth this id_token. */
    says: (idToken: string) =>
      void answers.set('/token', () => ({
        body: { access_token: 'at', token_type: 'Bearer', expires_in: 60, id_token: idToken },
      })),
  };
}
