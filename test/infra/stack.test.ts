import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { functions } from '../../functions/index.ts';
import { readConfig } from '../../shared/config.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { useStack } from '../support/stack.ts';

const ENDPOINTS = Object.values(functions).flatMap((endpoints): readonly Endpoint[] => endpoints);
const NAMES = [...Object.keys(functions), 'keys', 'policies'].toSorted();

const { template, properties, deployment, synthesise } = useStack({
  mailFrom: 'Acme <no-reply@acme.example>',
  alarmEmail: 'ops@acme.example',
});

/** Ours only: CDK's own runs the trigger and nothing else. */
const ownFunctions = () => properties('AWS::Lambda::Function').filter(({ Description }) => Description !== undefined);

/** SEC-94: what the template promises; what functions may do is in `rights.test.ts` and `access.test.ts`. */
describe('what is kept', () => {
  it('keeps one table that can be restored and not be deleted by mistake', () => {
    template().resourceCountIs('AWS::DynamoDB::GlobalTable', 1);
    template().hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        GlobalSecondaryIndexes: Match.absent(),
        WriteOnDemandThroughputSettings: { MaxWriteRequestUnits: 2000 },
        Replicas: [
          Match.objectLike({
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            ReadOnDemandThroughputSettings: { MaxReadRequestUnits: 2000 },
          }),
        ],
      },
    });
  });

  it('keeps one KMS key, which rotates', () => {
    template().resourceCountIs('AWS::KMS::Key', 1);
    template().hasResource('AWS::KMS::Key', { DeletionPolicy: 'Retain', Properties: { EnableKeyRotation: true } });
  });

  it('keeps every log for three months', () => {
    const groups = properties('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(NAMES.length + 1);
    for (const group of groups) expect(group).toMatchObject({ RetentionInDays: 90 });
  });
});

describe('functions', () => {
  it('are those of functions/index.ts and the two that no request reaches', () => {
    const names = ownFunctions().map(({ Description }) => String(Description).replace('Stepgate: functions/', ''));
    expect(names.toSorted()).toEqual(NAMES);
  });

  it('run Node 24 on arm64, log JSON into a group of their own, and have a role of their own', () => {
    const own = ownFunctions();
    for (const lambda of own) {
      expect(lambda).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: 512,
        Timeout: lambda['Description'] === 'Stepgate: functions/policies' ? 300 : 15,
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
        TracingConfig: { Mode: 'Active' },
      });
    }
    for (const member of ['Role', 'LoggingConfig']) {
      expect(new Set(own.map((lambda) => JSON.stringify(lambda[member]))).size).toBe(NAMES.length);
    }
  });

  it('get an environment that the code accepts, and nothing beside it', () => {
    for (const { name, env } of Object.values(deployment().functions).filter(isOwn)) {
      const config = readConfig({ ...env, PUBLIC_URL: 'https://example.com' });
      expect(Object.keys(config), name).toEqual(expect.arrayContaining(Object.keys(env)));
    }
  });

  it('reserve concurrency only where they are told to', () => {
    template().hasResourceProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: Match.absent() });
  });
});

const isOwn = ({ handler }: { readonly handler: string }): boolean => handler === 'index.handler';

describe('addresses', () => {
  const publicUrls = (of: Template) =>
    new Set(
      Object.values(of.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) =>
        JSON.stringify(Properties.Environment?.Variables.PUBLIC_URL ?? []),
      ),
    );

  it("takes the API's own address where no other is given", () => {
    const [api] = Object.keys(template().findResources('AWS::ApiGatewayV2::Api'));
    const url = Object.values(deployment().functions).find(isOwn)?.env['PUBLIC_URL'];
    expect(url).toBe(`https://${api}.execute-api.AWS::Region.AWS::URLSuffix`);
  });

  it('takes the one that is given', () => {
    const given = synthesise({ mailFrom: 'a@acme.example', publicUrl: 'https://auth.acme.example', stage: 'dev' });
    expect([...publicUrls(given)]).toContain('"https://auth.acme.example"');
    expect(JSON.stringify([...publicUrls(given)])).not.toContain('execute-api');
  });
});

