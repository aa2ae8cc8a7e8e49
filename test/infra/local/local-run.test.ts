import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { boundPort } from '../../../infra/local/ports.ts';

const LOCAL = join(import.meta.dirname, '..', '..', '..', 'infra', 'local.ts');
/** The machine's own settings must not reach the run under test. */
const ENV = { PATH: process.env['PATH'], PORT: '0', DYNAMODB_PORT: '0', STEPGATE_SAMPLE: 'none' };
const ACCOUNT = {
  formFields: [
    { id: 'email', value: 'ada@example.com' },
    { id: 'password', value: 'correct horse battery staple' },
  ],
};

const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

type Run = { readonly child: ChildProcess; readonly base: string; readonly dynamodb: string };

async function start(env: Record<string, string> = {}): Promise<Run> {
  const child = spawn(process.execPath, [LOCAL], { env: { ...ENV, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  // Closes the pipe as `npm start | head` would, which must not end the service.
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.includes('Ctrl-C stops')) break;
  }
  const found = /running at (\S+)[\s\S]*DynamoDB +(\S+)/.exec(said);
  return { child, base: found?.[1] ?? '', dynamodb: found?.[2] ?? '' };
}

/** What a start that must fail says, and how it ends. */
async function refusal(env: Record<string, string>) {
  const child = spawn(process.execPath, [LOCAL], { env: { ...ENV, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  await once(child, 'close');
  return { code: child.exitCode, said: said.trim() };
}

const post = (base: string, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** @returns whether a sign-in with these headers has to show a second factor. */
async function isAsked(base: string, headers: Record<string, string> = {}): Promise<boolean> {
  const front = (await post(base, '/auth/signin', ACCOUNT, headers)).headers.get('front-token') ?? '';
  return JSON.parse(Buffer.from(front, 'base64').toString()).up['st-mfa'].v === false;
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

/** Whole processes, several one after another, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

describe('npm start', () => {
  it('serves the API, the inbox and admin, and ends on Ctrl-C with nothing left behind', async () => {
    const { child, base, dynamodb } = await start({ STEPGATE_COUNTRY: 'HU' });
    await expect((await post(base, '/auth/signup', ACCOUNT)).json()).resolves.toMatchObject({ status: 'OK' });
    await expect((await post(base, '/auth/signin', ACCOUNT)).json()).resolves.toMatchObject({ status: 'OK' });
    await expect((await fetch(`${base}/admin/tenants`)).json()).resolves.toMatchObject({ status: 'OK' });
    expect((await fetch(`${base}/__local/inbox`)).status).toBe(200);
    expect((await fetch(`${base}/example/orders`)).status).toBe(401);
    expect((await post(base, '/example/payouts', {})).status).toBe(401);

    // What the distribution says in the cloud, a request or the setting says here.
    const abroad = { rules: [{ id: 'abroad', when: "request.country != 'HU'", require: ['otp-email'] }] };
    const put = { method: 'PUT', headers: { 'content-type': 'application/json' } };
    const body = JSON.stringify({ mfaPolicy: abroad, reason: 'a try' });
    expect((await fetch(`${base}/admin/tenants/public/policy`, { ...put, body })).status).toBe(200);
    expect(await isAsked(base)).toBe(false);
    expect(await isAsked(base, { 'CloudFront-Viewer-Country': 'NO' })).toBe(true);
    expect(await isAsked(base, { 'x-stepgate-country': 'NO' })).toBe(false);

    // What a person writes is recorded without anybody looking.
    const hand = { pk: { S: 'TENANT#hand' }, sk: { S: 'CONFIG' }, mfaPolicy: { M: { rules: { L: [] } } } };
    const client = new DynamoDBClient({ endpoint: dynamodb, region: 'eu-central-1', credentials: LOCAL_CREDENTIALS });
    await client.send(new PutItemCommand({ TableName: 'stepgate', Item: hand }));
    client.destroy();
    await vi.waitFor(
      async () =>
        expect(await (await fetch(`${base}/admin/tenants`)).json()).toMatchObject({
          tenants: expect.arrayContaining(['hand']),
        }),
      { timeout: 20_000, interval: 100 },
    );

    child.kill('SIGINT');
    await once(child, 'close');
    // 1 would mean that it had to be cut short after a second.
    expect(child.exitCode).toBe(0);
    await expect(answers(dynamodb)).resolves.toBe(false);
  });

  it('takes its database along when it is killed with kill -9', async () => {
    const { child, dynamodb } = await start();
    await expect(answers(dynamodb)).resolves.toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => answers(dynamodb), { timeout: 5000 }).toBe(false);
  });

  describe('with STEPGATE_DATA', () => {
    let dir: string;
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'stepgate-'));
    });
    afterAll(() => rm(dir, { recursive: true }));

    it('knows yesterday’s accounts, and can still open its keys', async () => {
      const yesterday = await start({ STEPGATE_DATA: dir });
      await post(yesterday.base, '/auth/signup', ACCOUNT);
      yesterday.child.kill('SIGTERM');
      await once(yesterday.child, 'close');
      const today = await start({ STEPGATE_DATA: dir });
      const response = await post(today.base, '/auth/signin', ACCOUNT);
      await expect(response.json()).resolves.toMatchObject({ status: 'OK' });
      today.child.kill('SIGTERM');
      await once(today.child, 'close');
    });
  });
});

describe('npm start refuses', () => {
  it('a port that is taken, in one sentence', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String(boundPort(taken));
    await expect(refusal({ PORT: port })).resolves.toEqual({
      code: 1,
      said: `Port ${port} is already in use: set PORT to a free one.`,
    });
    await expect(refusal({ DYNAMODB_PORT: port })).resolves.toEqual({
      code: 1,
      said: `Port ${port} for the embedded DynamoDB is already in use: set DYNAMODB_PORT to a free one.`,
    });
    taken.close();
  });

  it('settings that are wrong, naming them', async () => {
    await expect(refusal({ OTP_SECONDS: 'ten' })).resolves.toEqual({
      code: 1,
      said: "Stepgate's settings are wrong:\n  OTP_SECONDS: must be a whole number of seconds",
    });
  });

  it('a DynamoDB that does not answer', async () => {
    const { code, said } = await refusal({ DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' });
    expect(code).toBe(1);
    expect(said).toMatch(/^The table stepgate cannot be prepared at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
  });
});
