import { createServer } from 'node:http';
import { once } from 'node:events';
import * as v from 'valibot';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createInbox, inboxRoutes, type Received } from '../../../infra/local/inbox.ts';
import { boundPort } from '../../../infra/local/ports.ts';

const inbox = createInbox();
const answered = inboxRoutes(inbox);
const server = createServer((request, response) => {
  if (!answered(request, response)) response.writeHead(404).end('not mine');
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());
beforeEach(() => inbox.clear());

const mail = (changes: Partial<Received> = {}): Received => ({
  channel: 'email',
  to: 'ada@example.com',
  subject: 'Code',
  text: 'Your code is 123456',
  html: '',
  purpose: 'sign-in',
  ...changes,
});

const call = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${boundPort(server)}${path}`, init);
const Messages = v.array(v.looseObject({ to: v.string() }));
const json = async (path: string) =>
  v.parse(Messages, await (await call(path, { headers: { accept: 'application/json' } })).json());
const page = async () => (await call('/__local/inbox', { headers: { accept: 'text/html' } })).text();

describe('the inbox', () => {
  it('keeps the newest 500 messages, oldest first', () => {
    for (let n = 0; n < 510; n += 1) inbox.add(mail({ subject: String(n) }));
    expect(inbox.messages()).toHaveLength(500);
    expect([inbox.messages().at(0)?.subject, inbox.messages().at(-1)?.subject]).toEqual(['10', '509']);
  });

  it('leaves out what a message does not have', () => {
    expect(Object.keys(inbox.add(mail({ text: 'Hello' })))).not.toEqual(expect.arrayContaining(['code', 'link']));
  });
});

describe('GET /__local/inbox', () => {
  it('gives JSON, oldest first', async () => {
    inbox.add(mail({ subject: 'one' }));
    inbox.add(mail({ subject: 'two', text: 'Open https://a.example.com/x' }));
    await expect(json('/__local/inbox')).resolves.toMatchObject([
      { subject: 'one', code: '123456' },
      { subject: 'two', link: 'https://a.example.com/x' },
    ]);
  });

  it.each([
    ['?to=ADA@example.com', 'ada@example.com'],
    ['?to=%2B36301234567', '+36301234567'],
    ['?to=+36301234567', '+36301234567'],
  ])('filters by %s', async (query, to) => {
    for (const address of ['ada@example.com', '+36301234567', 'ada@example.com.evil']) inbox.add(mail({ to: address }));
    const found = await json(`/__local/inbox${query}`);
    expect(found.map((message) => message.to)).toEqual([to]);
  });

  it('shows people a page that escapes all that was sent', async () => {
    const evil = `"><script>alert('x')</script>&amp; http://a.example.com/?q=<b>"onclick='y'`;
    inbox.add(mail({ to: `${evil}@x`, subject: evil, text: evil, purpose: evil, html: evil }));
    const html = await page();
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('"onclick');
    expect(html).toContain('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;');
    expect(html).toContain('<a href="http://a.example.com/?q=" rel="noreferrer">');
  });

  it('shows the newest first, the code big', async () => {
    inbox.add(mail({ subject: 'older' }));
    inbox.add(mail({ subject: 'newer', text: '654321' }));
    const html = await page();
    expect(html.indexOf('newer')).toBeLessThan(html.indexOf('older'));
    expect(html).toContain('<output>654321</output>');
  });

  it('lets the page run nothing but its own style and script', async () => {
    const policy = (await call('/__local/inbox')).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
  });
});

describe('a mail with HTML', () => {
  it('is shown in a frame that may do nothing, beside its text', async () => {
    const { id } = inbox.add(mail({ text: 'Hello', html: '<p>Hello</p>' }));
    const html = await page();
    expect(html).toContain(`<iframe sandbox loading="lazy" title="The mail as HTML" src="/__local/inbox/${id}/html">`);
    expect(html).toContain('<pre class="text">Hello</pre>');
    const policy = (await call('/__local/inbox')).headers.get('content-security-policy');
    expect(policy).toContain("frame-src 'self'");
  });

  it('is not framed where there is none', async () => {
    inbox.add(mail());
    expect(await page()).not.toContain('<iframe');
  });
});

describe('GET /__local/inbox/{id}/html', () => {
  it('shows the HTML part as it was sent, in a sandbox', async () => {
    const { id } = inbox.add(mail({ html: '<p>Hello</p><script>alert(1)</script>' }));
    const response = await call(`/__local/inbox/${id}/html`);
    expect(response.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    await expect(response.text()).resolves.toContain('<p>Hello</p>');
  });

  it('knows no other message', async () => {
    expect((await call('/__local/inbox/nothing/html')).status).toBe(404);
  });
});

describe('DELETE /__local/inbox', () => {
  it('empties it', async () => {
    inbox.add(mail());
    await expect((await call('/__local/inbox', { method: 'DELETE' })).json()).resolves.toEqual({ status: 'OK' });
    await expect(json('/__local/inbox')).resolves.toEqual([]);
  });
});

it('leaves other paths alone', async () => {
  await expect((await call('/__local/inboxes')).text()).resolves.toBe('not mine');
  expect((await call('/__local/inbox', { method: 'POST' })).status).toBe(405);
});
