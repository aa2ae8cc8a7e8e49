/** The example stack protects its routes in each of the three ways, and so does the construct's `protect`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFunctions } from '../../infra/build.ts';
import { Stepgate } from '../../infra/constructs/stepgate.ts';
import { exampleApp, HANDLERS } from '../../infra/example/stack.ts';
import type { Protection } from '../../infra/constructs/guards.ts';

const ORIGINS = ['https://app.acme.example', 'https://shop.example'];
const PROPS = { mailFrom: 'no-reply@acme.example', antiCsrf: 'VIA_CUSTOM_HEADER', allowedOrigins: ORIGINS } as const;
let template: Template;
let outdir = '';
const options = () => ({ outdir, builtinCloudFormationValidation: false });

beforeAll(async () => {
  await buildFunctions();
  await buildFunctions(HANDLERS);
  outdir = await mkdtemp(join(tmpdir(), 'stepgate-example-'));
  template = Template.fromStack(exampleApp(PROPS, options()).stack);
}, 120_000);
afterAll(() => rm(outdir, { recursive: true, force: true }));

const authorizer = (type: string) =>
  Object.keys(
    template.findResources('AWS::ApiGatewayV2::Authorizer', {
      Properties: { AuthorizerType: type },
    }),
  )[0]!;
const route = (RouteKey: string, properties: object) =>
  template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey, ...properties });

describe('the example stack', () => {
  it('leaves it to the handlers of two routes, which are told whose sessions count', () => {
    for (const key of ['GET /example/orders', 'POST /example/payouts']) route(key, { AuthorizationType: 'NONE' });
    for (const name of ['orders', 'payouts']) {
      const [handler] = Object.entries(template.findResources('AWS::Lambda::Function')).filter(([id]) =>
        id.startsWith(name),
      );
      expect(handler![1]['Properties'].Environment.Variables).toEqual({
        STEPGATE_URL: expect.anything(),
        STEPGATE_ANTI_CSRF: 'VIA_CUSTOM_HEADER',
        STEPGATE_ALLOWED_ORIGINS: ORIGINS.join(','),
      });
    }
  });

  it('puts a Lambda authorizer in front of one, which keeps no result', () => {
    route('GET /example/reports', { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: authorizer('REQUEST') } });
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: Match.absent(),
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Stepgate: functions/authorizer',
      Environment: {
        Variables: {
          STEPGATE_ROUTES: '{"GET /example/reports":{"roles":["admin"],"maxAge":3600}}',
          STEPGATE_URL: Match.anyValue(),
          STEPGATE_ANTI_CSRF: 'VIA_CUSTOM_HEADER',
          STEPGATE_ALLOWED_ORIGINS: ORIGINS.join(','),
        },
      },
    });
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'apigateway.amazonaws.com',
      SourceArn: { 'Fn::Join': ['', Match.arrayWith([{ Ref: authorizer('REQUEST') }])] },
    });
  });

  it('has the gateway itself check the scope of another, once the issuer answers', () => {
    route('GET /example/invoices', {
      AuthorizationType: 'JWT',
      AuthorizerId: { Ref: authorizer('JWT') },
      AuthorizationScopes: ['mfa'],
    });
    const [jwt] = Object.values(
      template.findResources('AWS::ApiGatewayV2::Authorizer', { Properties: { AuthorizerType: 'JWT' } }),
    );
    expect(jwt!['Properties'].JwtConfiguration.Audience).toHaveLength(2);
    const stage = Object.keys(template.findResources('AWS::ApiGatewayV2::Stage'))[0];
    expect(jwt!['DependsOn']).toContain(stage);
  });

  it('watches the authorizer as it does every other function', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp('functions/authorizer-Session0 crashed'),
    });
    const [id] = Object.entries(template.findResources('AWS::Logs::LogGroup')).find(([name]) =>
      name.includes('GuardsSession0'),
    )!;
    const counted = Object.values(template.findResources('AWS::Logs::MetricFilter')).filter(
      ({ Properties }) => Properties.LogGroupName.Ref === id,
    );
    expect(counted.length).toBeGreaterThan(3);
    const [board] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    expect(JSON.stringify(board!['Properties'].DashboardBody)).toContain('authorizer-Session0');
  });

  it('gives the authorizer no right but to write its own logs and traces', () => {
    const [id] = Object.entries(template.findResources('AWS::Lambda::Function')).find(
      ([, { Properties }]) => Properties.Description === 'Stepgate: functions/authorizer',
    )!;
    const { Role } = template.findResources('AWS::Lambda::Function')[id]!['Properties'];
    const role = template.findResources('AWS::IAM::Role')[Role['Fn::GetAtt'][0]]!['Properties'];
    const actions = role.Policies.flatMap(
      ({ PolicyDocument }: { PolicyDocument: { Statement: { Action: string[] }[] } }) =>
        PolicyDocument.Statement.flatMap(({ Action }) => Action),
    );
    expect(actions).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
  });
});

describe('the example stack with an account at Twilio', () => {
  it('sends text messages through it: a function that may read its token, and that Stepgate may call', () => {
    const twilio = { accountSid: 'AC1', messagingServiceSid: 'MG1', secretName: 'twilio' };
    const given = Template.fromStack(exampleApp({ ...PROPS, twilio }, options()).stack);
    const [id] = Object.keys(given.findResources('AWS::Lambda::Function')).filter((name) => name.startsWith('twilio'));
    given.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Stepgate: functions/otp-send',
      Environment: { Variables: { SMS_SENDER_ARN: { 'Fn::GetAtt': [id, 'Arn'] } } },
    });
    const rights = JSON.stringify([given.findResources('AWS::IAM::Role'), given.findResources('AWS::IAM::Policy')]);
    expect(rights).toContain(
      `{"Action":"lambda:InvokeFunction","Effect":"Allow","Resource":{"Fn::GetAtt":["${id}","Arn"]}}`,
    );
    expect(rights).toContain('secretsmanager:GetSecretValue');
    expect(JSON.stringify(given.findResources('AWS::Lambda::Function')[id!])).not.toContain('authToken');
    expect(rights).not.toContain('sns:Publish');
  });
});

describe('what is deployed', () => {
  const load = async (bundle: string) =>
    (await import(join(import.meta.dirname, '../../dist', bundle, 'index.mjs'))).handler;
  const asked = { routeKey: 'GET /x', headers: {}, requestContext: { http: { method: 'POST' } } };
  beforeAll(() => {
    Object.assign(process.env, { STEPGATE_URL: 'https://auth.acme.example', STEPGATE_ROUTES: '{"GET /x":{}}' });
  });
  afterAll(() => {
    delete process.env['STEPGATE_URL'];
    delete process.env['STEPGATE_ROUTES'];
  });

  it('lets nobody without a session into a handler or past the authorizer', async () => {
    for (const name of ['orders', 'payouts']) {
      expect(await (await load(`example/${name}`))(asked, {})).toMatchObject({
        statusCode: 401,
        body: '{"message":"unauthorised"}',
      });
    }
    const authorize = await load('authorizer');
    await expect(authorize(asked)).rejects.toThrow(/^Unauthorized$/);
    expect(await authorize({ ...asked, routeKey: 'GET /y' })).toMatchObject({ isAuthorized: false });
  });

  it('tells a handler behind either authorizer who is calling', async () => {
    const who = await load('example/who');
    for (const found of [{ lambda: { userId: 'ann' } }, { jwt: { claims: { sub: 'ann' }, scopes: ['mfa'] } }]) {
      const reply = await who({ requestContext: { authorizer: found } });
      expect(reply).toMatchObject({ statusCode: 200, body: '{"userId":"ann"}' });
    }
  });
});

describe('auth.protect', () => {
  const protect = (protection?: Protection, routes = 1) => {
    const { app } = exampleApp(PROPS, options());
    const stack = new Stack(app, 'Own');
    const auth = new Stepgate(stack, 'Auth', PROPS);
    const integration = new HttpUrlIntegration('Own', 'https://own.example');
    const api = new HttpApi(stack, 'OwnApi');
    const paths = Array.from({ length: routes }, (_, i) => `/own/${i}/${'x'.repeat(100)}`);
    for (const path of paths) auth.protect(api.addRoutes({ path, integration }), protection);
    return Template.fromStack(stack);
  };

  it('makes one authorizer for all routes of an API', () => {
    protect({ maxAge: 60 }, 3).resourceCountIs('AWS::ApiGatewayV2::Authorizer', 1);
    protect({ by: 'jwt' }, 3).resourceCountIs('AWS::ApiGatewayV2::Authorizer', 1);
  });

  it('asks for the policy where nothing is said, and for no scope where mfa is false', () => {
    protect().hasResourceProperties('AWS::ApiGatewayV2::Route', { AuthorizationType: 'CUSTOM' });
    protect({ by: 'jwt', mfa: false }).hasResourceProperties('AWS::ApiGatewayV2::Route', {
      AuthorizationType: 'JWT',
      AuthorizationScopes: Match.absent(),
    });
  });

  it('refuses what an authorizer could not keep', () => {
    expect(() => protect({ by: 'jwt', maxAge: 60 })).toThrow('cannot see maxAge');
    expect(() => protect({ maxAge: 0 })).toThrow('maxAge');
    expect(() => protect({}, 40)).toThrow('requireSession');
  });
});
