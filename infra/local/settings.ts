import { join } from 'node:path';
import { SENDERS, SENDER_VARIABLES, type SenderVariable } from './own-sender.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What `npm start` reads beside the service's own settings (`shared/config.ts`). */
export type LocalSettings = {
  readonly port: number;
  readonly dynamoPort: number;
  /** A DynamoDB that somebody else runs; undefined: the embedded one. */
  readonly dynamoEndpoint: string | undefined;
  /** Where table and master key are kept; undefined: in memory. */
  readonly dataDir: string | undefined;
  readonly hasSample: boolean;
  /** Where requests are from that do not say; undefined: unknown. */
  readonly country: string | undefined;
  /** Files with senders of one's own, by the variable that names them. */
  readonly senders: readonly (readonly [SenderVariable, string])[];
};

/** @throws Error that names the variable, for a person. */
export function readSettings(env: Env): LocalSettings {
  return {
    port: portOf(env, 'PORT', 3001),
    dynamoPort: portOf(env, 'DYNAMODB_PORT', 8000),
    dynamoEndpoint: endpointOf(env['DYNAMODB_ENDPOINT']),
    dataDir: env['STEPGATE_DATA'] || undefined,
    hasSample: sampleOf(env['STEPGATE_SAMPLE']),
    country: countryOf(env['STEPGATE_COUNTRY']),
    senders: sendersOf(env),
  };
}

const sendersOf = (env: Env): LocalSettings['senders'] =>
  SENDER_VARIABLES.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));

/** Port 0 means any free one. */
function portOf(env: Env, name: string, fallback: number): number {
  const value = env[name] || String(fallback);
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535)
    throw new Error(`${name} must be a port number between 0 and 65535.`);
  return Number(value);
}

function endpointOf(value: string | undefined): string | undefined {
  if (!value) return undefined;
  if (!URL.canParse(value) || !/^https?:/.test(value))
    throw new Error('DYNAMODB_ENDPOINT must be a URL such as http://localhost:8000.');
  return value;
}

function sampleOf(value: string | undefined): boolean {
  if (!value) return true;
  if (value !== 'none') throw new Error('STEPGATE_SAMPLE must be none, or not set.');
  return false;
}

function countryOf(value: string | undefined): string | undefined {
  if (!value) return undefined;
  if (!/^[A-Z]{2}$/.test(value)) throw new Error('STEPGATE_COUNTRY must be a country code such as HU, or not set.');
  return value;
}

/**
 * The service's own settings for a local run; whatever the environment sets goes first.
 *
 * @throws Error when STEPGATE_LIMITS is not known.
 */
export function configEnv(env: Env, port: number): Env {
  const limits = env['STEPGATE_LIMITS'] || 'wide';
  if (limits !== 'wide' && limits !== 'strict') throw new Error('STEPGATE_LIMITS must be strict, or not set.');
  return {
    TABLE_NAME: 'stepgate',
    KMS_KEY_ID: 'alias/stepgate-local',
    PUBLIC_URL: `http://localhost:${port}`,
    TENANT_CACHE_SECONDS: '0',
    LIMIT_SCALE: limits === 'strict' ? '1' : '20',
    MAIL_FROM: 'Stepgate <no-reply@example.com>',
    SMS_COUNTRIES: '*',
    EDGE_COUNTRY: 'true',
    ...Object.fromEntries(sendersOf(env).map(([name]) => [SENDERS[name].config, SENDERS[name].arn])),
    ...env,
  };
}

/** A DynamoDB of somebody else's may outlive this run, and what KMS sealed in it with it. */
export function masterKeyDir(settings: LocalSettings, root: string): string | undefined {
  return settings.dataDir ?? (settings.dynamoEndpoint === undefined ? undefined : join(root, '.stepgate'));
}
