import { join } from 'node:path';
import { CustomResource, Duration, type SecretValue, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as Lambda, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { PACKAGE_ROOT } from '../package-root.ts';
import type { Settings } from './settings.ts';

/**
 * What the distribution says to be believed, and what the functions know of it: hashes.
 *
 * There are two tokens, today's and the next. The functions take both, so that going on to the next leaves no moment
 * in which distribution and functions do not know each other, in whatever order CloudFormation comes to them.
 */
export class EdgeToken extends Construct {
  /** Today's, as a dynamic reference: CloudFormation puts it in; no template holds it. */
  readonly value: SecretValue;
  /** For `EDGE_TOKEN_SHA256`. */
  readonly hashes: string;

  /** @param generation a whole number; one more makes the next token today's. */
  constructor(scope: Construct, id: string, generation: number, settings: Settings) {
    super(scope, id);
    const secrets = [generation, generation + 1].map((each) => this.#secret(each));
    this.value = secrets[0]!.secretValue;
    const resource = new CustomResource(this, 'Hashes', {
      serviceToken: this.#hasher(secrets, settings).functionArn,
      resourceType: 'Custom::EdgeTokenHashes',
      serviceTimeout: Duration.minutes(2),
      properties: { SecretArns: secrets.map(({ secretArn }) => secretArn) },
    });
    this.hashes = resource.getAttString('Hashes');
  }

  #secret(generation: number): Secret {
    const secret = new Secret(this, `Generation${generation}`, {
      description: 'Stepgate: by this the functions know the distribution in front of them',
      generateSecretString: { passwordLength: 43, excludePunctuation: true },
    });
    const reason = 'Goes on with a deployment, for the distribution has to go with it: docs/operations.md.';
    Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason });
    return secret;
  }

  #hasher(secrets: readonly Secret[], { logRetention: retention, removalPolicy }: Settings): Lambda {
    const logGroup = new LogGroup(this, 'Logs', { retention, removalPolicy });
    const statements = [
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: secrets.map(({ secretArn }) => secretArn),
      }),
    ];
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Declared: new PolicyDocument({ statements }) },
    });
    return new Lambda(this, 'Function', {
      description: 'Stepgate: hashes of the edge tokens, when the stack is deployed',
      code: Code.fromAsset(join(PACKAGE_ROOT, 'infra/edge/token-hash'), { exclude: ['*.d.mts'] }),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(15),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
    });
  }
}
