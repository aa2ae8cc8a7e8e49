import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import * as v from 'valibot';
import { examine } from '../../shared/doctor/doctor.ts';
import type { DoctorFinding, Level } from '../../shared/doctor/finding.ts';
import { command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

/** Bounded: an account that does not answer becomes a finding. */
const PATIENCE = { maxAttempts: 2 };

const doctor = command({
  name: 'doctor',
  summary: 'Looks at everything a sign-in depends on, and says what is wrong and what to do',
  about:
    'Sandboxes, senders, suppression, spend, keys, table, clock, tenants. It changes nothing. Exit code 2 for a problem.\n' +
    'What each finding means: docs/doctor.md.',
  examples: ['doctor', 'doctor --local', 'doctor --json --profile prod'],
  input: v.object({}),
  run: async (_, { terminal, operator }) => {
    const { config, table, tenantAdmin, clock, target } = await operator();
    const clients = {
      dynamo: new DynamoDBClient(PATIENCE),
      kms: new KMSClient(PATIENCE),
      ses: new SESv2Client(PATIENCE),
      sns: new SNSClient(PATIENCE),
    };
    const findings = await examine({ config, table, tenantAdmin, clock, clients, isLocal: target.isLocal });
    await terminal.result({ findings }, () => findings.map((finding) => lineOf(finding, terminal)).join('\n'));
    return findings.some(({ level }) => level === 'problem') ? EXIT.findings : EXIT.ok;
  },
});

function lineOf({ id, level, says, next }: DoctorFinding, { paint }: Terminal): string {
  const colours: Readonly<Record<Level, (text: string) => string>> = {
    ok: paint.green,
    info: paint.dim,
    warning: paint.yellow,
    problem: paint.red,
    unknown: paint.yellow,
  };
  return `${colours[level](level.padEnd(8))} ${says} ${paint.dim(`[${id}]`)}${next === undefined ? '' : `\n         ${next}`}`;
}

export const doctorCommands = [doctor];
