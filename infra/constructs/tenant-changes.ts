import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventSourceMapping, type Function as Lambda, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { TENANT_CHANGES } from '../../shared/dynamo/tenant-changes.ts';
import { streamOf } from './access.ts';

/**
 * Has a function run for tenants whose items were changed, whoever changed them, within seconds.
 *
 * The pattern is matched before it: of all other writes the function hears nothing, and they cost nothing. A batch that
 * fails is halved until the tenant at fault stands alone, and is given up after an hour; the daily run looks again.
 */
export const tellOfTenants = (table: TableV2, { lambda }: { readonly lambda: Lambda }): EventSourceMapping =>
  new EventSourceMapping(lambda, 'TenantChanges', {
    target: lambda,
    eventSourceArn: streamOf(table),
    // Nothing is missed between the table's first write and the mapping.
    startingPosition: StartingPosition.TRIM_HORIZON,
    filters: [{ pattern: JSON.stringify(TENANT_CHANGES) }],
    batchSize: 100,
    maxBatchingWindow: Duration.seconds(1),
    bisectBatchOnError: true,
    retryAttempts: 10,
    maxRecordAge: Duration.hours(1),
  });
