import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readConfig, settingsIn } from '../shared/config.ts';
import { announcement } from './local/announcement.ts';
import { pointAwsAt } from '../shared/aws-env.ts';
import { startAws } from './local/aws.ts';
import { ensureTable, startDynamo, type RunningDynamo } from './local/dynamodb.ts';
import { frontListener, waitingListener } from './local/front.ts';
import { listenLocally } from './local/listen.ts';
import { loadSender, SENDERS } from './local/own-sender.ts';
import { keptMasterKey } from './local/master-key.ts';
import { loadService } from './local/service.ts';
import { configEnv, masterKeyDir, readSettings, type LocalSettings } from './local/settings.ts';
import { stopOnSignals } from './local/stopping.ts';
import { buildPages } from './pages/build.ts';
import type { RequestListener } from 'node:http';

/** `npm start`: the whole service on this machine, with nothing installed but Node. */

const ROOT = join(import.meta.dirname, '..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stops: (() => Promise<void>)[] = [];
const stopping = new AbortController();
const stopAll = async (): Promise<void> => {
  stopping.abort();
  await Promise.all(stops.map((stop) => stop()));
};

async function main(): Promise<void> {
  stopOnSignals(stopAll);
  // Whoever read the first lines and closed the pipe still wants the service.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const settings = readSettings(process.env);
  const ready = Promise.withResolvers<RequestListener>();
  // The port comes first: it decides PUBLIC_URL, and a taken one should be said before anything is started.
  const { port, stop } = await listenLocally(waitingListener(ready.promise), settings.port);
  stops.push(stop);
  ready.resolve(await startService(settings, settingsIn(configEnv(process.env, port))));
}

async function startService(settings: LocalSettings, env: Readonly<Record<string, string>>): Promise<RequestListener> {
  const config = readConfig(env);
  const building = builtPages();
  building.catch(() => {});
  const dynamo = await dynamoOf(settings);
  const keyDir = masterKeyDir(settings, ROOT);
  const aws = await startAws(keyDir === undefined ? {} : { masterKey: await keptMasterKey(keyDir) });
  stops.push(dynamo.stop, aws.stop);
  for (const [name, path] of settings.senders) aws.functions.set(SENDERS[name].arn, await loadSender(name, path));
  pointAwsAt({ dynamodb: dynamo.endpoint, aws: aws.endpoint }, process.env);
  await prepareTable(dynamo.endpoint, config.TABLE_NAME);
  const service = await loadService(config, { ...settings, dynamodb: dynamo.endpoint, signal: stopping.signal });
  const landing = {
    baseUrl: config.PUBLIC_URL,
    dynamodb: dynamo.endpoint,
    tableName: config.TABLE_NAME,
    keptIn: keptIn(settings),
    hasSample: settings.hasSample,
  };
  const whereabouts = {
    dynamodb: dynamo.endpoint,
    aws: aws.endpoint,
    region: process.env['AWS_REGION'] ?? '',
    settings: env,
  };
  const pages = await building;
  say(announcement(landing));
  return frontListener({ inbox: aws.inbox, landing, whereabouts, pages, ...service });
}

async function builtPages(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'stepgate-pages-'));
  stops.push(() => rm(home, { recursive: true, force: true }));
  return (await buildPages(join(home, 'pages'))).directory;
}

function dynamoOf({ dynamoEndpoint, dynamoPort, dataDir }: LocalSettings): Promise<RunningDynamo> {
  if (dynamoEndpoint !== undefined) return Promise.resolve({ endpoint: dynamoEndpoint, stop: async () => {} });
  const storage = dataDir === undefined ? {} : { dir: dataDir };
  return startDynamo({ ...(dynamoPort === 0 ? {} : { port: dynamoPort }), ...storage });
}

function keptIn({ dynamoEndpoint, dataDir }: LocalSettings): string {
  if (dynamoEndpoint !== undefined) return 'of DYNAMODB_ENDPOINT';
  return dataDir === undefined ? 'in memory' : `kept in ${dataDir}`;
}

async function prepareTable(endpoint: string, tableName: string): Promise<void> {
  const client = new DynamoDBClient({});
  try {
    await ensureTable(client, tableName, { hasStream: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message || cause.name : '';
    throw new Error(`The table ${tableName} cannot be prepared at ${endpoint}: ${reason}`, { cause });
  } finally {
    client.destroy();
  }
}

function failed(error: unknown): void {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${process.env['STEPGATE_DEBUG'] && error instanceof Error ? error.stack : sentence}\n`);
}

try {
  await main();
} catch (error) {
  failed(error);
  await stopAll();
  process.exit(1);
}
