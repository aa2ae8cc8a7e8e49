import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE } from '../../shared/dynamo/table.ts';
import type { Settings } from './settings.ts';

/** The one table. It outlives the stack, can be set back to any second of 35 days, and never scales past its limit. */
export const createTable = (scope: Construct, { removalPolicy, tableLimit }: Settings): TableV2 =>
  new TableV2(scope, 'Table', {
    partitionKey: { name: PARTITION_KEY, type: AttributeType.STRING },
    sortKey: { name: SORT_KEY, type: AttributeType.STRING },
    timeToLiveAttribute: TTL_ATTRIBUTE,
    // For functions/policies. What people are and do stays out of it.
    dynamoStream: StreamViewType.KEYS_ONLY,
    billing: Billing.onDemand({ maxReadRequestUnits: tableLimit.reads, maxWriteRequestUnits: tableLimit.writes }),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    removalPolicy,
  });

/** Envelopes the signing keys and the root secret. Without it every session and every stored contact is lost. */
export const createKey = (scope: Construct, { removalPolicy }: Settings): Key =>
  new Key(scope, 'Key', {
    description: 'Stepgate: envelopes the signing keys and the root secret in the table',
    enableKeyRotation: true,
    removalPolicy,
  });
