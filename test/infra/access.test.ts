import { App, Stack } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Function } from 'aws-cdk-lib/aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Reach, statements } from '../../infra/constructs/access.ts';
import type { Access } from '../../shared/http/endpoint.ts';

let reach: Reach;
let stack: Stack;
beforeAll(() => {
  stack = new Stack(new App(), 'Test');
  const table = new TableV2(stack, 'Table', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
  const mail = { address: 'no-reply@example.com', arns: ['arn:aws:ses:::identity/example.com'] };
  reach = { table, key: new Key(stack, 'Key'), mail, senders: {} };
});

/** As it stands in the template. */
const policy = (...accesses: Access[]) =>
  statements(accesses, reach).map((statement) => stack.resolve(statement.toStatementJson()));

const READ = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:ConditionCheckItem'];
const WRITE = [...READ, 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];
const onKeys = (...keys: string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

describe('statements where the customer sends', () => {
  it('let call that one function in place of SES and SNS, and only who sends', () => {
    const sender = (name: string) =>
      Function.fromFunctionArn(stack, name, `arn:aws:lambda:eu-central-1:111122223333:function:${name}`);
    const own = { ...reach, senders: { email: sender('mails'), sms: sender('texts') } };
    const policyOf = (access: Access) => statements([access], own).map((each) => stack.resolve(each.toStatementJson()));
    const invoke = (name: string) => ({
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: `arn:aws:lambda:eu-central-1:111122223333:function:${name}`,
    });
    expect(policyOf({ send: ['email', 'sms'] })).toEqual([invoke('mails'), invoke('texts')]);
    expect(policyOf({ send: ['email'] })).toEqual([invoke('mails')]);
    expect(policyOf({})).toEqual([]);
  });
});

describe('statements', () => {
  it('gives nothing to an endpoint that declares nothing', () => {
    expect(policy({})).toEqual([]);
  });

  it('opens the declared prefixes of the one table, and requires a key', () => {
    const [statement, ...others] = policy({ read: ['user', 'tenant'] });
    expect(statement).toMatchObject({ Effect: 'Allow', Action: READ, Condition: onKeys('TENANT#*', 'USER#*') });
    expect(statement.Resource).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Table/), 'Arn'] });
    expect(others).toEqual([]);
  });

  it('lets who writes an entity read it, in one statement', () => {
    expect(policy({ read: ['user'] }, { write: ['user'] })).toMatchObject([
      { Action: WRITE, Condition: onKeys('USER#*') },
    ]);
  });

  it('names the one item that is a whole key without a star', () => {
    expect(policy({ keys: 'public' })).toMatchObject([{ Action: READ, Condition: onKeys('KEYS') }]);
  });

  it('unwraps keys only for this application, and wraps them only where they are made', () => {
    const context = { StringEquals: { 'kms:EncryptionContext:app': 'stepgate' } };
    expect(policy({ keys: 'open' })).toMatchObject([{ Action: READ }, { Action: 'kms:Decrypt', Condition: context }]);
    expect(policy({ keys: 'create' })).toMatchObject([
      { Action: WRITE, Condition: onKeys('KEYS') },
      { Action: ['kms:Decrypt', 'kms:Encrypt'], Condition: context },
    ]);
  });

  it('seals secrets of identity providers and nothing else', () => {
    expect(policy({ seal: 'provider' })).toMatchObject([
      {
        Action: 'kms:Encrypt',
        Condition: {
          StringEquals: { 'kms:EncryptionContext:app': 'stepgate' },
          StringLike: { 'kms:EncryptionContext:use': 'provider:*' },
        },
      },
    ]);
  });

  it('sends mails from one address only', () => {
    expect(policy({ send: ['email'] })).toEqual([
      {
        Effect: 'Allow',
        Action: 'ses:SendEmail',
        Resource: 'arn:aws:ses:::identity/example.com',
        Condition: { StringEquals: { 'ses:FromAddress': 'no-reply@example.com' } },
      },
    ]);
  });

  it('texts phone numbers, and no topic or device', () => {
    expect(policy({ send: ['sms'] })).toMatchObject([
      { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' },
      {
        Effect: 'Deny',
        Action: 'sns:Publish',
        Resource: { 'Fn::Join': ['', ['arn:', expect.anything(), ':sns:*:*:*']] },
      },
    ]);
  });
});
