import { DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readyAccount } from '../../../infra/local/account.ts';
import type { DoctorDeps } from '../../../shared/doctor/deps.ts';
import { examine } from '../../../shared/doctor/doctor.ts';
import { unanswered } from '../../../shared/doctor/unanswered.ts';
import type { FindingId, Level } from '../../../shared/doctor/finding.ts';
import { dynamoTenantAdmin } from '../../../shared/dynamo/tenant-admin.ts';
import { ensureKeys } from '../../../shared/dynamo/keyring.ts';
import { KEYS_KEY, tenantKey } from '../../../shared/dynamo/keys.ts';
import { kmsEnvelope } from '../../../shared/keys/kms-envelope.ts';
import { useAws } from '../../support/aws.ts';
import { useStoreTable } from '../../support/stores.ts';

/** Every question is asked of the embedded database and of the local AWS with the real clients. */

const DAY = 86_400_000;
const KEY_ID = 'alias/stepgate';

const stores = useStoreTable();
const aws = useAws();
let deps: DoctorDeps;

beforeAll(async () => {
  const table = stores.table();
  deps = {
    table,
    tenantAdmin: dynamoTenantAdmin(table),
    clock: { now: () => Date.now() },
    clients: {
      dynamo: new DynamoDBClient({}),
      kms: new KMSClient({}),
      ses: new SESv2Client({}),
      sns: new SNSClient({}),
    },
    config: {
      MAIL_FROM: 'Acme <no-reply@acme.example>',
      EMAIL_SENDER_ARN: '',
      SMS_SENDER_ARN: '',
      SMS_COUNTRIES: ['HU'],
      KMS_KEY_ID: KEY_ID,
      KEY_ROTATION_SECONDS: 30 * 86_400,
      ACCESS_TOKEN_SECONDS: 900,
    },
  };
  await ensureKeys(table, kmsEnvelope(KEY_ID), deps.clock);
});

beforeEach(() => Object.assign(aws.account(), readyAccount()));

const levels = async (about: Partial<DoctorDeps> = {}): Promise<Partial<Record<FindingId, Level>>> =>
  Object.fromEntries((await examine({ ...deps, ...about })).map(({ id, level }) => [id, level]));

const saying = async (id: FindingId, about: Partial<DoctorDeps> = {}) => {
  const found = (await examine({ ...deps, ...about })).filter((finding) => finding.id === id);
  expect(found, `one finding ${id}`).toHaveLength(1);
  return found[0]!;
};

const withConfig = (config: Partial<DoctorDeps['config']>) => ({ config: { ...deps.config, ...config } });

describe('an account that is ready', () => {
  it('has nothing but what a local database lacks', async () => {
    const found = await examine(deps);
    expect(
      found.filter(({ id, level }) => level === 'problem' || (level === 'unknown' && id !== 'table-backups')),
    ).toEqual([]);
    expect(found.filter(({ level }) => level === 'ok').map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'clock',
        'table',
        'table-ttl',
        'keys-age',
        'keys-wrapping',
        'mail-sandbox',
        'sms-sandbox',
      ]),
    );
  });

  it('says what to do wherever something is wrong, and nothing where all is well', async () => {
    Object.assign(aws.account(), { mailProduction: false, smsSandbox: true, smsMonthlySpend: undefined });
    const found = await examine(deps);
    expect(found.filter(({ level, next }) => ['problem', 'warning'].includes(level) && next === undefined)).toEqual([]);
    expect(found.filter(({ level, next }) => level === 'ok' && next !== undefined)).toEqual([]);
  });
});

describe('mails', () => {
  it.each<[string, Partial<ReturnType<typeof readyAccount>>, FindingId, Level]>([
    ['the sandbox', { mailProduction: false, mailsPerDay: 200 }, 'mail-sandbox', 'problem'],
    ['a quota nearly used up', { mailsSent: 41_000 }, 'mail-sandbox', 'warning'],
    ['no limit at all', { mailsPerDay: -1, mailsSent: 41_000 }, 'mail-sandbox', 'ok'],
    ['sending switched off', { mailEnabled: false }, 'mail-account', 'problem'],
    ['a shutdown', { mailEnforcement: 'SHUTDOWN' }, 'mail-account', 'problem'],
    ['a review', { mailEnforcement: 'PROBATION' }, 'mail-account', 'warning'],
    ['an unknown sender', { identities: {} }, 'mail-identity', 'problem'],
    [
      'a sender not verified yet',
      { identities: { 'acme.example': { verified: false, dkim: 'PENDING' } } },
      'mail-identity',
      'problem',
    ],
    [
      'an address verified, its domain not',
      { identities: { 'no-reply@acme.example': { verified: true, dkim: 'SUCCESS' } } },
      'mail-identity',
      'ok',
    ],
    [
      'mails without a signature',
      { identities: { 'acme.example': { verified: true, dkim: 'FAILED' } } },
      'mail-identity',
      'warning',
    ],
    ['a suppression list switched off', { suppressedReasons: ['BOUNCE'] }, 'mail-suppression', 'warning'],
    ['suppressed addresses', { suppressed: ['one@example.com'] }, 'mail-suppression', 'info'],
  ])('%s', async (_, account, id, level) => {
    Object.assign(aws.account(), account);
    expect((await saying(id)).level).toBe(level);
  });

  it('are not asked about where a function of the customer sends', async () => {
    Object.assign(aws.account(), { mailProduction: false });
    const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:mail';
    const found = await levels(withConfig({ EMAIL_SENDER_ARN: arn, SMS_SENDER_ARN: arn }));
    expect(found).toMatchObject({ 'mail-own-sender': 'info', 'sms-own-sender': 'info' });
    expect(found).not.toHaveProperty('mail-sandbox');
    expect(found).not.toHaveProperty('sms-sandbox');
  });

  it('never names a suppressed address', async () => {
    Object.assign(aws.account(), { suppressed: ['private@example.com'] });
    expect(JSON.stringify(await examine(deps))).not.toContain('private@example.com');
  });
});

