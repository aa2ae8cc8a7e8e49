import { join } from 'node:path';
import { Duration, type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as Lambda, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ConfigInput } from '../../shared/config.ts';
import type { Access } from '../../shared/http/endpoint.ts';
import { FUNCTION_SECONDS } from '../../shared/limits.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { isTold, type Reach, statements } from './access.ts';
import type { HandlerEnvironment } from './guards.ts';

export interface EndpointFunctionProps {
  /** Directory under `functions/` and `dist/`. */
  readonly name: string;
  readonly access: readonly Access[];
  readonly reach: Reach;
  /** The whole contract: a variable that the code reads and the stack forgets does not compile. */
  readonly environment: ConfigInput | HandlerEnvironment;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly reservedConcurrency?: number | undefined;
  /** Default: 15 seconds, which nobody waits for in front of a screen. */
  readonly timeout?: Duration | undefined;
}

/**
 * One Lambda with exactly the rights its endpoints declare.
 *
 * Role and log group are its own: it can write its logs and nobody else's, and a function that is gone leaves no right
 * behind. X-Ray records times only; no SDK instrumentation puts requests or keys into a trace.
 */
export class EndpointFunction extends Construct {
  readonly lambda: Lambda;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: EndpointFunctionProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Logs', { retention: props.logRetention, removalPolicy: props.removalPolicy });
    const role = this.#role(props);
    this.lambda = new Lambda(this, 'Function', {
      description: `Stepgate: functions/${props.name}`,
      code: Code.fromAsset(join(PACKAGE_ROOT, 'dist', props.name)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // argon2id takes 19 MiB a hash; processor time comes with memory.
      memorySize: 512,
      timeout: props.timeout ?? Duration.seconds(FUNCTION_SECONDS),
      role,
      environment: variables(props.environment),
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    this.#acknowledge(role, props);
  }

  /** Instead of AWS's managed policy for logs, which reaches every log group of the account. */
  #role({ access, reach }: EndpointFunctionProps): Role {
    const logs = new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [this.logGroup.logGroupArn],
    });
    return new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Declared: new PolicyDocument({ statements: [logs, ...statements(access, reach)] }) },
    });
  }

  /** The places where cdk-nag finds a `*`, and why each has to be one. */
  #acknowledge(role: Role, { access, reach }: EndpointFunctionProps): void {
    const everywhere = 'AwsSolutions-IAM5[Resource::*]';
    const traces = 'X-Ray knows no resources: its two actions can only be granted on *.';
    Validations.of(role.node.findChild('DefaultPolicy')).acknowledge({ id: everywhere, reason: traces });
    if (isTold(access)) {
      const streams = 'Which streams there are can only be asked of all: DynamoDB knows no resource for it.';
      Validations.of(role.node.findChild('Resource')).acknowledge({ id: everywhere, reason: streams });
    }
    if (reach.senders.sms === undefined && access.some(({ send }) => send?.includes('sms'))) {
      const numbers = 'A phone number has no ARN; topics and devices, which have one, are denied beside it.';
      Validations.of(role.node.findChild('Resource')).acknowledge({ id: everywhere, reason: numbers });
    }
  }
}

const variables = (environment: ConfigInput | HandlerEnvironment): Record<string, string> =>
  Object.fromEntries(
    Object.entries<string | undefined>({ ...environment }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
