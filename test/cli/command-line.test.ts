import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundPort } from '../../infra/local/ports.ts';
import { useCli } from '../support/cli.ts';
import { keySet } from '../support/keys.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const cli = useCli(stepgate);

describe('what cannot be understood ends with 64, one sentence and where to look', () => {
  it.each([
    [['usr'], "Unknown command 'usr' (did you mean user?)."],
    [['user', 'fnd'], "Unknown command 'fnd' (did you mean find?)."],
    [['user', 'find', '--tenat', 'acme'], "Unknown option '--tenat' (did you mean --tenant?)."],
    [['user', 'get'], "Missing required argument 'user'."],
    [['user', 'get', 'a', 'b'], "Too many arguments for 'get'. Expected 1 argument but got 2: a, b."],
    [['user', 'find', '--limit', 'many'], '--limit must be a whole number from 1 to 100000000.'],
    [['user', 'find', 'anna'], 'anna is neither an e-mail address nor a phone number with its country (+36…).'],
    [['policy', 'activate', 'p.json'], '--reason is missing.'],
    [['tenant', 'list', '--table', 'x'], '--table and --key go together.'],
    [['tenant', 'list', '--local', '--stack', 'x'], '--local goes with neither --stack nor --table.'],
    [[], 'Say what to do: a command is missing.'],
    [['user'], 'Say what to do: a command is missing.'],
  ])('%j', async (args, sentence) => {
    const { code, stdout, stderr } = await cli.bare(args);
    expect({ code, stdout, said: stderr.split('\n')[0] }).toEqual({
      code: 64,
      stdout: '',
      said: `stepgate: ${sentence}`,
    });
    const json = await cli.bare([...args, '--json']);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'usage', exitCode: 64, message: sentence } });
  });
});

it.each([
  [['policy'], 'stepgate policy --help'],
  [['policy', 'validat'], 'stepgate policy --help'],
  [['user', 'get', '--json'], 'stepgate user get --help'],
  [['import', '--dry-run'], 'stepgate import --help'],
  [['usr'], 'stepgate --help'],
])('what was not understood of %j leads to the nearest help', async (args, help) => {
  expect((await cli.bare(args)).stderr).toContain(`See ${help}.`);
});

it('has its version, and help with examples for each command', async () => {
  expect(await cli.bare(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n', stderr: '' });
  const { stdout } = await cli.bare(['policy', 'activate', '--help']);
  expect(stdout).toContain('Examples:\n  $ stepgate policy activate');
  expect(stdout).toContain('--json');
});

describe('where AWS says no', () => {
  const NOBODY = {
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };

  it('no credentials are one clear sentence', async () => {
    const { code, stdout, stderr } = await cli.run(['tenant', 'list'], { env: NOBODY });
    expect({ code, stdout }).toEqual({ code: 77, stdout: '' });
    expect(stderr).toMatch(/^stepgate: No AWS credentials were found\.\nSign in .*\n$/);
  });

  it('a profile there is not is named', async () => {
    const { code, stderr } = await cli.run(['tenant', 'list', '--profile', 'nope'], { env: NOBODY });
    expect(code).toBe(77);
    expect(stderr.split('\n')[0]).toContain('nope');
  });

  it('a profile there is not and no region are told in one', async () => {
    const { code, stderr } = await cli.run(['tenant', 'list', '--profile', 'nope'], {
      env: { ...NOBODY, AWS_REGION: '' },
    });
    expect(code).toBe(64);
    expect(stderr).toContain('the profile nope names none, or is not there');
  });

  it('a table there is not', async () => {
    const { code, stderr } = await cli.bare(['tenant', 'list', '--table', 'nowhere', '--key', 'alias/x', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'no-resource' } });
  });

  it('a network that is away ends with 69', async () => {
    const env = { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
    const { code, stderr } = await cli.run(['tenant', 'list', '--json'], { env });
    expect(code).toBe(69);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'unavailable', exitCode: 69 } });
  });

  it('a local run that is not there', async () => {
    const { code, stderr } = await cli.bare(['tenant', 'list', '--local'], { env: { PORT: '1' } });
    expect(code).toBe(69);
    expect(stderr).toContain('npm start');
  });
});

/** CloudFormation, as far as the command asks it. */
describe('the stack says where the service is', () => {
  let server: Server;
  let env: Record<string, string>;
  let reply: { status: number; body: string };

  beforeAll(async () => {
    server = createServer((_, response) => void response.writeHead(reply.status).end(reply.body)).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => server.once('listening', resolve));
    env = { AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${boundPort(server)}` };
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const outputs = (settings: object, ...more: string[]) => {
    const value = JSON.stringify(settings).replaceAll('"', '&quot;').replaceAll('<', '&lt;');
    const all = ['StepgateSettings0A1B2C3D', ...more];
    const members = all.map(
      (key) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    return (
      '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>' +
      `<member><StackName>Stepgate</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>` +
      `<Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
    );
  };

  it('and how it is set', async () => {
    const { TABLE_NAME, KMS_KEY_ID, PUBLIC_URL, MAIL_FROM } = stepgate.app().config;
    reply = { status: 200, body: outputs({ TABLE_NAME, KMS_KEY_ID, PUBLIC_URL, MAIL_FROM }) };
    expect(await cli.bare(['tenant', 'list'], { env })).toMatchObject({ code: 0, stdout: 'public\n' });
    reply = { status: 200, body: outputs({ TABLE_NAME, KMS_KEY_ID }, 'OtherSettings4E5F6A7B') };
    const two = await cli.bare(['tenant', 'list'], { env });
    expect(two.code).toBe(64);
    expect(two.stderr).toContain('More than one Stepgate is in the stack Stepgate.');
  });

  it('or is not there, or may not be asked', async () => {
    const error = (code: string, message: string) =>
      `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
    reply = { status: 400, body: error('ValidationError', 'Stack with id Nope does not exist') };
    const missing = await cli.bare(['tenant', 'list', '--stack', 'Nope', '--json'], { env });
    expect(missing.code).toBe(1);
    expect(JSON.parse(missing.stderr)).toMatchObject({ error: { code: 'no-stack' } });
    reply = {
      status: 403,
      body: error('AccessDenied', 'User x is not authorized to perform: cloudformation:DescribeStacks'),
    };
    const denied = await cli.bare(['tenant', 'list'], { env });
    expect(denied.code).toBe(77);
    expect(denied.stderr).toContain('cloudformation:DescribeStacks');
  });
});

describe('stepgate keys rotate', () => {
  it('does what is due, and takes leaked keys away when it is told to', async () => {
    const keys = keySet(stepgate);
    expect(await cli.json(['keys', 'rotate'])).toEqual({ keys: 'waiting' });
    const before = await keys.kids();
    const refused = await cli.run(['keys', 'rotate', '--compromised']);
    expect(refused).toMatchObject({ code: 64, stdout: '' });
    expect(await keys.kids()).toEqual(before);
    expect(await cli.json(['keys', 'rotate', '--compromised', '--yes'])).toEqual({ keys: 'revoked' });
    expect(await keys.kids()).toMatchObject({ current: before.next, previous: undefined });
  });
});
