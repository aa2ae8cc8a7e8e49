import { Dashboard, GraphWidget, type IMetric, type IWidget, Metric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { EVENTS, type Watched, eventMetric, smsSpend } from './alarms.ts';

/** One page, read from the top: are people served, by what, at which price. */
export function createDashboard(scope: Construct, { api, table, functions }: Watched): Dashboard {
  const lambdas = [...functions].map(([name, built]) => [name, built.lambda] as const);
  const latency = (statistic: string) => api.metricLatency({ statistic, label: statistic });
  return new Dashboard(scope, 'Dashboard', {
    widgets: [
      [new TextWidget({ markdown: 'What to do about an alarm: docs/operations.md', width: 24, height: 1 })],
      [
        graph('Requests', [api.metricCount(), api.metricClientError(), api.metricServerError()]),
        graph('Latency in ms', [latency('p50'), latency('p95'), latency('p99')]),
        graph(
          'Events',
          EVENTS.map(({ event }) => eventMetric(event)),
        ),
      ],
      [
        graph(
          'Functions: p95 in ms',
          lambdas.map(([label, f]) => f.metricDuration({ label, statistic: 'p95' })),
        ),
        graph(
          'Functions: errors',
          lambdas.map(([label, f]) => f.metricErrors({ label })),
        ),
        graph(
          'Functions: throttles',
          lambdas.map(([label, f]) => f.metricThrottles({ label })),
        ),
      ],
      [
        graph('Table: units', [table.metricConsumedReadCapacityUnits(), table.metricConsumedWriteCapacityUnits()]),
        graph('Mails', ['Send', 'Bounce', 'Complaint', 'Reject'].map(ses)),
        graph('SMS in US dollars, this month', [smsSpend()]),
      ],
    ],
  });
}

const ses = (metricName: string) => new Metric({ namespace: 'AWS/SES', metricName, statistic: 'Sum' });
const graph = (title: string, left: IMetric[]): IWidget => new GraphWidget({ title, left, width: 8 });
