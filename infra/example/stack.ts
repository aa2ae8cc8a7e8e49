import { App, type AppProps, Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import {
  Architecture,
  Code,
  Function as Lambda,
  ParamsAndSecretsLayerVersion,
  ParamsAndSecretsVersions,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import cdk from '../../cdk.json' with { type: 'json' };
import type { StepgateProps } from '../constructs/settings.ts';
import { Stepgate } from '../constructs/stepgate.ts';

/** Where `infra/example/app.ts` puts the handlers' bundles. */
export const HANDLERS = { functions: 'infra/example/handlers', out: 'dist/example' } as const;

const SECRETS = ParamsAndSecretsLayerVersion.fromVersion(ParamsAndSecretsVersions.V1_0_103);

export type ExampleProps = StepgateProps & { readonly twilio?: TwilioProps | undefined };

/** An account at Twilio. The secret holds its auth token, as plain text, and is made by hand. */
export interface TwilioProps {
  readonly accountSid: string;
  readonly messagingServiceSid: string;
  readonly secretName: string;
}

const LOGS_ONLY = 'service-role/AWSLambdaBasicExecutionRole';

/**
 * Somebody's own API beside Stepgate, protected in three ways.
 *
 * | route                            | who checks the session                               |
 * | -------------------------------- | ---------------------------------------------------- |
 * | GET /example/orders              | `requireSession()` in the handler                    |
 * | POST /example/payouts            | `requireSession({ maxAge: 300 })` in the handler     |
 * | GET /example/reports             | Lambda authorizer: role `admin`, code of this hour   |
 * | GET /example/invoices            | API Gateway's JWT authorizer: scope `mfa`            |
 *
 * The routes are on Stepgate's API: on its host, where the browser sends the session's cookies. With an account at
 * Twilio, text messages go through it instead of SNS.
 */
export class ExampleStack extends Stack {
  constructor(scope: Construct, id: string, { twilio, ...props }: ExampleProps & StackProps) {
    super(scope, id, { description: 'Stepgate with an API of its own behind it', ...props });
    const smsSender = twilio === undefined ? undefined : this.#twilio(twilio);
    const auth = new Stepgate(this, 'Auth', { ...props, smsSender });

    const checking = auth.handlerEnvironment;
    this.#route(auth, 'GET /example/orders', this.#handler('orders', { ...checking }));
    this.#route(auth, 'POST /example/payouts', this.#handler('payouts', { ...checking }));

    const who = this.#handler('who', {});
    auth.protect(this.#route(auth, 'GET /example/reports', who), { roles: ['admin'], maxAge: 3_600 });
    auth.protect(this.#route(auth, 'GET /example/invoices', who), { by: 'jwt' });
  }

  #route(auth: Stepgate, route: string, handler: Lambda) {
    const [method = '', path = ''] = route.split(' ');
    const integration = new HttpLambdaIntegration(`${path}Integration`, handler);
    const methods = [method === 'POST' ? HttpMethod.POST : HttpMethod.GET];
    const routes = auth.api.addRoutes({ path, methods, integration });
    const reason =
      'The handler checks the session itself, with requireSession, or an authorizer is added by auth.protect.';
    for (const each of routes) Validations.of(each).acknowledge({ id: 'AwsSolutions-APIG4', reason });
    return routes;
  }

  #twilio({ accountSid, messagingServiceSid, secretName }: TwilioProps): Lambda {
    const token = Secret.fromSecretNameV2(this, 'TwilioToken', secretName);
    const sender = this.#handler('twilio', {
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_MESSAGING_SERVICE_SID: messagingServiceSid,
      TWILIO_SECRET_ARN: token.secretArn,
    });
    token.grantRead(sender);
    return sender;
  }

  #handler(name: string, environment: Record<string, string>): Lambda {
    const handler = new Lambda(this, name, {
      code: Code.fromAsset(`${import.meta.dirname}/../../${HANDLERS.out}/${name}`),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 256,
      timeout: Duration.seconds(10),
      environment,
      ...(name === 'twilio' ? { paramsAndSecrets: SECRETS } : {}),
    });
    const id = `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${LOGS_ONLY}]`;
    Validations.of(handler).acknowledge({ id, reason: 'The policy lets a function write its logs, and nothing more.' });
    return handler;
  }
}

/** With the feature flags of `cdk.json`, which only the CDK command line reads. */
export function exampleApp(props: ExampleProps, options: AppProps = {}) {
  const app = new App({ ...options, context: cdk.context });
  return { app, stack: new ExampleStack(app, 'StepgateExample', props) };
}
