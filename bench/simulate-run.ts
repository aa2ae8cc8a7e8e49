import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { buildCli } from '../infra/build.ts';
import { pointAwsAt } from '../shared/aws-env.ts';
import { startAws } from '../infra/local/aws.ts';
import { ensureTable, startDynamo } from '../infra/local/dynamodb.ts';
import { seedKeys } from '../infra/local/sample.ts';
import { allPorts } from '../shared/app.ts';
import { readConfig } from '../shared/config.ts';
import { tenantKey } from '../shared/dynamo/keys.ts';
import type { Summary } from '../shared/policies/simulate.ts';
import { environment } from './environment.ts';
import { manyUsers } from './many-users.ts';

export interface SimulationRun {
  readonly users: number;
  readonly challengedAfter: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most the process ever took. */
  readonly rssMb: number;
}

export interface Growth {
  readonly summary: Summary;
  /** Held at the end, after a collection, beyond what was held when everything was loaded. */
  readonly grownMb: number;
}

/** What is asked of whom, in the policy that is tried: everybody, so that every user's lookups are read as well. */
export const TRIED = {
  rules: [
    { id: 'everybody', require: ['otp-email'] },
    {
      id: 'paid',
      when: "has(user.metadata.plan) && user.metadata.plan == 'paid'",
      require: [{ oneOf: ['totp', 'otp-phone'] }],
    },
    { id: 'admins', when: "'admin' in user.roles", require: ['totp'] },
  ],
};

const TENANT_ID = 'crowd';

type Say = (line: string) => void;

/** Seeds a table of its own with so many users, and tries a policy on them by the command, as an operator starts it. */
export const measureSimulation = (users: number, say: Say = () => {}): Promise<SimulationRun> =>
  withUsers(users, say, byCommand);

/** The same in a process that looks at its own heap. */
export const measureGrowth = (users: number): Promise<Growth> => withUsers(users, () => {}, inProcess);

async function withUsers<T>(users: number, say: Say, measure: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const [dynamo, aws] = await Promise.all([startDynamo(), startAws()]);
  try {
    const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], ...environment };
    pointAwsAt({ dynamodb: dynamo.endpoint, aws: aws.endpoint }, env);
    await seed({ dynamodb: dynamo.endpoint, aws: aws.endpoint }, users, say);
    say(`… simulating ${users} users`);
    return await measure(env);
  } finally {
    await Promise.all([dynamo.stop(), aws.stop()]);
  }
}

const Sums = v.object({ summary: v.object({ users: v.number(), challengedAfter: v.number() }) });
const COST = /([\d.]+) MB of memory, ([\d.]+) s of processor/;

/** By the launcher, which holds the heap: the numbers are those of everybody who runs it. */
async function byCommand(env: NodeJS.ProcessEnv): Promise<SimulationRun> {
  await buildCli();
  const { TABLE_NAME, KMS_KEY_ID } = environment;
  const launcher = join(import.meta.dirname, '../cli/stepgate.mjs');
  const what = ['policy', 'simulate', '-', '--tenant', TENANT_ID, '--rate', '0', '--json'];
  const child = spawn(process.execPath, [launcher, ...what, '--table', TABLE_NAME, '--key', KMS_KEY_ID], {
    env: { ...env, STEPGATE_DEBUG: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const began = performance.now();
  child.stdin.end(JSON.stringify(TRIED));
  const [last, said] = await Promise.all([lastLineOf(child.stdout), text(child.stderr)]);
  const seconds = (performance.now() - began) / 1000;
  const cost = COST.exec(said);
  if (cost === null) throw new Error(`the simulation ended without its cost: ${said}`);
  const { summary } = v.parse(v.pipe(v.string(), v.parseJson(), Sums), last);
  return { ...summary, seconds, rssMb: Number(cost[1]), cpuSeconds: Number(cost[2]) };
}

/** A line for every user goes by: none is kept. */
async function lastLineOf(stream: Readable): Promise<string> {
  let last = '';
  for await (const line of createInterface(stream)) last = line;
  return last;
}

async function seed(local: { dynamodb: string; aws: string }, users: number, say: Say): Promise<void> {
  say(`… writing ${users} users`);
  const before = { ...process.env };
  pointAwsAt(local, process.env);
  const client = new DynamoDBClient({});
  await ensureTable(client, environment.TABLE_NAME);
  client.destroy();
  const app = allPorts(readConfig(environment));
  try {
    await seedKeys(app);
    const tenant = { ...tenantKey(TENANT_ID), mfaPolicy: { rules: [] } };
    await app.table.db.send(new PutCommand({ TableName: app.table.name, Item: tenant }));
    await manyUsers(app, { tenantId: TENANT_ID, count: users });
  } finally {
    app.table.db.destroy();
    process.env = before;
  }
}

async function inProcess(env: NodeJS.ProcessEnv): Promise<Growth> {
  const script = join(import.meta.dirname, 'simulate-process.ts');
  const child = fork(script, [TENANT_ID, JSON.stringify(TRIED)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]): never => {
      throw new Error(`the simulation ended with ${code}`);
    }),
  ]);
  return answer as Growth;
}
