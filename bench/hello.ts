/** What a client needs to be one: how it is made, and a first request. */
const CLIENTS: Readonly<Record<string, { readonly imports: string; readonly make: string; readonly call: string }>> = {
  dynamodb: {
    imports: `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';`,
    make: 'const db = DynamoDBDocumentClient.from(new DynamoDBClient({}));',
    call: `await db.send(new GetCommand({ TableName: 'hello', Key: { pk: 'hello' } }));`,
  },
  kms: {
    imports: `import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';`,
    make: 'const kms = new KMSClient({});',
    call: `await kms.send(new DecryptCommand({ CiphertextBlob: new Uint8Array(1) }));`,
  },
  sesv2: {
    imports: `import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';`,
    make: 'const ses = new SESv2Client({});',
    call: `await ses.send(new SendEmailCommand({ Content: undefined }));`,
  },
  sns: {
    imports: `import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';`,
    make: 'const sns = new SNSClient({});',
    call: `await sns.send(new PublishCommand({ Message: 'hello' }));`,
  },
};

/** The least that a Lambda with these clients can be: each made at init, each used for one kind of request. */
export function helloSource(names: readonly string[]): string {
  const clients = names.map((name) => {
    const client = CLIENTS[name];
    if (client === undefined) throw new Error(`bench/hello.ts does not know the client ${name} yet`);
    return client;
  });
  return [
    ...clients.map(({ imports }) => imports),
    ...clients.map(({ make }) => make),
    'export async function handler() {',
    ...clients.map(({ call }) => `  ${call}`),
    `  return { statusCode: 200, body: 'hello' };`,
    '}',
    '',
  ].join('\n');
}
