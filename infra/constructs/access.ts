import { Aws } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type Entity, PREFIX } from '../../shared/dynamo/keys.ts';
import type { Access } from '../../shared/http/endpoint.ts';

const READ = ['GetItem', 'Query', 'ConditionCheckItem'].map((action) => `dynamodb:${action}`);
const WRITE = [...READ, ...['PutItem', 'UpdateItem', 'DeleteItem'].map((action) => `dynamodb:${action}`)];

/** What one KMS grant is worth: only calls that name this application in their encryption context. */
export const ENCRYPTION_CONTEXT = { app: 'stepgate' } as const;

/** The things of one deployment that an access can be granted on. */
export interface Reach {
  readonly table: TableV2;
  readonly key: Key;
  readonly mail: {
    /** `no-reply@example.com`, without a display name: `ses:FromAddress` does not see one. */
    readonly address: string;
    /** Identity and configuration set: SES asks for both. */
    readonly arns: readonly string[];
  };
  /** What sends in place of SES and SNS. */
  readonly senders: { readonly email?: IFunction | undefined; readonly sms?: IFunction | undefined };
}

/**
 * The narrowest statements that let a function do what its endpoints declare.
 *
 * The only place that knows an IAM action. `Scan`, batches and PartiQL are never granted; the table has no index.
 * What is too narrow here fails in the tests that run behind `fence(db, access)`; what is too wide shows in the
 * stack test's snapshot of prefix → actions.
 */
export function statements(accesses: readonly Access[], reach: Reach): readonly PolicyStatement[] {
  const sends = new Set(accesses.flatMap((access) => access.send ?? []));
  return [
    ...tableStatements(accesses, reach.table),
    ...(isTold(accesses) ? streamStatements(reach.table) : []),
    ...keyStatements(accesses, reach.key),
    ...(sends.has('email') ? (invoke(reach.senders.email) ?? [sendMail(reach.mail)]) : []),
    ...(sends.has('sms') ? (invoke(reach.senders.sms) ?? sendSms()) : []),
  ];
}

function tableStatements(accesses: readonly Access[], table: TableV2): readonly PolicyStatement[] {
  const write = new Set(accesses.flatMap((a) => [...(a.write ?? []), ...keysEntity(a.keys === 'create')]));
  const read = new Set(accesses.flatMap((a) => [...(a.read ?? []), ...keysEntity(a.keys !== undefined)]));
  return [...onEntities(table, READ, read.difference(write)), ...onEntities(table, WRITE, write)];
}

export const isTold = (accesses: readonly Access[]): boolean => accesses.some(({ told }) => told !== undefined);

/** What an event source mapping does in the function's name. The keys it reads are all that the stream holds. */
const streamStatements = (table: TableV2): readonly PolicyStatement[] => [
  new PolicyStatement({
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    resources: [streamOf(table)],
  }),
  new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }),
];

export function streamOf({ tableStreamArn }: TableV2): string {
  if (tableStreamArn === undefined) throw new Error('the table has no stream');
  return tableStreamArn;
}

const keysEntity = (is: boolean): readonly Entity[] => (is ? ['keys'] : []);

function onEntities(table: TableV2, actions: readonly string[], entities: ReadonlySet<Entity>): PolicyStatement[] {
  if (entities.size === 0) return [];
  return [
    new PolicyStatement({
      actions: [...actions],
      resources: [table.tableArn],
      conditions: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...entities].map(leadingKey).toSorted() },
        // ForAllValues alone is true for a request that names no key.
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    }),
  ];
}

/** A prefix ends in `#` and stands for all that follow; the one without is a whole key. */
const leadingKey = (entity: Entity): string => (PREFIX[entity].endsWith('#') ? `${PREFIX[entity]}*` : PREFIX[entity]);

function keyStatements(accesses: readonly Access[], key: Key): readonly PolicyStatement[] {
  const modes = new Set(accesses.map((access) => access.keys));
  const actions = [
    ...(modes.has('open') || modes.has('create') ? ['kms:Decrypt'] : []),
    ...(modes.has('create') ? ['kms:Encrypt'] : []),
  ];
  const seals = accesses.some((access) => access.seal === 'provider');
  return [
    ...(actions.length === 0 ? [] : [inContext(key, actions)]),
    ...(seals ? [inContext(key, ['kms:Encrypt'], { 'kms:EncryptionContext:use': 'provider:*' })] : []),
  ];
}

/** This function, as it is named: not its other versions. */
const invoke = (sender: IFunction | undefined): PolicyStatement[] | undefined =>
  sender === undefined
    ? undefined
    : [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [sender.functionArn] })];

function inContext(key: Key, actions: string[], uses?: Readonly<Record<string, string>>): PolicyStatement {
  const context = Object.entries(ENCRYPTION_CONTEXT).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]);
  return new PolicyStatement({
    actions,
    resources: [key.keyArn],
    conditions: {
      StringEquals: Object.fromEntries(context),
      ...(uses === undefined ? {} : { StringLike: uses }),
    },
  });
}

const sendMail = ({ address, arns }: Reach['mail']): PolicyStatement =>
  new PolicyStatement({
    actions: ['ses:SendEmail'],
    resources: [...arns],
    conditions: { StringEquals: { 'ses:FromAddress': address } },
  });

/** A phone number has no ARN, so the right to text one is the right to publish anywhere less every topic and device. */
const sendSms = (): readonly PolicyStatement[] => [
  new PolicyStatement({ actions: ['sns:Publish'], resources: ['*'] }),
  new PolicyStatement({
    effect: Effect.DENY,
    actions: ['sns:Publish'],
    resources: [`arn:${Aws.PARTITION}:sns:*:*:*`],
  }),
];