describe('the API', () => {
  it('serves exactly the routes of the endpoints', () => {
    const served = deployment().routes.map(({ routeKey }) => routeKey);
    expect(served.toSorted()).toEqual(ENDPOINTS.flatMap(({ routes }) => routes).toSorted());
  });

  it('leaves no admin route to anybody without IAM, and asks nobody else for it', () => {
    for (const { routeKey, iam } of deployment().routes)
      expect([routeKey, iam]).toEqual([routeKey, / \/admin(\/|$)/.test(routeKey)]);
    expect(deployment().routes.some(({ iam }) => iam)).toBe(true);
  });

  it('throttles every route, and those that send codes more', () => {
    const sending = [
      ...functions['otp-send'].flatMap((endpoint) => endpoint.routes),
      'POST /auth/account/email',
      'POST /auth/account/phone',
    ];
    expect(sending).toContain('POST /auth/signinup/code');
    template().hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
      RouteSettings: Match.exact(
        Object.fromEntries(sending.map((route) => [route, { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 }])),
      ),
    });
  });

  it('logs neither path, query, header nor cookie', () => {
    const [stage] = properties('AWS::ApiGatewayV2::Stage');
    const { Format } = v.parse(v.object({ Format: v.string() }), stage?.['AccessLogSettings']);
    const logged = [...Format.matchAll(/\$context\.([\w.]+)/g)].map(([, name]) => name);
    expect(logged).toContain('routeKey');
    expect(logged.filter((name) => /path|query|header|cookie|user|authorizer\.(?!error)/i.test(name!))).toEqual([]);
  });

  it('leaves CORS to the functions, which know the tenant', () => {
    template().hasResourceProperties('AWS::ApiGatewayV2::Api', {
      ProtocolType: 'HTTP',
      CorsConfiguration: Match.absent(),
    });
  });

  it('opens only after the keys are made, and those only after every other function is there', () => {
    const [trigger] = Object.entries(template().findResources('Custom::Trigger'));
    const [stage] = Object.values(template().findResources('AWS::ApiGatewayV2::Stage'));
    expect(stage?.['DependsOn']).toContain(trigger?.[0]);
    const routed = deployment().routes.map(({ target }) => target);
    expect(trigger?.[1]['DependsOn']).toEqual(expect.arrayContaining([...new Set(routed)]));
  });
});

describe('keys', () => {
  it('are looked at once a day by the function that makes them, and by an order it knows', () => {
    template().hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 day)',
      State: 'ENABLED',
      Targets: [
        Match.objectLike({
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Stepgatekeys'), 'Arn'] },
          Input: '{"run":"rotate"}',
        }),
      ],
    });
    template().hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'events.amazonaws.com',
      FunctionName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Stepgatekeys'), 'Arn'] },
    });
  });
});

describe('policies', () => {
  it('that were edited by hand are looked for once a day, by a function that reaches tenants alone', () => {
    const Arn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Stepgatepolicies'), 'Arn'] };
    template().hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 day)',
      State: 'ENABLED',
      Targets: [Match.objectLike({ Arn })],
    });
    template().hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'events.amazonaws.com',
      FunctionName: Arn,
    });
  });
});

describe('tenants that somebody writes', () => {
  const mapping = () => {
    const [one, ...others] = Object.values(template().findResources('AWS::Lambda::EventSourceMapping'));
    expect(others).toEqual([]);
    return one!['Properties'];
  };

  it('are told of by the table, by their keys alone', () => {
    template().hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
    });
  });

  it('are looked at by one function, which hears of nothing else', () => {
    expect(mapping()).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^StepgateTable/), 'StreamArn'] },
      FunctionName: { Ref: expect.stringMatching(/^Stepgatepolicies/) },
      StartingPosition: 'TRIM_HORIZON',
    });
    const [filter, ...others] = mapping().FilterCriteria.Filters;
    expect(others).toEqual([]);
    expect(JSON.parse(filter.Pattern)).toEqual({
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: { Keys: { pk: { S: [{ prefix: 'TENANT#' }] }, sk: { S: ['CONFIG'] } } },
    });
  });

  it('hold up no other: a batch that fails is halved, tried again, and given up', () => {
    expect(mapping()).toMatchObject({
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 10,
      MaximumRecordAgeInSeconds: 3_600,
    });
  });
});

