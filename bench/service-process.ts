import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { pointAwsAt } from '../shared/aws-env.ts';
import type { ConfigInput } from '../shared/config.ts';
import { type RunningAws, startAws } from '../infra/local/aws.ts';
import { ensureTable, startDynamo } from '../infra/local/dynamodb.ts';
import { environment } from './environment.ts';
import type { Cost } from './measure.ts';
import type { Call } from './page.ts';
import type { Answer, Question } from './protocol.ts';
import type { Flow } from './requests.ts';

/** `service.ts` in a process of its own; database, mail and keys in others. */
export interface Service {
  readonly call: (counts: boolean) => Call<{ readonly cost: Cost; readonly flow: Flow }>;
  readonly costsOf: (
    question: Extract<Question, { kind: 'repeat' | 'guarded' | 'policy-checked' | 'verify' }>,
  ) => Promise<readonly Cost[]>;
  readonly users: (count: number) => Promise<readonly string[]>;
  /** Moves the service's clock. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly lastCode: (email: string) => string;
  /** What hashing a password costs at its real cost. */
  readonly hash: readonly Cost[];
  readonly stop: () => Promise<void>;
}

export async function startService(): Promise<Service> {
  const dynamo = await startDynamo();
  const aws = await startAws();
  let child: ChildProcess | undefined;
  const stop = async () => {
    child?.disconnect();
    await Promise.all([dynamo.stop(), aws.stop()]);
  };
  try {
    // Warm is warm, on a slow machine too: nothing that was read is read again between two steps.
    const settings = { ...environment, LIMIT_SCALE: '20', TENANT_CACHE_SECONDS: '60' } satisfies ConfigInput;
    const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], ...settings };
    pointAwsAt({ dynamodb: dynamo.endpoint, aws: aws.endpoint }, env);
    await makeTable(dynamo.endpoint);
    child = fork(join(import.meta.dirname, 'service.ts'), { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const ask = asker(child);
    const { hash } = expectKind(await ask(), 'ready');
    return { hash, stop, lastCode: (email) => lastCode(aws, email), ...questions(ask) };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Ask = (question?: Question) => Promise<Answer>;

const questions = (ask: Ask): Pick<Service, 'call' | 'costsOf' | 'users' | 'pass'> => ({
  call: (counts) => async (event) => expectKind(await ask({ kind: 'call', event, counts }), 'call'),
  costsOf: async (question) => expectKind(await ask(question), 'costs').costs,
  users: async (count) => expectKind(await ask({ kind: 'users', count }), 'users').emails,
  pass: async (seconds) => void expectKind(await ask({ kind: 'pass', seconds }), 'passed'),
});

/** One question at a time; without one, waits for what the service says by itself. */
const asker =
  (child: ChildProcess): Ask =>
  async (question) => {
    const gone = new AbortController();
    const exited = once(child, 'exit', { signal: gone.signal }).then(([code]): never => {
      throw new Error(`the service ended with ${code}`);
    });
    try {
      const said = once(child, 'message', { signal: gone.signal });
      if (question !== undefined) child.send(question);
      const [answer] = await Promise.race([said, exited]);
      return answer as Answer;
    } finally {
      exited.catch(() => {});
      gone.abort();
    }
  };

function expectKind<K extends Answer['kind']>(answer: Answer, kind: K): Extract<Answer, { kind: K }> {
  if (answer.kind === 'failed') throw new Error(answer.reason);
  if (answer.kind !== kind) throw new Error(`the service answered ${answer.kind} where ${kind} was asked for`);
  return answer as Extract<Answer, { kind: K }>;
}

async function makeTable(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new DynamoDBClient({ endpoint, credentials, region: 'eu-central-1' });
  await ensureTable(client, environment.TABLE_NAME);
  client.destroy();
}

function lastCode(aws: RunningAws, email: string): string {
  const code = aws.inbox.messages(email).at(-1)?.code;
  if (code === undefined) throw new Error(`no code was sent to ${email}`);
  return code;
}
