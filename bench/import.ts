import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { startAws } from '../infra/local/aws.ts';
import { pointAwsAt } from '../shared/aws-env.ts';
import { ensureTable, startDynamo } from '../infra/local/dynamodb.ts';
import { environment } from './environment.ts';
import { currentLoad, machine, machineLine } from './machine.ts';
import { tableOf } from './rows.ts';

/**
 * `npm run bench -- import`: so many users, from a file that is never whole in memory, into the embedded DynamoDB; and a
 * tenth of it again. What is measured is the process that imports, and nothing else runs in it.
 */
const { values: options } = parseArgs({
  allowPositionals: true,
  options: { users: { type: 'string', default: '100000' }, json: { type: 'boolean' } },
});
const USERS = Number(options.users);

const Measured = v.object({ first: v.number(), again: v.number(), cpu: v.number(), rssMb: v.array(v.number()) });

const loadBefore = currentLoad();
const [dynamo, aws] = [await startDynamo(), await startAws()];
try {
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], ...environment };
  pointAwsAt({ dynamodb: dynamo.endpoint, aws: aws.endpoint }, env);
  const client = new DynamoDBClient({
    endpoint: dynamo.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  await ensureTable(client, environment.TABLE_NAME);
  client.destroy();
  const child = fork(join(import.meta.dirname, 'import-process.ts'), [String(USERS)], { env });
  const [message] = (await once(child, 'message')) as readonly unknown[];
  const { first, again, cpu, rssMb } = v.parse(Measured, message);
  const trail = rssMb.map((mb) => mb.toFixed(0)).join(', ');
  const rate = (ms: number, users = USERS) => `${Math.round((users / ms) * 1000)} users a second`;
  const rows = [
    { what: `import of ${USERS} users, seconds`, value: first / 1000, unit: '' as const, note: rate(first) },
    {
      what: 'of them, CPU of the importing process, seconds',
      value: cpu / 1000,
      unit: '' as const,
      note: `${((cpu / USERS) * 1000).toFixed(0)} µs a user, whatever else the machine does`,
    },
    { what: 'a tenth of it again, seconds', value: again / 1000, unit: '' as const, note: rate(again, USERS / 10) },
    {
      what: 'largest resident size, MB',
      value: Math.max(...rssMb),
      unit: '' as const,
      note: `by tenths of the way: ${trail}`,
    },
  ];
  const sections = [{ title: 'import', rows }];
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ machine: machine(loadBefore), sections }, null, 2)}\n`
      : `${tableOf(sections)}\n\n${machineLine(machine(loadBefore))}\n`,
  );
} finally {
  await Promise.all([dynamo.stop(), aws.stop()]);
}
