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
import { COUNTED, EVENTS, type Watch } from './alarm-events.ts';
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
export const eventMetric = (event: Watch['event'] | (typeof COUNTED)[number], period = FIVE_MINUTES): Metric =>
  new Metric({
    // By stack, or two stages in one account would add up.
    namespace: `Stepgate/${Aws.STACK_NAME}`,
    metricName: event,
    statistic: 'Sum',
    period,
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
    'sms-unused': {
      runbook: 'sms-unused',
      says: 'Of twenty text messages or more in an hour, less than half were used: somebody makes money with them.',
      metric: unusedMessages(),
      threshold: 1,
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

/** @see security.md §1.9 */
function unusedMessages(): MathExpression {
  const period = Duration.hours(1);
  return new MathExpression({
    expression: 'IF(FILL(sent, 0) >= 20 AND FILL(used, 0) < FILL(sent, 0) / 2, 1, 0)',
    usingMetrics: { sent: eventMetric('sms.sent', period), used: eventMetric('sms.used', period) },
    period,
  });
}

const logged = ({ event, atLeast, says }: Watch): Rule => ({
  runbook: event.replace('.', '-'),
  says,
  metric: eventMetric(event),
  threshold: atLeast,
});

/** Makes a metric of every event that the function logs. */
function countEvents({ logGroup }: EndpointFunction): void {
  for (const event of [...EVENTS.map((watch) => watch.event), ...COUNTED]) {
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
