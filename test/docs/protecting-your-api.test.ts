/** The five lines that `docs/protecting-your-api.md` begins with protect a handler: as they stand there, nothing added. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functions } from '../../functions/index.ts';
import { freePort } from '../../infra/local/ports.ts';
import { toNode } from '../../shared/http/node.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const ROOT = join(import.meta.dirname, '../..');
const port = await freePort();
const PUBLIC_URL = `http://localhost:${port}`;
const stepgate = useStepgate({ config: { PUBLIC_URL } });
let server: Server;
let directory = '';
let handler: (event: object, context: object) => Promise<{ statusCode: number; body: string }>;

beforeAll(async () => {
  server = createServer(toNode(Object.values(functions).flat(), stepgate.app()));
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  const text = await readFile(join(ROOT, 'docs/protecting-your-api.md'), 'utf8');
  const snippet = /```ts\n(.*?)```/s.exec(text)![1]!;
  const entry = pathToFileURL(join(ROOT, 'shared/protect/require-session.ts')).href;
  directory = await mkdtemp(join(import.meta.dirname, 'snippet-'));
  const file = join(directory, 'handler.ts');
  await writeFile(file, snippet.replace('stepgate/protect', entry));
  process.env['STEPGATE_URL'] = PUBLIC_URL;
  ({ handler } = await import(file));
});
afterAll(async () => {
  delete process.env['STEPGATE_URL'];
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

describe('the five lines of the documentation', () => {
  it('are on the first screen, and five', async () => {
    const lines = (await readFile(join(ROOT, 'docs/protecting-your-api.md'), 'utf8')).split('\n');
    const [start, end] = [lines.indexOf('```ts'), lines.indexOf('```')];
    expect(end).toBeLessThan(20);
    expect(lines.slice(start + 1, end).filter((line) => line !== '')).toHaveLength(5);
  });

  it('let in who is signed in, and nobody else', async () => {
    await stepgate.tenant('public', {
      mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
    });
    const userId = await stepgate.user('user@example.com');
    await stepgate.user('admin@example.com', { roles: ['admin'] });
    const call = async (email?: string) => {
      const page = stepgate.browser('header');
      if (email !== undefined) await page.signIn(email, PASSWORD);
      const headers = email === undefined ? {} : { authorization: `Bearer ${page.tokens().access}` };
      return handler({ headers, requestContext: { http: { method: 'GET' } } }, {});
    };
    expect(await call()).toMatchObject({ statusCode: 401 });
    expect(await call('admin@example.com')).toMatchObject({ statusCode: 403 });
    expect(await call('user@example.com')).toMatchObject({ statusCode: 200, body: `Hello ${userId}` });
  });
});
