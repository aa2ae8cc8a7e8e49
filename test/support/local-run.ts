import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const LOCAL = join(import.meta.dirname, '..', '..', 'infra', 'local.ts');

/** One entry of `/__local/inbox`. */
export interface Received {
  readonly purpose: string;
  readonly channel: 'email' | 'sms';
  readonly to: string;
  readonly subject?: string;
  readonly text: string;
  readonly code?: string;
  readonly link?: string;
}

/** The service as `npm start` runs it: a process, real HTTP, real SDK calls. */
export interface LocalRun {
  readonly origin: string;
  readonly dynamodb: string;
  /** What was sent, oldest first; to one address where it is named. */
  inbox(to?: string): Promise<readonly Received[]>;
  emptyInbox(): Promise<void>;
  /** Waits for the newest code to an address that is not `except`. @throws after ten seconds. */
  code(to: string, except?: string): Promise<string>;
  /** @throws with the reply when the admin API refuses. */
  admin(method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it on free ports with nothing of this machine's environment. @throws with what it said when it does not start. */
export async function startLocalRun(env: Readonly<Record<string, string>> = {}): Promise<LocalRun> {
  const child = spawn(process.execPath, [LOCAL], {
    env: { PATH: process.env['PATH'], PORT: '0', DYNAMODB_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.includes('Ctrl-C stops')) break;
  }
  const [, origin, dynamodb] = /running at (\S+)[\s\S]*DynamoDB +(\S+)/.exec(said) ?? [];
  if (origin === undefined || dynamodb === undefined) throw new Error(`The local run did not start:\n${said}`);
  const inbox = (to?: string) => inboxOf(origin, to);
  return {
    origin,
    dynamodb,
    inbox,
    emptyInbox: async () => void (await fetch(`${origin}/__local/inbox`, { method: 'DELETE' })),
    code: (to, except) => newestCode(() => inbox(to), except),
    admin: (method, path, body) => callAdmin(`${origin}/admin${path}`, method, body),
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'close');
    },
  };
}

async function inboxOf(origin: string, to: string | undefined): Promise<readonly Received[]> {
  const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`;
  const response = await fetch(`${origin}/__local/inbox${query}`, { headers: { accept: 'application/json' } });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the shape is design.md §6's, tested in test/infra/local
  return (await response.json()) as readonly Received[];
}

async function newestCode(read: () => Promise<readonly Received[]>, except: string | undefined): Promise<string> {
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    const code = (await read()).at(-1)?.code;
    if (code !== undefined && code !== except) return code;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('No code arrived within ten seconds.');
}

async function callAdmin(url: string, method: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const reply: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${JSON.stringify(reply)}`);
  return reply;
}
