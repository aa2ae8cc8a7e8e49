import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LocalRun, startLocalRun } from '../../support/local-run.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A sender of one's own beside `npm start`: a file, called as a Lambda would be. */

const LOCAL = join(import.meta.dirname, '..', '..', '..', 'infra', 'local.ts');
let home: string;
let run: LocalRun;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'stepgate-sender-'));
  await writeFile(
    join(home, 'mail.ts'),
    `import { appendFile } from 'node:fs/promises';
export async function handler(event: { readonly email: string; readonly type: string }) {
  await appendFile(${JSON.stringify(join(home, 'sent'))}, JSON.stringify(event) + '\\n');
  return { status: 'OK' };
}
`,
  );
  await writeFile(join(home, 'no-function.ts'), `export const sender = 1;\n`);
  run = await startLocalRun({ STEPGATE_EMAIL_SENDER: join(home, 'mail.ts') });
});
afterAll(async () => {
  await run?.stop();
  await rm(home, { recursive: true, force: true });
});

const ask = (email: string) =>
  fetch(`${run.origin}/auth/signinup/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email }),
  }).then((reply) => reply.json());

/** What a start that must fail says. */
async function refusal(path: string): Promise<string> {
  const env = { PATH: process.env['PATH'], PORT: '0', DYNAMODB_PORT: '0', STEPGATE_SMS_SENDER: path };
  const child = spawn(process.execPath, [LOCAL], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  await once(child, 'close');
  expect(child.exitCode).toBe(1);
  return said.trim();
}

describe('STEPGATE_EMAIL_SENDER', () => {
  it('sends what the inbox would have received', async () => {
    expect(await ask('somebody@example.com')).toMatchObject({ status: 'OK' });
    const sent = (await readFile(join(home, 'sent'), 'utf8')).trim().split('\n');
    expect(sent.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ type: 'PASSWORDLESS_LOGIN', email: 'somebody@example.com' }),
    ]);
    expect(await run.inbox()).toEqual([]);
  });

  it.each([
    ['is not there', 'absent.ts', /^STEPGATE_SMS_SENDER names .*absent\.ts, and there is no such file\.$/],
    ['exports no function', 'no-function.ts', /^STEPGATE_SMS_SENDER: .* exports no function named handler/],
  ])('says in one sentence that a file %s', async (_, file, sentence) => {
    expect(await refusal(join(home, file))).toMatch(sentence);
  });
});
