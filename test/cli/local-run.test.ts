/** `--local`, and the doctor: the command beside `npm start`, with nothing but the port. */
import { PutItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pointAwsAt } from '../../shared/aws-env.ts';
import { useCli } from '../support/cli.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const cli = useCli(stepgate);
let local: LocalRun;
/** No credentials and no region: whoever runs Stepgate here needs none. */
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  local = await startLocalRun();
  env = {
    PORT: new URL(local.origin).port,
    AWS_REGION: '',
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_ENDPOINT_URL: '',
    AWS_ENDPOINT_URL_DYNAMODB: '',
  };
}, 60_000);
afterAll(() => local.stop());

const run = (...args: readonly string[]) => cli.bare([...args, '--local'], { env });
const json = async (args: readonly string[], code = 0) => {
  const ended = await run(...args, '--json');
  expect({ code: ended.code, said: ended.stderr }).toEqual({ code, said: '' });
  return JSON.parse(ended.stdout) as Record<string, unknown>;
};

describe('--local', { timeout: 60_000 }, () => {
  it('works on the run that is there, and the run sees it', async () => {
    expect(await json(['tenant', 'list'])).toMatchObject({ tenants: expect.arrayContaining(['public', 'acme']) });
    const { user } = (await json(['user', 'get', 'user@example.com'])) as { user: { id: string } };
    await local.emptyInbox();
    expect(await json(['mfa', 'require', 'user@example.com', 'otp-email'])).toMatchObject({ userId: user.id });
    expect(await local.admin('GET', `/users/${user.id}`)).toMatchObject({ user: { requiredFactors: ['otp-email'] } });
    // The run's own sender sends the notice to the owner.
    expect(await local.inbox('user@example.com')).toHaveLength(1);
    expect(await json(['user', 'explain', 'user@example.com'])).toMatchObject({ next: ['otp-email'] });
  });

  it('names the local run where it asks', async () => {
    const { code, stderr } = await run('user', 'disable', 'user@example.com');
    expect(code).toBe(64);
    expect(stderr).toContain('Give --yes.');
  });
});

describe('stepgate doctor', { timeout: 60_000 }, () => {
  it('ends with 0 where nothing is wrong, and says what it looked at', async () => {
    const { findings } = (await json(['doctor'])) as { findings: { id: string; level: string; says: string }[] };
    const ids = findings.map(({ id }) => id);
    for (const id of ['clock', 'keys-age', 'mail-identity', 'tenants']) expect(ids).toContain(id);
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    const { code, stdout } = await run('doctor');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    for (const { says, id } of findings) expect(lines.some((line) => line.includes(`${says} [${id}]`))).toBe(true);
  });

  it('ends with 2 where somebody cannot sign in, and says what to do', async () => {
    const own: Record<string, string | undefined> = {};
    pointAwsAt({ dynamodb: local.dynamodb }, own);
    const client = new DynamoDBClient({
      endpoint: local.dynamodb,
      region: own['AWS_REGION'] ?? 'eu-central-1',
      credentials: {
        accessKeyId: own['AWS_ACCESS_KEY_ID'] ?? 'x',
        secretAccessKey: own['AWS_SECRET_ACCESS_KEY'] ?? 'x',
      },
    });
    const item = { pk: { S: 'TENANT#acme' }, sk: { S: 'CONFIG' }, firstFactor: { S: 'emailpassword' } };
    await client.send(new PutItemCommand({ TableName: 'stepgate', Item: item }));
    client.destroy();
    const { findings } = (await json(['doctor'], 2)) as { findings: { id: string; level: string; next?: string }[] };
    expect(findings).toContainEqual(
      expect.objectContaining({
        id: 'tenant-malformed',
        level: 'problem',
        next: expect.stringContaining('stepgate tenant put acme <file>'),
      }),
    );
    const { code, stdout } = await run('doctor');
    expect({ code, said: /^problem .*acme/m.test(stdout) }).toEqual({ code: 2, said: true });
  });

  it('finds what is missing in an account too, by its table and key', async () => {
    const { code, stdout } = await cli.run(['doctor', '--json']);
    const { findings } = JSON.parse(stdout) as { findings: { level: string }[] };
    expect(findings.length).toBeGreaterThan(5);
    expect(code).toBe(findings.some(({ level }) => level === 'problem') ? 2 : 0);
  });
});
