/**
 * The IAM policy of docs/cli.md, put in force: every command runs with it, every right in it is used, and who only looks
 * gets by without the rights to write. The rules of IAM are those of `test/support/iam.ts`.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { useCli } from '../support/cli.ts';
import { furnish } from '../support/furnished.ts';
import { IamPolicy, PLACE, startIam } from '../support/iam.ts';
import { lines } from '../support/importing.ts';
import { useStepgate } from '../support/stepgate.ts';

const KEY = `arn:aws:kms:${PLACE.region}:${PLACE.account}:key/1b2c3d4e-0000-4000-8000-000000000000`;
const MAIL_FROM = 'Stepgate <no-reply@example.com>';
const stepgate = useStepgate({ config: { KMS_KEY_ID: KEY, MAIL_FROM } });
const cli = useCli(stepgate);
/** What the documentation says that nobody needs who only looks. */
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'kms:Encrypt', 'ses:SendEmail'];

let iam: Awaited<ReturnType<typeof startIam>>;
let full: IamPolicy;
let docs = '';
let dir = '';
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  docs = await readFile(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
  const { TABLE_NAME, KMS_KEY_ID, PUBLIC_URL } = stepgate.app().config;
  const written = /```json\n(\{\n {2}"Version"[\s\S]*?)```/.exec(docs)?.[1] ?? '';
  const filled = written
    .replaceAll('REGION', PLACE.region)
    .replaceAll('ACCOUNT', PLACE.account)
    .replaceAll('table/TABLE', `table/${TABLE_NAME}`)
    .replaceAll('KEY-ID', KEY.split('/')[1] ?? '')
    .replaceAll('STACK', 'Stepgate');
  full = v.parse(v.pipe(v.string(), v.parseJson(), IamPolicy), filled);
  const settings = JSON.stringify({ TABLE_NAME, KMS_KEY_ID, PUBLIC_URL, MAIL_FROM, SMS_COUNTRIES: 'HU' });
  const dynamodb = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const aws = process.env['AWS_ENDPOINT_URL_KMS'];
  iam = await startIam({
    of: ({ headers }) => {
      const target = String(headers['x-amz-target'] ?? '');
      if (target.startsWith('DynamoDB')) return dynamodb;
      return (headers.authorization ?? '').includes('/cloudformation/') ? undefined : aws;
    },
    answer: () =>
      '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>' +
      '<StackName>Stepgate</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>' +
      `<Outputs><member><OutputKey>StepgateSettings0A1B2C3D</OutputKey><OutputValue>${xml(settings)}</OutputValue></member></Outputs>` +
      '</member></Stacks></DescribeStacksResult></DescribeStacksResponse>',
  });
  const services = ['DYNAMODB', 'KMS', 'SESV2', 'SNS', 'LAMBDA', 'CLOUDFORMATION'];
  env = Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, iam.endpoint]));
  dir = await mkdtemp(join(tmpdir(), 'stepgate-cli-'));
  await stepgate.tenant('edited', { mfaPolicy: ADMINS });
}, 60_000);
afterAll(async () => {
  await iam.stop();
  await rm(dir, { recursive: true, force: true });
});

const xml = (text: string): string => text.replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const ADMINS = { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] };

const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(dir, name), text);
  return join(dir, name);
};

/** As the rest of the file calls a command: by its stack, with these rights and no others. */
async function run(...args: readonly string[]) {
  const ended = await cli.bare([...args, '--yes'], { env });
  const refused = iam.asked().filter(({ allowed }) => !allowed);
  return { ...ended, refused: refused.map(({ wanted }) => `${wanted.action} on ${wanted.resource}`) };
}

const LOOKS = (policy: string, table: string, who: string): readonly (readonly string[])[] => [
  ['policy', 'validate', policy],
  ['policy', 'test', table],
  ['policy', 'simulate', policy, '--rate', '0'],
  ['policy', 'list'],
  ['policy', 'show'],
  ['policy', 'diff', policy],
  ['user', 'find', who],
  ['user', 'find'],
  ['user', 'get', who],
  ['user', 'sessions', who],
  ['user', 'explain', who],
  ['user', 'explain', who, '--past'],
  ['user', 'export', who],
  ['mfa', 'coverage', '--rate', '0'],
  ['tenant', 'list'],
  ['tenant', 'get', 'public'],
  ['tenant', 'check'],
  ['export', '--all'],
  ['doctor'],
];

