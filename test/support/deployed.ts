import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pointAwsAt } from '../../shared/aws-env.ts';
import { boundPort } from '../../infra/local/ports.ts';
import { buildFunctions } from '../../infra/build.ts';
import { stepgateApp } from '../../infra/stack.ts';
import { type Lambda, runLambda } from './deployed/lambda.ts';
import { type HttpReply, message, toEvent, toReply } from './deployed/payload.ts';
import { findRoute } from './deployed/routes.ts';
import { type Deployment, type Template, readDeployment } from './deployed/template.ts';

export interface DeployedOptions {
  readonly tableName: string;
  /** Where DynamoDB is, and where SES, SNS and KMS are (`startDynamo`, `startAws`). */
  readonly dynamodb: string;
  readonly aws: string;
  readonly kmsKeyArn?: string;
  /** As for `cdk -c`. */
  readonly context?: Readonly<Record<string, unknown>>;
}

export interface DeployedGateway {
  /** Where the API answers; what the functions take for its address, too, unless the context has a `publicUrl`. */
  readonly url: string;
  /** Everything that the functions have printed. */
  readonly logs: () => string;
  readonly stop: () => Promise<void>;
}

const REGION = 'eu-central-1';
const ACCOUNT = '123456789012';
const API = 'local';

/**
 * The deployed service without AWS: the built bundles, each in threads of its own with the environment that the
 * synthesised template gives it, behind the template's routes with API Gateway's semantics.
 *
 * What runs here is what `cdk deploy` would upload, the keys' trigger included; a route, variable or bundle that is
 * wrong in the stack is wrong here. IAM policies are not enforced, throttles neither.
 */
export async function deployedGateway(options: DeployedOptions): Promise<DeployedGateway> {
  const assembly = await mkdtemp(join(tmpdir(), 'stepgate-deployed-'));
  const server = createServer();
  const url = await listen(server);
  const deployment = await deploy(options, assembly, url);
  const printed: string[] = [];
  const lambdas = start(deployment, options, (text) => void printed.push(text));
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await Promise.all([...lambdas.values()].map((lambda) => lambda.stop()));
    await rm(assembly, { recursive: true, force: true });
  };
  try {
    for (const trigger of deployment.triggers) await lambdas.get(trigger)!.invoke({});
  } catch (error) {
    await stop();
    throw error;
  }
  server.on('request', (request, response) => {
    void answer(request, url, deployment, lambdas)
      // As the gateway says it whatever went wrong behind it.
      .catch((error: unknown) => (printed.push(String(error)), message(500, 'Internal Server Error')))
      .then((reply) => send(response, reply));
  });
  return { url, logs: () => printed.join(''), stop };
}

async function deploy(
  { tableName, kmsKeyArn, context }: DeployedOptions,
  assembly: string,
  url: string,
): Promise<Deployment> {
  await buildFunctions();
  const { app, stack } = stepgateApp(
    { mailFrom: 'no-reply@stepgate.example', ...context },
    { outdir: assembly, builtinCloudFormationValidation: false },
  );
  const template: Template = app.synth().getStackByName(stack.stackName).template;
  const values = {
    'AWS::Region': REGION,
    'AWS::AccountId': ACCOUNT,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::Partition': 'aws',
    'AWS::DynamoDB::GlobalTable': tableName,
    'AWS::KMS::Key.Arn': kmsKeyArn ?? `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`,
    'AWS::ApiGatewayV2::Api': API,
  };
  const { functions, ...rest } = readDeployment(template, assembly, values);
  const here = Object.entries(functions).map(([id, found]) => [id, { ...found, env: answeringAt(url, found.env) }]);
  return { ...rest, functions: Object.fromEntries(here) };
}

/** The API's own address leads here. */
function answeringAt(url: string, env: Readonly<Record<string, string>>): Record<string, string> {
  const own = `https://${API}.execute-api.${REGION}.amazonaws.com`;
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value === own ? url : value]));
}

function start(
  deployment: Deployment,
  { dynamodb, aws }: DeployedOptions,
  log: (text: string) => void,
): Map<string, Lambda> {
  const used = new Set([...deployment.routes.map(({ target }) => target), ...deployment.triggers]);
  return new Map(
    [...used].map((id) => {
      // The access key says which function called, in case a local service wants to know.
      const env: Record<string, string> = {
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: id,
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_SESSION_TOKEN: 'local',
      };
      pointAwsAt({ dynamodb, aws }, env);
      return [id, runLambda(deployment.functions[id]!, env, log)];
    }),
  );
}

async function answer(
  request: IncomingMessage,
  base: string,
  { routes }: Deployment,
  lambdas: ReadonlyMap<string, Lambda>,
): Promise<HttpReply> {
  const url = new URL(request.url!, base);
  const match = findRoute(routes, request.method!, url.pathname);
  if (match === undefined) return message(404, 'Not Found');
  if (match.route.iam && !isSigned(request)) return message(403, 'Forbidden');
  return toReply(await lambdas.get(match.route.target)!.invoke(await toEvent(request, url, match)));
}

/** Looks like SigV4; the signature itself is not checked. */
const isSigned = ({ headers }: IncomingMessage): boolean =>
  /^AWS4-HMAC-SHA256 Credential=[^,]+, ?SignedHeaders=[^,]+, ?Signature=[0-9a-f]{64}$/.test(
    headers.authorization ?? '',
  );

function send(response: ServerResponse, { status, headers, body }: HttpReply): void {
  response.writeHead(status, { ...headers, 'apigw-requestid': crypto.randomUUID() } as Record<
    string,
    string | string[]
  >);
  response.end(body);
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(`http://localhost:${boundPort(server)}`));
  });
}
