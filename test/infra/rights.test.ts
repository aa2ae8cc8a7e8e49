import type { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { useStack } from '../support/stack.ts';

const { template, properties } = useStack({ mailFrom: 'no-reply@acme.example' });

describe('rights', () => {
  const policies = () => [
    ...properties('AWS::IAM::Role').flatMap(({ Policies }) => (Policies ?? []) as unknown[]),
    ...properties('AWS::IAM::Policy'),
  ];

  it('name every action, never Scan, batches or PartiQL', () => {
    const text = JSON.stringify(policies());
    expect(text).toContain('dynamodb:GetItem');
    expect(text).not.toMatch(/"(Action|NotAction)":\s*(\[[^\]]*)?"[^"]*\*/);
    expect(text).not.toMatch(/Scan|Batch|PartiQL|NotAction/);
  });

  it('are those the endpoints declare', () => {
    expect(rightsOf(template())).toMatchInlineSnapshot(`
      "firstfactor
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#* TENANT#*: ConditionCheckItem GetItem Query
        AUDIT#* LIMIT#* LOOKUP#* MEMBER#* TOKEN#* USER#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        ses:SendEmail
      thirdparty
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#* TENANT#*: ConditionCheckItem GetItem Query
        AUDIT#* LIMIT#* LOOKUP#* MEMBER#* OAUTH#* USER#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        ses:SendEmail
      otpsend
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#* TENANT#* USER#*: ConditionCheckItem GetItem Query
        LIMIT#* OTP#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        ses:SendEmail
        sns:Publish
        never sns:Publish
      otpconsume
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#* TENANT#*: ConditionCheckItem GetItem Query
        AUDIT#* LIMIT#* LOOKUP#* MEMBER#* OTP#* USER#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        ses:SendEmail
      factors
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#* TENANT#*: ConditionCheckItem GetItem Query
        AUDIT#* USER#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        ses:SendEmail
      totp
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#* TENANT#*: ConditionCheckItem GetItem Query
        AUDIT#* LIMIT#* USER#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        ses:SendEmail
      recovery
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#* TENANT#*: ConditionCheckItem GetItem Query
        AUDIT#* LIMIT#* LOOKUP#* MEMBER#* OTP#* TOKEN#* USER#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        ses:SendEmail
        sns:Publish
        never sns:Publish
      account
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#* TENANT#*: ConditionCheckItem GetItem Query
        AUDIT#* LOOKUP#* USER#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        ses:SendEmail
      session
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#* TENANT#*: ConditionCheckItem GetItem Query
        AUDIT#* USER#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        ses:SendEmail
      jwks
        logs:CreateLogStream logs:PutLogEvents
        KEYS: ConditionCheckItem GetItem Query
      preflight
        logs:CreateLogStream logs:PutLogEvents
        TENANT#*: ConditionCheckItem GetItem Query
      admin
        logs:CreateLogStream logs:PutLogEvents
        KEYS ROLE#*: ConditionCheckItem GetItem Query
        AUDIT#* LIMIT#* LOOKUP#* MEMBER#* TENANT#* USER#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt
        kms:Encrypt
        ses:SendEmail
      keys
        logs:CreateLogStream logs:PutLogEvents
        KEYS: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        kms:Decrypt kms:Encrypt
      policies
        logs:CreateLogStream logs:PutLogEvents
        MEMBER#~tenants#* TENANT#*: ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem
        dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator
        dynamodb:ListStreams"
    `);
  });

  it('leave the managed policy that reads and writes every log group to CDK’s own helper', () => {
    const managed = properties('AWS::IAM::Role').filter(({ ManagedPolicyArns }) => ManagedPolicyArns !== undefined);
    expect(managed).toHaveLength(1);
  });
});

/** Function by function: prefix → what it may do there. Read it: whatever is too much shows here first. */
function rightsOf(of: Template): string {
  const Statement = v.object({
    Effect: v.string(),
    Action: v.union([v.string(), v.array(v.string())]),
    Condition: v.optional(
      v.looseObject({ 'ForAllValues:StringLike': v.optional(v.record(v.string(), v.array(v.string()))) }),
    ),
  });
  const Role = v.object({
    Policies: v.array(v.object({ PolicyDocument: v.object({ Statement: v.array(Statement) }) })),
  });
  const lines = Object.entries(of.findResources('AWS::IAM::Role')).flatMap(([id, { Properties }]) => {
    if (!id.startsWith('Stepgate')) return [];
    const statements = v.parse(Role, Properties).Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const rights = statements.map(({ Effect, Action, Condition }) => {
      const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
      const actions = [Action].flat().map((action) => (keys === undefined ? action : action.split(':')[1]));
      return `  ${keys === undefined ? '' : `${keys.join(' ')}: `}${Effect === 'Deny' ? 'never ' : ''}${actions.join(' ')}`;
    });
    return [id.replace(/^Stepgate|Role[0-9A-F]{8}$/g, ''), ...rights];
  });
  return lines.join('\n');
}
