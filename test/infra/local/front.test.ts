import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frontListener } from '../../../infra/local/front.ts';
import { createInbox } from '../../../infra/local/inbox.ts';
import { buildPages } from '../../../infra/pages/build.ts';
import { listenLocally, type Listening } from '../../../infra/local/listen.ts';

const says =
  (word: string): RequestListener =>
  (_request, response) =>
    void response.end(word);
const landing = {
  baseUrl: 'http://localhost:3001',
  dynamodb: 'http://127.0.0.1:8000',
  tableName: 'stepgate',
  keptIn: 'in memory',
  hasSample: true,
};
const whereabouts = {
  dynamodb: 'http://127.0.0.1:8000',
  aws: 'http://127.0.0.1:9',
  region: 'eu-central-1',
  settings: {},
};
let front: Listening;
let home: string;

beforeAll(async () => {
  const inbox = createInbox();
  home = await mkdtemp(join(tmpdir(), 'stepgate-front-'));
  const { directory: pages } = await buildPages(join(home, 'pages'));
  front = await listenLocally(
    frontListener({ inbox, landing, whereabouts, pages, whole: says('whole'), open: says('open') }),
    0,
  );
});
afterAll(async () => {
  await front.stop();
  await rm(home, { recursive: true });
});

/** node:http and not fetch, which does not let a test choose `Host`. */
async function call(path: string, headers: Record<string, string> = {}, host = '127.0.0.1') {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  httpRequest({ host, port: front.port, path, headers }, resolve).end();
  const response = await promise;
  return { status: response.statusCode, body: await text(response) };
}

describe('the local front', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])(
    'serves admin and inbox to this machine as %s',
    async (name) => {
      const host = `${name}:${front.port}`;
      await expect(call('/admin/users', { host })).resolves.toEqual({ status: 200, body: 'whole' });
      expect((await call('/__local/inbox', { host })).status).toBe(200);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', 'localhost@evil.example', '127.0.0.1.nip.io'])(
    'refuses admin and inbox to the host %j',
    async (host) => {
      expect((await call('/admin/users', { host })).status).toBe(403);
      expect((await call('/__local/inbox', { host })).status).toBe(403);
    },
  );

  it.each(['/%61dmin/users', '//admin/users', '/x/../admin/users', '/auth/signin'])(
    'serves %s to others with the open endpoints alone',
    async (path) => {
      const { status, body } = await call(path, { host: 'evil.example' });
      expect(status === 403 || body === 'open').toBe(true);
    },
  );

  it.each([{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])(
    'refuses admin to a page of another site: %o',
    async (headers) => {
      expect((await call('/admin/users', headers)).status).toBe(403);
      expect((await call('/auth/signin', headers)).body).toBe('open');
    },
  );

  it('tells another process of this machine, and nobody else, where AWS is', async () => {
    const { status, body } = await call('/__local/aws');
    expect({ status, body: JSON.parse(body) }).toEqual({ status: 200, body: whereabouts });
    expect((await call('/__local/aws', { host: 'evil.example' })).status).toBe(403);
  });

  it('shows where things are at /__local/', async () => {
    const { body } = await call('/__local/');
    expect(body).toContain('http://localhost:3001/auth');
    expect(body).toContain('admin@example.com');
  });
});

describe('the hosted pages', () => {
  it.each([
    ['/', 200],
    ['/code', 200],
    ['/nowhere', 404],
  ])('answers %s with %d', async (path, status) => {
    const reply = await call(path, { accept: 'text/html' });
    expect(reply.status).toBe(status);
    expect(reply.body).toContain('<div id="app">');
  });

  it('leaves the service its own paths', async () => {
    expect((await call('/auth/signin', { accept: 'text/html' })).body).not.toContain('<div id="app">');
  });
});

describe('listenLocally', () => {
  it('says in one sentence that the port is taken, and which variable to change', async () => {
    await expect(listenLocally(says(''), front.port)).rejects.toThrow(
      `Port ${front.port} is already in use: set PORT to a free one.`,
    );
  });
});
