import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pointAwsAt } from '../../../shared/aws-env.ts';
import { keptMasterKey } from '../../../infra/local/master-key.ts';
import { configEnv, readSettings } from '../../../infra/local/settings.ts';
import { readConfig } from '../../../shared/config.ts';

describe('readSettings', () => {
  it('has a default for everything', () => {
    expect(readSettings({})).toEqual({
      port: 3001,
      dynamoPort: 8000,
      dynamoEndpoint: undefined,
      dataDir: undefined,
      hasSample: true,
      country: undefined,
      senders: [],
    });
  });

  it.each([
    [{ PORT: 'http' }, 'PORT must be a port number between 0 and 65535.'],
    [{ PORT: '65536' }, 'PORT must be a port number between 0 and 65535.'],
    [{ DYNAMODB_PORT: '-1' }, 'DYNAMODB_PORT must be a port number between 0 and 65535.'],
    [{ DYNAMODB_ENDPOINT: 'localhost:8000' }, 'DYNAMODB_ENDPOINT must be a URL such as http://localhost:8000.'],
    [{ STEPGATE_COUNTRY: 'hu' }, 'STEPGATE_COUNTRY must be a country code such as HU, or not set.'],
    [{ STEPGATE_SAMPLE: 'yes' }, 'STEPGATE_SAMPLE must be none, or not set.'],
  ])('refuses %o', (env, message) => {
    expect(() => readSettings(env)).toThrow(message);
  });
});

describe('configEnv', () => {
  it('makes settings that the service accepts, with the port it got', () => {
    const config = readConfig(configEnv({}, 4001));
    expect(config).toMatchObject({ PUBLIC_URL: 'http://localhost:4001', TABLE_NAME: 'stepgate', LIMIT_SCALE: 20 });
  });

  it('gives the real limits where asked to, and lets the environment decide', () => {
    expect(configEnv({ STEPGATE_LIMITS: 'strict', MAIL_FROM: 'a@b.hu' }, 1)).toMatchObject({
      LIMIT_SCALE: '1',
      MAIL_FROM: 'a@b.hu',
    });
    expect(() => configEnv({ STEPGATE_LIMITS: 'none' }, 1)).toThrow('STEPGATE_LIMITS must be strict, or not set.');
  });
});

describe('pointAwsAt', () => {
  it('invents keys where there are none and puts a profile aside', () => {
    const env: Record<string, string | undefined> = { AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 'old' };
    pointAwsAt({ dynamodb: 'http://127.0.0.1:1', aws: 'http://127.0.0.1:2' }, env);
    expect(env).toMatchObject({
      AWS_ACCESS_KEY_ID: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:2',
    });
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['AWS_PROFILE', 'AWS_SESSION_TOKEN']));
  });
});

describe('keptMasterKey', () => {
  let outer: string;
  beforeAll(async () => {
    outer = await mkdtemp(join(tmpdir(), 'stepgate-'));
  });
  afterAll(() => rm(outer, { recursive: true }));

  it('makes a key that only its owner may read, and gives the same one again', async () => {
    const dir = join(outer, 'data');
    const [one, same] = await Promise.all([keptMasterKey(dir), keptMasterKey(dir)]);
    expect(one).toHaveLength(32);
    expect(same).toEqual(one);
    expect((await stat(join(dir, 'kms-master-key'))).mode & 0o777).toBe(0o600);
  });

  it('refuses a damaged one rather than lock out the data beside it', async () => {
    await writeFile(join(outer, 'kms-master-key'), 'short');
    await expect(keptMasterKey(outer)).rejects.toThrow('is damaged');
  });
});
