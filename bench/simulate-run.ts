import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
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
  readonly summary: Summary;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Held at the end, after a collection, beyond what was held when everything was loaded. */
  readonly grownMb: number;
  /** The most the process ever took. */
  readonly rssMb: number;
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

/** As on a small machine: left to itself, V8 puts off collecting by what the machine has, which says nothing of the need. */
const SMALL = ['--max-semi-space-size=8', '--max-old-space-size=128'];

/** Seeds a table of its own with so many users, and tries a policy on them in a process of its own. */
export async function measureSimulation(users: number, say: (line: string) => void = () => {}): Promise<SimulationRun> {
  const [dynamo, aws] = await Promise.all([startDynamo(), startAws()]);
  try {
    const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], ...environment };
    pointAwsAt({ dynamodb: dynamo.endpoint, aws: aws.endpoint }, env);
    await seed({ dynamodb: dynamo.endpoint, aws: aws.endpoint }, users, say);
    say(`… simulating ${users} users`);
    return await inProcess(env);
  } finally {
    await Promise.all([dynamo.stop(), aws.stop()]);
  }
}

async function seed(
  local: { dynamodb: string; aws: string },
  users: number,
  say: (line: string) => void,
): Promise<void> {
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

async function inProcess(env: NodeJS.ProcessEnv): Promise<SimulationRun> {
  const script = join(import.meta.dirname, 'simulate-process.ts');
  const child = fork(script, [TENANT_ID, JSON.stringify(TRIED)], {
    env,
    execArgv: SMALL,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]): never => {
      throw new Error(`the simulation ended with ${code}`);
    }),
  ]);
  return answer as SimulationRun;
}
