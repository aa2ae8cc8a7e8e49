import { Dashboard, GraphWidget, type IMetric, type IWidget, Metric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { EVENTS } from './alarm-events.ts';
import { type Watched, type Watcher, eventMetric, smsSpend } from './alarms.ts';

/** One page, read from the top: are people served, by what, at which price. */
export function createDashboard(scope: Construct, { api, table, functions }: Watched): Watcher {
  const durations = graph('Functions: p95 in ms');
  const errors = graph('Functions: errors');
  const throttles = graph('Functions: throttles');
  const latency = (statistic: string) => api.metricLatency({ statistic, label: statistic });
  const rows: readonly (readonly IWidget[])[] = [
    [new TextWidget({ markdown: 'What to do about an alarm: docs/operations.md', width: 24, height: 1 })],
    [
      graph('Requests', [api.metricCount(), api.metricClientError(), api.metricServerError()]),
      graph('Latency in ms', [latency('p50'), latency('p95'), latency('p99')]),
      graph(
        'Events',
        EVENTS.map(({ event }) => eventMetric(event)),
      ),
    ],
    [durations, errors, throttles],
    [
      graph('Table: units', [table.metricConsumedReadCapacityUnits(), table.metricConsumedWriteCapacityUnits()]),
      graph('Mails', ['Send', 'Bounce', 'Complaint', 'Reject'].map(ses)),
      graph('SMS in US dollars, this month', [smsSpend()]),
    ],
  ];
  const board = new Dashboard(scope, 'Dashboard');
  for (const row of rows) board.addWidgets(...row);
  const watch: Watcher = (label, { lambda }) => {
    durations.addLeftMetric(lambda.metricDuration({ label, statistic: 'p95' }));
    errors.addLeftMetric(lambda.metricErrors({ label }));
    throttles.addLeftMetric(lambda.metricThrottles({ label }));
  };
  for (const [name, built] of functions) watch(name, built);
  return watch;
}

const ses = (metricName: string) => new Metric({ namespace: 'AWS/SES', metricName, statistic: 'Sum' });
const graph = (title: string, left: IMetric[] = []) => new GraphWidget({ title, left, width: 8 });
