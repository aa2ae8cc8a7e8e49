import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { SESv2Client } from '@aws-sdk/client-sesv2';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { TenantAdmin } from '../admin/tenants.ts';
import type { Config } from '../config.ts';
import type { Table } from '../dynamo/table-client.ts';
import type { Clock } from '../ports.ts';

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