describe('senders of the customer’s own', () => {
  const own = (name: string) => `arn:aws:lambda:eu-central-1:111122223333:function:${name}`;

  it('are called in place of SES and SNS, of which nothing is left', () => {
    const given = synthesise({ mailFrom: 'a@acme.example', emailSenderArn: own('mails'), smsSenderArn: own('texts') });
    given.resourceCountIs('AWS::SES::EmailIdentity', 0);
    given.resourceCountIs('AWS::SES::ConfigurationSet', 0);
    const roles = JSON.stringify(given.findResources('AWS::IAM::Role'));
    expect(roles).not.toMatch(/ses:SendEmail|sns:Publish/);
    const invoke = (Resource: unknown) =>
      JSON.stringify({ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource });
    expect(roles).toContain(invoke([own('mails'), own('texts')]));
    expect(roles).toContain(invoke(own('mails')));
    given.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Stepgate: functions/otp-send',
      Environment: { Variables: { EMAIL_SENDER_ARN: own('mails'), SMS_SENDER_ARN: own('texts') } },
    });
  });

  it('leave the other channel as it is', () => {
    const given = synthesise({ mailFrom: 'a@acme.example', smsSenderArn: own('texts') });
    given.resourceCountIs('AWS::SES::EmailIdentity', 1);
    const roles = JSON.stringify(given.findResources('AWS::IAM::Role'));
    expect(roles).toContain('ses:SendEmail');
    expect(roles).not.toContain('sns:Publish');
  });
});

describe('mails', () => {
  it('come from the domain of the sender, over TLS', () => {
    template().hasResourceProperties('AWS::SES::EmailIdentity', { EmailIdentity: 'acme.example' });
    template().hasResourceProperties('AWS::SES::ConfigurationSet', { DeliveryOptions: { TlsPolicy: 'REQUIRE' } });
  });
});

describe('alarms', () => {
  const alarms = () => properties('AWS::CloudWatch::Alarm');

  it('each link a runbook that exists, and tell somebody', async () => {
    const text = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!.toLowerCase().replaceAll(' ', '-'),
    );
    for (const { AlarmDescription, AlarmActions } of alarms()) {
      const [, anchor] = /Runbook: docs\/operations\.md#(\S+)$/.exec(String(AlarmDescription)) ?? [];
      expect(headings).toContain(anchor);
      expect(AlarmActions).toHaveLength(1);
    }
  });

  it('weigh the messages that were used against those that went out, over an hour', () => {
    const unused = alarms().find(({ AlarmDescription }) => String(AlarmDescription).endsWith('#sms-unused'));
    const [expression, ...metrics] = (unused?.['Metrics'] ?? []) as readonly Readonly<Record<string, unknown>>[];
    expect(expression).toMatchObject({ Expression: expect.stringContaining('used') });
    expect(metrics.map(({ Id, MetricStat }) => [Id, MetricStat])).toEqual([
      ['sent', expect.objectContaining({ Period: 3_600, Metric: expect.objectContaining({ MetricName: 'sms.sent' }) })],
      ['used', expect.objectContaining({ Period: 3_600, Metric: expect.objectContaining({ MetricName: 'sms.used' }) })],
    ]);
  });

  it('watch theft, faulty tenants, failures, spending, reputation and the table', () => {
    const runbooks = new Set(alarms().map(({ AlarmDescription }) => String(AlarmDescription).split('#').at(-1)));
    expect([...runbooks].toSorted()).toEqual([
      'accounts-sprayed',
      'api-5xx',
      'device-theft',
      'email-failed',
      'factor-locked',
      'function-failing',
      'keys-overdue',
      'keys-stale',
      'mail-reputation',
      'policy-invalid',
      'provider-failed',
      'request-failed',
      'session-theft',
      'sms-failed',
      'sms-spend',
      'sms-unused',
      'table-throttled',
      'tenant-malformed',
    ]);
  });

  it('hear events from every function', () => {
    const filters = properties('AWS::Logs::MetricFilter').filter(
      ({ FilterPattern }) => FilterPattern === '"session.theft"',
    );
    expect(filters).toHaveLength(NAMES.length);
  });
});

it('tells nothing secret: no value in the template looks like a key', () => {
  const text = JSON.stringify(template().toJSON());
  expect(text).not.toMatch(/BEGIN [A-Z ]*KEY|AKIA[A-Z0-9]{16}|"(Secret|Password)[A-Za-z]*":/);
});

it('says where it is', () => {
  expect(Object.keys(template().findOutputs('*')).map((id) => id.replace(/^Stepgate|[0-9A-F]{8}$/g, ''))).toEqual(
    expect.arrayContaining([
      'ApiUrl',
      'PublicUrl',
      'TableName',
      'KmsKeyArn',
      'AlarmTopicArn',
      'MailDnsRecord1',
      'Settings',
    ]),
  );
});