describe('the IAM policy of docs/cli.md', { timeout: 120_000 }, () => {
  it('lets every command do its work, and has no right that none uses', async () => {
    const { userId } = await furnish(stepgate, {
      tenantId: 'public',
      email: 'owner@example.com',
      password: 'verified',
      byMail: 'after',
      byPhone: 'after',
      phone: '+36201234567',
      app: true,
      backupCode: true,
      roles: ['admin'],
    });
    await stepgate.user('leaver@example.com');
    await stepgate.browser().signIn('leaver@example.com', 'correct horse battery staple');
    const policy = await file('policy.json', JSON.stringify(ADMINS));
    const stricter = await file('stricter.json', JSON.stringify({ rules: [{ id: 'all', require: ['otp-email'] }] }));
    const table = await file('table.json', JSON.stringify({ cases: [{ name: 'anybody', expect: 'nothing' }] }));
    const tenant = await file('tenant.json', JSON.stringify({ name: 'Acme', mfaPolicy: ADMINS }));
    const record = (n: number) => ({
      id: `imported-${n}`,
      loginMethods: [{ recipeId: 'passwordless', email: `imported-${n}@example.com`, verified: true }],
    });
    const users = await file('users.ndjson', lines([record(1), record(2)]));
    const who = 'owner@example.com';
    const inThreeDays = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    const all: readonly (readonly string[])[] = [
      ['policy', 'activate', policy, '--reason', 'first'],
      ['policy', 'activate', stricter, '--reason', 'then'],
      ['policy', 'rollback', '1', '--reason', 'back'],
      ...LOOKS(policy, table, who),
      ['mfa', 'require', who, 'otp-email'],
      ['mfa', 'unrequire', who, 'otp-email'],
      ['mfa', 'exempt', who, '--until', inThreeDays, '--reason', 'x'],
      ['mfa', 'exempt', who, '--end'],
      ['mfa', 'reset', who],
      ['user', 'sessions', 'leaver@example.com', '--end'],
      ['user', 'disable', userId],
      ['user', 'enable', userId],
      ['user', 'erase', 'leaver@example.com'],
      ['tenant', 'put', 'acme', tenant],
      ['import', users],
      ['keys', 'rotate'],
      ['keys', 'rotate', '--compromised'],
    ];
    iam.enforce(full);
    const failed = [];
    for (const args of all) {
      const { code, stderr, refused } = await run(...args);
      if (code !== 0 || refused.length > 0) failed.push({ args: args.join(' '), code, stderr, refused });
    }
    expect(failed).toEqual([]);
    const ran = all.map((args) => commands.find(({ name }) => args.join(' ').startsWith(name))?.name);
    expect([...new Set(ran)].toSorted()).toEqual(commands.map(({ name }) => name).toSorted());
    const used = new Set(iam.asked().map(({ wanted }) => wanted.action));
    const granted = full.Statement.flatMap(({ Action }) => Action);
    expect(granted.filter((action) => !used.has(action))).toEqual([]);
    expect(new Set(granted).size).toBe(granted.length);
  });

  it('lets who only looks do so without the rights to write, on a tenant that somebody edited by hand too', async () => {
    for (const right of WRITES) expect(docs).toContain(`\`${right}\``);
    const Statement = full.Statement.map((statement) => ({
      ...statement,
      Action: statement.Action.filter((action) => !WRITES.some((right) => action.endsWith(right))),
    }));
    iam.enforce({ ...full, Statement });
    const policy = await file('policy.json', JSON.stringify(ADMINS));
    const table = await file('table.json', JSON.stringify({ cases: [{ name: 'anybody', expect: 'nothing' }] }));
    const failed = [];
    const edited = [
      ['tenant', 'get', 'edited'],
      ['policy', 'show', '--tenant', 'edited'],
      ['policy', 'list', '--tenant', 'edited'],
    ];
    for (const args of [...LOOKS(policy, table, 'owner@example.com'), ...edited]) {
      const { code, stderr } = await run(...args);
      if (code !== 0) failed.push({ args: args.join(' '), code, stderr });
    }
    expect(failed).toEqual([]);
    const { stdout } = await run('policy', 'show', '--tenant', 'edited');
    expect(JSON.parse(stdout)).toEqual(ADMINS);
    iam.enforce(full);
    expect((await run('policy', 'list', '--tenant', 'edited')).stdout).toContain('edited by hand');
  });

  it('refuses what it does not grant, and the command says which right is missing', async () => {
    const Statement = full.Statement.filter(({ Action }) => !Action.includes('kms:Decrypt'));
    iam.enforce({ ...full, Statement });
    const { code, stderr } = await run('user', 'find', 'owner@example.com');
    expect(code).toBe(77);
    expect(stderr).toContain('kms:Decrypt');
    iam.enforce({ ...full, Statement: [] });
    const none = await run('tenant', 'list');
    expect(none.code).toBe(77);
    expect(none.stderr).toContain('cloudformation:DescribeStacks');
  });
});
