import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { SESv2Client } from '@aws-sdk/client-sesv2';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { TenantAdmin } from '../admin/tenants.ts';
import type { Config } from '../config.ts';
import type { Table } from '../dynamo/table-client.ts';
import type { Clock } from '../ports.ts';
import { checkClock } from './clock.ts';
import { type DoctorFinding, type FindingId, unknown } from './finding.ts';
import { checkKeys } from './keys.ts';
import { checkMail } from './mail.ts';
import { checkSms } from './sms.ts';
import { checkTable } from './table.ts';
import { checkTenants } from './tenants.ts';

/** What the doctor looks at, and with whose eyes. Nothing is written anywhere but the list of tenants. */
export interface DoctorDeps {
  readonly table: Table;
  readonly tenantAdmin: TenantAdmin;
  readonly clock: Clock;
  /** The local run: nothing there is kept, so nothing has to be protected. */
  readonly isLocal?: boolean;
  readonly clients: {
    readonly dynamo: DynamoDBClient;
    readonly kms: KMSClient;
    readonly ses: SESv2Client;
    readonly sns: SNSClient;
  };
  readonly config: Pick<
    Config,
    | 'MAIL_FROM'
    | 'EMAIL_SENDER_ARN'
    | 'SMS_SENDER_ARN'
    | 'SMS_COUNTRIES'
    | 'KMS_KEY_ID'
    | 'KEY_ROTATION_SECONDS'
    | 'ACCESS_TOKEN_SECONDS'
  >;
}

type Check = (deps: DoctorDeps) => Promise<readonly DoctorFinding[]>;

const CHECKS: readonly (readonly [FindingId, Check])[] = [
  ['clock', checkClock],
  ['table', checkTable],
  ['keys-missing', checkKeys],
  ['tenants', checkTenants],
  ['mail-account', checkMail],
  ['sms-sandbox', checkSms],
];

/**
 * Looks at everything a sign-in depends on and says what is wrong and what to do, subject by subject.
 *
 * Total: what cannot be asked becomes a finding of its own, with the right that is missing, and the others go on.
 */
export async function examine(deps: DoctorDeps): Promise<readonly DoctorFinding[]> {
  const found = await Promise.all(
    CHECKS.map(([id, check]) => check(deps).catch((error: unknown) => [unanswered(id, error)])),
  );
  return found.flat();
}

const DENIED = /AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized/;

/** @returns what stands for a question that got no answer; the right that is missing is named where AWS names it. */
export function unanswered(id: FindingId, error: unknown): DoctorFinding {
  const name = error instanceof Error ? error.name : 'an unknown error';
  const message = error instanceof Error ? error.message : '';
  if (!DENIED.test(name)) return unknown(id, `could not be asked: ${name}`, 'Try again; see --debug where it stays.');
  const right = /perform:? ([\w-]+:\w+)/.exec(message)?.[1];
  return unknown(
    'access',
    `${id}: these credentials may not ask${right === undefined ? '' : ` (${right})`}`,
    'Use credentials with the rights of docs/cli.md, or look it up in the console.',
  );
}
