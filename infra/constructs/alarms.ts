import { Aws, Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern } from 'aws-cdk-lib/aws-logs';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { EndpointFunction } from './endpoint-function.ts';
import { output } from './output.ts';
import type { Settings } from './settings.ts';

/** What is watched. */
export interface Watched {
  readonly api: HttpApi;
  readonly table: TableV2;
  readonly functions: ReadonlyMap<string, EndpointFunction>;
}

interface Rule {
  /** The heading in docs/operations.md that says what to do, as its anchor. */
  readonly runbook: string;
  readonly says: string;
  readonly metric: IMetric;
  /** The alarm rings at this value or above. */
  readonly threshold: number;
}

/** Log events that are alarms by themselves, as `Log` writes them: this many within five minutes. */
export const EVENTS = [
  { event: 'session.theft', atLeast: 1, says: 'A refresh token was used twice: somebody else has a copy of it.' },
  {
    event: 'device.theft',
    atLeast: 1,
    says: 'What remembers a device was used twice: somebody else has a copy of it.',
  },
  {
    event: 'accounts.sprayed',
    atLeast: 1,
    says: 'One address failed to get into twenty accounts within ten minutes, and is stopped.',
  },
  {
    event: 'factor.locked',
    atLeast: 5,
    says: 'Second factors are locked by wrong codes: somebody has passwords, and tries what is left.',
  },
  { event: 'tenant.malformed', atLeast: 1, says: 'A tenant cannot be read, and nobody of it can sign in.' },
  { event: 'policy.invalid', atLeast: 1, says: 'Somebody edited a policy by hand, and it has errors.' },
  // Screens are told of an outage with status 200, so the API's own 5xx does not show all.
  { event: 'request.failed', atLeast: 5, says: 'Requests fail.' },
  { event: 'email.failed', atLeast: 3, says: 'SES does not take our mails.' },
  { event: 'keys.stale', atLeast: 1, says: 'The key set cannot be read again; a warm function goes on for an hour.' },
  { event: 'keys.overdue', atLeast: 1, says: 'The signing key should have been replaced long ago.' },
  { event: 'provider.failed', atLeast: 10, says: 'Sign-ins at a provider of identities fail.' },
  { event: 'sms.failed', atLeast: 3, says: 'SNS does not take our messages.' },
] as const;
type Watch = (typeof EVENTS)[number];

const FIVE_MINUTES = Duration.minutes(5);

/** Has a function that is made later watched as well. */
export type Watcher = (name: string, built: EndpointFunction) => void;

/** One alarm per rule, each with the runbook in its description, all to one topic. */
export function createAlarms(scope: Construct, watched: Watched, settings: Settings): Watcher {
  const action = new SnsAction(settings.alarmTopic ?? createTopic(scope, settings));
  const alarm = (id: string, rule: Rule): void =>
    new Alarm(scope, `Alarm-${id}`, {
      alarmDescription: `${rule.says} Runbook: docs/operations.md#${rule.runbook}`,
      metric: rule.metric,
      threshold: rule.threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(action);
  const watch: Watcher = (name, built) => {
    alarm(`function-${name}`, failing(name, built));
    countEvents(built);
  };
  for (const [id, rule] of Object.entries(rules(watched, settings))) alarm(id, rule);
  for (const [name, built] of watched.functions) watch(name, built);
  return watch;
}

/** How often an event was logged, by all functions of this stack. */
export const eventMetric = (event: Watch['event']): Metric =>
  new Metric({
    // By stack, or two stages in one account would add up.
    namespace: `Stepgate/${Aws.STACK_NAME}`,
    metricName: event,
    statistic: 'Sum',
    period: FIVE_MINUTES,
  });

/** Month to date, of the whole account and region: SNS does not tell one sender from another. */
export const smsSpend = (): Metric =>
  new Metric({
    namespace: 'AWS/SNS',
    metricName: 'SMSMonthToDateSpentUSD',
    statistic: 'Maximum',
    period: FIVE_MINUTES,
  });

function rules({ api, table }: Watched, settings: Settings): Record<string, Rule> {
  return {
    'api-5xx': {
      runbook: 'api-5xx',
      says: 'The API answered five requests or more with 5xx within five minutes.',
      metric: api.metricServerError({ period: FIVE_MINUTES }),
      threshold: 5,
    },
    ...Object.fromEntries(EVENTS.map((watch) => [watch.event, logged(watch)])),
    'table-throttled': {
      runbook: 'table-throttled',
      says: 'DynamoDB refused requests: the table is at its limit, or one key is.',
      metric: sum({
        reads: table.metric('ReadThrottleEvents', { statistic: 'Sum', period: FIVE_MINUTES }),
        writes: table.metric('WriteThrottleEvents', { statistic: 'Sum', period: FIVE_MINUTES }),
      }),
      threshold: 10,
    },
    'sms-spend': {
      runbook: 'sms-spend',
      says: `SMS of this month cost 80 % of ${settings.smsBudget} US dollars; at its quota AWS stops sending.`,
      metric: smsSpend(),
      threshold: settings.smsBudget * 0.8,
    },
    'mail-bounces': {
      runbook: 'mail-reputation',
      says: 'One mail in twenty bounces; at one in ten AWS stops sending.',
      metric: reputation('BounceRate'),
      threshold: 0.05,
    },
    'mail-complaints': {
      runbook: 'mail-reputation',
      says: 'One recipient in a thousand complains; at one in two hundred AWS stops sending.',
      metric: reputation('ComplaintRate'),
      threshold: 0.001,
    },
  };
}

const failing = (name: string, { lambda }: EndpointFunction): Rule => ({
  runbook: 'function-failing',
  says: `functions/${name} crashed, ran out of time or was throttled.`,
  metric: sum({
    errors: lambda.metricErrors({ period: FIVE_MINUTES }),
    throttles: lambda.metricThrottles({ period: FIVE_MINUTES }),
  }),
  threshold: 1,
});

const logged = ({ event, atLeast, says }: Watch): Rule => ({
  runbook: event.replace('.', '-'),
  says,
  metric: eventMetric(event),
  threshold: atLeast,
});

/** Makes a metric of every event that the function logs. */
function countEvents({ logGroup }: EndpointFunction): void {
  for (const { event } of EVENTS) {
    const { namespace: metricNamespace, metricName } = eventMetric(event);
    logGroup.addMetricFilter(event, { metricNamespace, metricName, filterPattern: mentions(event) });
  }
}

/** The quoted word anywhere in the line, whichever member of the JSON it is. */
const mentions = (event: string) => FilterPattern.literal(`"${event}"`);

function sum(metrics: Readonly<Record<string, IMetric>>): MathExpression {
  const usingMetrics = { ...metrics };
  const expression = Object.keys(metrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics, period: FIVE_MINUTES });
}

/** Of the whole account and region: SES stops the account, not one sender. */
const reputation = (rate: string): Metric =>
  new Metric({
    namespace: 'AWS/SES',
    metricName: `Reputation.${rate}`,
    statistic: 'Average',
    period: Duration.hours(1),
  });

function createTopic(scope: Construct, { alarmEmail }: Settings): ITopic {
  const topic = new Topic(scope, 'Alarms', { displayName: 'Stepgate alarms', enforceSSL: true });
  // A topic with a policy has lost the default one, which let the account's own alarms in.
  topic.grantPublish(
    new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
  output(scope, 'AlarmTopicArn', topic.topicArn, 'Subscribe here to be told of alarms');
  return topic;
}
