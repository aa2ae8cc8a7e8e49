import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { TTL_ATTRIBUTE } from '../dynamo/table.ts';
import type { DoctorDeps } from './deps.ts';
import { type DoctorFinding, info, ok, problem, warning } from './finding.ts';
import { unanswered } from './unanswered.ts';

type Deps = Pick<DoctorDeps, 'clients' | 'table' | 'isLocal'>;

/** The table is there, expires what is over, and can be brought back. */
export async function checkTable(deps: Deps): Promise<readonly DoctorFinding[]> {
  const { dynamo } = deps.clients;
  let described;
  try {
    described = await dynamo.send(new DescribeTableCommand({ TableName: deps.table.name }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    return [
      problem(
        'table',
        `there is no table ${deps.table.name}`,
        'Deploy the stack, or name the right one: --table, --stack, --region.',
      ),
    ];
  }
  const status = described.Table?.TableStatus ?? 'unknown';
  const inService = status === 'ACTIVE' || status === 'UPDATING';
  return [
    inService
      ? ok('table', `the table ${deps.table.name} is in service`)
      : problem('table', `the table ${deps.table.name} is ${status}`, 'Wait until it is ACTIVE, or restore it.'),
    await timeToLive(deps),
    ...(deps.isLocal === true
      ? [info('table-backups', 'the local run keeps no backups and protects nothing')]
      : [protection(described.Table?.DeletionProtectionEnabled === true), await backups(deps)]),
  ];
}

const protection = (isOn: boolean): DoctorFinding =>
  isOn
    ? ok('table-protection', 'the table is protected from deletion')
    : warning(
        'table-protection',
        'the table can be deleted',
        'Deploy with deletion protection, or switch it on in the console.',
      );

async function timeToLive({ clients, table }: Deps): Promise<DoctorFinding> {
  try {
    const { TimeToLiveDescription: ttl } = await clients.dynamo.send(
      new DescribeTimeToLiveCommand({ TableName: table.name }),
    );
    const isOn = ttl?.TimeToLiveStatus === 'ENABLED' || ttl?.TimeToLiveStatus === 'ENABLING';
    if (isOn && ttl.AttributeName === TTL_ATTRIBUTE) return ok('table-ttl', 'what is over is deleted (TTL)');
    return warning(
      'table-ttl',
      isOn
        ? `TTL reads the attribute ${ttl.AttributeName ?? '?'}, not ${TTL_ATTRIBUTE}`
        : 'nothing that is over is ever deleted',
      `Switch TTL on for the attribute ${TTL_ATTRIBUTE}. Codes and sessions end without it; the table grows.`,
    );
  } catch (error) {
    return unanswered('table-ttl', error);
  }
}

async function backups({ clients, table }: Deps): Promise<DoctorFinding> {
  try {
    const { ContinuousBackupsDescription: answer } = await clients.dynamo.send(
      new DescribeContinuousBackupsCommand({ TableName: table.name }),
    );
    const pitr = answer?.PointInTimeRecoveryDescription;
    if (pitr?.PointInTimeRecoveryStatus !== 'ENABLED') {
      const next = 'Switch on point-in-time recovery: a mistake can then be taken back to the second.';
      return warning('table-backups', 'the table has no point-in-time recovery', next);
    }
    const days = pitr.RecoveryPeriodInDays ?? 35;
    return ok('table-backups', `the table can be brought back to any second of the last ${days} days`);
  } catch (error) {
    return unanswered('table-backups', error);
  }
}
