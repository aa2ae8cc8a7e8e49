import { startDynamo } from '../../../infra/local/dynamodb.ts';

/** A process that starts the embedded DynamoDB, says where, and lives until it is killed. */
const { endpoint } = await startDynamo();
process.stdout.write(endpoint);