describe('messages', () => {
  it.each<[string, Partial<ReturnType<typeof readyAccount>>, FindingId, Level]>([
    ['the sandbox', { smsSandbox: true }, 'sms-sandbox', 'problem'],
    ['the default quota of one dollar', { smsMonthlySpend: undefined }, 'sms-spend', 'problem'],
    ['a quota below what tenants may spend', { smsMonthlySpend: 100 }, 'sms-budget', 'warning'],
    ['a number that is registered', { originationNumbers: [{ country: 'US', status: 'ACTIVE' }] }, 'sms-sender', 'ok'],
  ])('%s', async (_, account, id, level) => {
    Object.assign(aws.account(), account);
    expect((await saying(id)).level).toBe(level);
  });

  it('want a registered number where carriers do, one that is active', async () => {
    Object.assign(aws.account(), { originationNumbers: [{ country: 'US', status: 'PENDING' }] });
    const finding = await saying('sms-sender', withConfig({ SMS_COUNTRIES: ['HU', 'US'] }));
    expect(finding).toMatchObject({ level: 'problem', says: expect.stringContaining('US') });
  });

  it('that go nowhere are not asked about', async () => {
    Object.assign(aws.account(), { smsSandbox: true });
    expect(await levels(withConfig({ SMS_COUNTRIES: [] }))).toMatchObject({ 'sms-unused': 'info' });
  });
});

describe('table, keys and tenants', () => {
  it('asks nothing about backups and protection in the local run', async () => {
    const local = await levels({ isLocal: true });
    expect(local).toMatchObject({ 'table-backups': 'info' });
    expect(local).not.toHaveProperty('table-protection');
  });

  it('sees a TTL that reads another attribute', async () => {
    const set = (AttributeName: string, Enabled: boolean) =>
      deps.clients.dynamo.send(
        new UpdateTimeToLiveCommand({
          TableName: deps.table.name,
          TimeToLiveSpecification: { AttributeName, Enabled },
        }),
      );
    await set('ttl', false);
    expect((await saying('table-ttl')).level).toBe('warning');
    await set('ttl', true);
    expect((await saying('table-ttl')).level).toBe('ok');
  });

  it('says that there is no such table, and goes on with the rest', async () => {
    const found = await levels({ table: { ...deps.table, name: 'another' } });
    expect(found).toMatchObject({ table: 'problem', 'mail-sandbox': 'ok' });
  });

  it('sees a key that should have been replaced, by the time of the keys alone', async () => {
    const later = { clock: { now: () => Date.now() + 40 * DAY } };
    expect((await saying('keys-age', later)).level).toBe('warning');
    expect((await saying('keys-age')).level).toBe('ok');
  });

  it.each(['Disabled', 'PendingDeletion'])('a KMS key that is %s is a problem', async (keyState) => {
    Object.assign(aws.account(), { keyState });
    expect(await saying('keys-wrapping')).toMatchObject({ level: 'problem', says: expect.stringContaining(keyState) });
  });

  it('says what is wrong with a tenant that was written by hand', async () => {
    const item = { ...tenantKey('acme'), requiredSecondaryFactor: ['otp-email'] };
    await deps.table.db.send(new PutCommand({ TableName: deps.table.name, Item: item }));
    await deps.tenantAdmin.read('acme');
    expect(await saying('tenant-malformed')).toMatchObject({
      level: 'problem',
      says: expect.stringContaining('requiredSecondaryFactor'),
    });
    await deps.table.db.send(new DeleteCommand({ TableName: deps.table.name, Key: tenantKey('acme') }));
    // What is in the list and has no item any more keeps no other tenant from being looked at.
    expect(await saying('tenants')).toMatchObject({ level: 'warning', says: expect.stringContaining('has no item') });
    await deps.tenantAdmin.remove('acme');
  });

  it('says that there are no keys', async () => {
    const item = { ...KEYS_KEY, version: 1 };
    await deps.table.db.send(new PutCommand({ TableName: deps.table.name, Item: item }));
    expect(await saying('keys-missing')).toMatchObject({ level: 'problem' });
    await deps.table.db.send(new DeleteCommand({ TableName: deps.table.name, Key: KEYS_KEY }));
    expect(await saying('keys-missing')).toMatchObject({ level: 'problem' });
    await ensureKeys(deps.table, kmsEnvelope(KEY_ID), deps.clock);
  });
});

describe('the clock', () => {
  it.each<[number, Level]>([
    [0, 'ok'],
    [10, 'warning'],
    [-10, 'warning'],
    [60, 'problem'],
    [-60, 'problem'],
  ])('%i seconds off is %s', async (seconds, level) => {
    const clock = { now: () => Date.now() + seconds * 1000 };
    expect((await saying('clock', { clock })).level).toBe(level);
  });
});

describe('what cannot be asked', () => {
  it('is a finding of its own: the others are there', async () => {
    aws.failNext('ses', 'InternalServiceErrorException', 3);
    const found = await levels();
    expect(found).toMatchObject({ 'mail-account': 'unknown', 'sms-sandbox': 'ok', table: 'ok' });
  });

  it('names the right that is missing', () => {
    const denied = Object.assign(
      new Error('User: arn:aws:iam::1:user/x is not authorized to perform: ses:GetAccount because …'),
      { name: 'AccessDeniedException' },
    );
    expect(unanswered('mail-account', denied)).toMatchObject({
      id: 'access',
      level: 'unknown',
      says: 'mail-account: these credentials may not ask (ses:GetAccount)',
    });
  });
});
