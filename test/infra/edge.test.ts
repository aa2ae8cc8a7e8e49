import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { boundPort } from '../../infra/local/ports.ts';
import { answer, type ResourceEvent } from '../../infra/edge/token-hash/answer.mjs';
import { EDGE_COUNTRY_HEADER, EDGE_VIEWER_HEADER } from '../../shared/http/edge.ts';

interface EdgeRequest {
  uri: string;
  method: string;
  headers: Record<string, { value: string }>;
}
type Handler = (event: { readonly request: EdgeRequest; readonly viewer: { readonly ip: string } }) => unknown;

/** As CloudFront has it: a script without modules, `require` or network that defines `handler`. */
async function edgeFunction(name: string): Promise<Handler> {
  const text = await readFile(join(import.meta.dirname, `../../infra/edge/${name}.js`), 'utf8');
  expect(Buffer.byteLength(text)).toBeLessThan(10_240);
  return runInNewContext(`${text}; handler`, Object.create(null)) as Handler;
}
const request = (uri: string, headers: EdgeRequest['headers'] = {}) => ({ uri, method: 'GET', headers });

describe('infra/edge/pages.js', () => {
  const ask = async (uri: string) => (await edgeFunction('pages'))({ request: request(uri), viewer: { ip: '' } });

  it.each(['/', '/sign-up', '/code', '/factors', '/settings', '/denied', '/settings/'])(
    '%s is the document',
    async (uri) => expect(await ask(uri)).toMatchObject({ uri: '/index.html' }),
  );

  it.each(['/assets/pages-0a1b2c3d.js', '/favicon.ico', '/.well-known/security.txt', '/assets/gone.css'])(
    '%s is a file, there or not',
    async (uri) => expect(await ask(uri)).toMatchObject({ uri }),
  );

  it.each(['/admin', '/admin/tenants', '/admin/users/a.b', '/auth'])('%s is not here', async (uri) =>
    expect(await ask(uri)).toMatchObject({ statusCode: 404 }),
  );

  it('takes a page whose name only begins like that for a page', async () =>
    expect(await ask('/administration')).toMatchObject({ uri: '/index.html' }));
});

describe('infra/edge/viewer.js', () => {
  it('names the peer in place of what the browser says, and leaves the rest', async () => {
    const handler = await edgeFunction('viewer');
    const headers = { [EDGE_VIEWER_HEADER]: { value: '203.0.113.66' }, rid: { value: 'session' } };
    const passed = handler({ request: request('/auth/signin', headers), viewer: { ip: '2001:db8::1' } });
    expect(JSON.parse(JSON.stringify(passed))).toEqual({
      uri: '/auth/signin',
      method: 'GET',
      headers: { [EDGE_VIEWER_HEADER]: { value: '2001:db8::1' }, rid: { value: 'session' } },
    });
  });
});

describe('infra/edge/viewer.js and the country', () => {
  const passed = async (headers: EdgeRequest['headers']) => {
    const handler = await edgeFunction('viewer');
    const { headers: sent } = handler({ request: request('/me', headers), viewer: { ip: '192.0.2.1' } }) as EdgeRequest;
    return sent[EDGE_COUNTRY_HEADER];
  };

  it('is what CloudFront says, whatever the browser does', async () => {
    const said = { 'cloudfront-viewer-country': { value: 'NO' } };
    expect(await passed(said)).toEqual({ value: 'NO' });
    expect(await passed({ ...said, [EDGE_COUNTRY_HEADER]: { value: 'HU' } })).toEqual({ value: 'NO' });
  });

  it('is nothing where CloudFront says nothing', async () => {
    expect(await passed({})).toBeUndefined();
    expect(await passed({ [EDGE_COUNTRY_HEADER]: { value: 'HU' } })).toBeUndefined();
  });
});

describe('infra/edge/token-hash', () => {
  /** @returns what CloudFormation is told. */
  async function told(about: Partial<ResourceEvent>, readSecret: (arn: string) => Promise<string>) {
    const heard = Promise.withResolvers<{ type: string | undefined; method: string | undefined; body: unknown }>();
    const server = createServer((incoming, reply) => {
      const { method, headers } = incoming;
      void json(incoming).then((body) => (reply.end(), heard.resolve({ type: headers['content-type'], method, body })));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const event = {
      RequestType: 'Create' as const,
      ResponseURL: `http://127.0.0.1:${boundPort(server)}/answer?signed`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Hashes',
      ResourceProperties: { SecretArns: ['one', 'two'] },
    };
    try {
      await answer({ ...event, ...about }, readSecret);
      return await heard.promise;
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const base = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Hashes' };

  it('hands on hashes alone, in order', async () => {
    const { type, method, body } = await told({}, (arn) => Promise.resolve(`token-${arn}`));
    expect([type, method]).toEqual(['', 'PUT']);
    expect(body).toMatchObject({
      ...base,
      Status: 'SUCCESS',
      Data: { Hashes: `${sha256('token-one')},${sha256('token-two')}` },
    });
    expect(JSON.stringify(body)).not.toContain('token-one');
  });

  it('says that it failed, and nothing of the secret', async () => {
    const { body } = await told({}, () => Promise.reject(new RangeError('the token is t0ken')));
    expect(body).toMatchObject({ ...base, Status: 'FAILED', Reason: 'RangeError' });
    expect(JSON.stringify(body)).not.toContain('t0ken');
  });

  it('reads nothing when it is taken away', async () => {
    const { body } = await told({ RequestType: 'Delete' }, () => Promise.reject(new Error('read')));
    expect(body).toMatchObject({ ...base, Status: 'SUCCESS' });
  });
});
