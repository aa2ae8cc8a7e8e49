import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { buildFunctions } from '../../infra/build.ts';
import { pagesHeadersPolicy } from '../../infra/constructs/pages-headers.ts';
import { StepgateStack } from '../../infra/stack.ts';
import { PAGES_HEADERS } from '../../infra/hosted-pages.ts';
import { EDGE_TOKEN_HEADER, EDGE_VIEWER_HEADER } from '../../shared/http/edge.ts';

let outdir: string;
let template: Template;
type Resource = { readonly Properties: Record<string, any>; readonly DependsOn?: readonly string[] }; // oxlint-disable-line typescript/no-explicit-any

beforeAll(async () => {
  await buildFunctions();
  outdir = await mkdtemp(join(tmpdir(), 'stepgate-pages-'));
  const directory = join(outdir, 'pages');
  await mkdir(join(directory, 'assets'), { recursive: true });
  await writeFile(join(directory, 'index.html'), '<!doctype html><script src="/assets/pages-0a1b2c3d.js"></script>');
  await writeFile(join(directory, 'assets/pages-0a1b2c3d.js'), '');
  const app = new App({ outdir: join(outdir, 'cdk'), context: cdk.context, builtinCloudFormationValidation: false });
  const hostedPages = { directory, headers: PAGES_HEADERS, edgeTokenGeneration: 3 };
  // Refuses cycles: functions want the distribution's address, the distribution wants the API's.
  template = Template.fromStack(new StepgateStack(app, 'Stepgate', { mailFrom: 'a@acme.example', hostedPages }));
}, 60_000);
afterAll(() => rm(outdir, { recursive: true, force: true }));

const all = (type: string): [string, Resource][] =>
  Object.entries(template.findResources(type)) as [string, Resource][];
const one = (type: string): [string, Resource] => {
  const found = all(type);
  expect(found, type).toHaveLength(1);
  return found[0]!;
};
const distribution = () => one('AWS::CloudFront::Distribution')[1].Properties['DistributionConfig'];
const behaviorOf = (path: string) =>
  distribution().CacheBehaviors.find(({ PathPattern }: { PathPattern: string }) => PathPattern === path);
const functionCode = (id: string): string =>
  template.findResources('AWS::CloudFront::Function')[id]!['Properties'].FunctionCode;
const associated = (behavior: Resource['Properties']) =>
  behavior['FunctionAssociations'][0].FunctionARN['Fn::GetAtt'][0];
const originOf = (behavior: Resource['Properties']) =>
  distribution().Origins.find(({ Id }: { Id: string }) => Id === behavior['TargetOriginId']);

describe('the files', () => {
  it('lie in a bucket that is private, encrypted, asks for TLS and outlives the stack', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
  });

  it('are read by this distribution and nobody else', () => {
    const [, policy] = one('AWS::S3::BucketPolicy');
    const allowed = policy.Properties['PolicyDocument'].Statement.filter(
      ({ Effect }: { Effect: string }) => Effect === 'Allow',
    );
    expect(allowed).toEqual([
      expect.objectContaining({
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { StringEquals: { 'AWS:SourceArn': expect.anything() } },
      }),
    ]);
    expect(originOf(distribution().DefaultCacheBehavior).OriginAccessControlId).toBeDefined();
  });

  it('are put there assets first, each kind with how long it may be kept, and none is taken away', () => {
    const deployments = all('Custom::CDKBucketDeployment');
    const kinds = Object.fromEntries(
      deployments.map(([id, { Properties }]) => [Properties['SystemMetadata']['cache-control'], { id, Properties }]),
    );
    expect(Object.keys(kinds).toSorted()).toEqual(['no-cache', 'public, max-age=31536000, immutable']);
    const assets = kinds['public, max-age=31536000, immutable']!;
    const document = kinds['no-cache']!;
    expect(assets.Properties).toMatchObject({ Prune: false, Exclude: ['*'], Include: ['assets/*'] });
    expect(document.Properties).toMatchObject({ Prune: false, Exclude: ['assets/*'] });
    const after = template.findResources('Custom::CDKBucketDeployment')[document.id]!['DependsOn'];
    expect(after).toContain(assets.id);
  });

  it('are copied with the right to read the built ones and to write this bucket, and no other', () => {
    const [, lambda] = all('AWS::Lambda::Function').find(([id]) => id.startsWith('CustomCDKBucketDeployment'))!;
    const roleId = lambda.Properties['Role']['Fn::GetAtt'][0];
    const role = template.findResources('AWS::IAM::Role')[roleId]!['Properties'];
    expect(role.ManagedPolicyArns).toBeUndefined();
    expect(role.Policies[0].PolicyDocument.Statement.map(({ Action }: { Action: unknown }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
    ]);
    expect(JSON.stringify(role.Policies[0].PolicyDocument.Statement[1].Resource)).toMatch(/[0-9a-f]{64}\.zip/);
    for (const [, policy] of all('AWS::IAM::Policy')) {
      expect(policy.Properties['Roles']).not.toContainEqual({ Ref: roleId });
    }
  });

  it('come with the headers of the local run', () => {
    const [id, { Properties }] = one('AWS::CloudFront::ResponseHeadersPolicy');
    expect(distribution().DefaultCacheBehavior.ResponseHeadersPolicyId).toEqual({ Ref: id });
    const { SecurityHeadersConfig: security, CustomHeadersConfig: custom } = Properties['ResponseHeadersPolicyConfig'];
    expect(security).toEqual({
      ContentSecurityPolicy: { ContentSecurityPolicy: PAGES_HEADERS['content-security-policy'], Override: true },
      StrictTransportSecurity: {
        AccessControlMaxAgeSec: 63_072_000,
        IncludeSubdomains: true,
        Preload: false,
        Override: true,
      },
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY', Override: true },
      ReferrerPolicy: { ReferrerPolicy: 'same-origin', Override: true },
    });
    expect(custom.Items.map(({ Header }: { Header: string }) => Header).toSorted()).toEqual([
      'cross-origin-opener-policy',
      'permissions-policy',
    ]);
  });

  it.each([{ 'referrer-policy': 'sometimes' }, { 'strict-transport-security': 'long' }])(
    'do not come with another header than %j, but not at all',
    (headers) =>
      expect(() => pagesHeadersPolicy(new Stack(), headers as Record<string, string>)).toThrow(
        /CloudFront cannot send/,
      ),
  );
});

describe('the API', () => {
  it.each(['/auth/*', '/me'])('answers %s: every method, everything passed on but Host', (path) => {
    expect(behaviorOf(path)).toMatchObject({
      AllowedMethods: expect.arrayContaining(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']),
      CachePolicyId: { Ref: one('AWS::CloudFront::CachePolicy')[0] },
      OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      ViewerProtocolPolicy: 'https-only',
    });
    expect(behaviorOf(path).ResponseHeadersPolicyId).toBeUndefined();
    expect(functionCode(associated(behaviorOf(path)))).toContain('x-stepgate-viewer');
  });

  it('is what no other path leads to, and no refusal of it becomes a page', () => {
    expect(distribution().CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern)).toEqual([
      '/auth/*',
      '/me',
    ]);
    expect(distribution().CustomErrorResponses.map((each: object) => Object.keys(each).toSorted())).toEqual(
      Array.from({ length: 8 }, () => ['ErrorCachingMinTTL', 'ErrorCode']),
    );
    expect(functionCode(associated(distribution().DefaultCacheBehavior))).toContain('/index.html');
  });

  it('has no answer kept that does not say it may be, none for long, and none that another caller could be given', () => {
    const {
      MinTTL,
      DefaultTTL,
      MaxTTL,
      ParametersInCacheKeyAndForwardedToOrigin: key,
    } = one('AWS::CloudFront::CachePolicy')[1].Properties['CachePolicyConfig'];
    expect({ MinTTL, DefaultTTL, MaxTTL }).toEqual({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 1 });
    expect(key).toMatchObject({
      CookiesConfig: { CookieBehavior: 'all' },
      QueryStringsConfig: { QueryStringBehavior: 'all' },
      EnableAcceptEncodingGzip: false,
      EnableAcceptEncodingBrotli: false,
    });
    expect(key.HeadersConfig.Headers).toEqual(expect.arrayContaining(['Authorization', 'Origin', EDGE_VIEWER_HEADER]));
    for (const { ErrorCachingMinTTL } of distribution().CustomErrorResponses) expect(ErrorCachingMinTTL).toBe(0);
  });

  it('is told the country: only what an answer is kept by brings CloudFront’s own headers without Host', () => {
    const { ParametersInCacheKeyAndForwardedToOrigin: key } =
      one('AWS::CloudFront::CachePolicy')[1].Properties['CachePolicyConfig'];
    expect(key.HeadersConfig).toMatchObject({
      HeaderBehavior: 'whitelist',
      Headers: expect.arrayContaining(['CloudFront-Viewer-Country']),
    });
    expect(functionCode(associated(behaviorOf('/auth/*')))).toContain('cloudfront-viewer-country');
  });

  it('is reached over TLS at its own address, with a token that no template holds', () => {
    const origin = originOf(behaviorOf('/auth/*'));
    expect(origin.CustomOriginConfig).toMatchObject({
      OriginProtocolPolicy: 'https-only',
      OriginSSLProtocols: ['TLSv1.2'],
    });
    expect(JSON.stringify(origin.DomainName)).toContain('.execute-api.');
    const [header, ...others] = origin.OriginCustomHeaders;
    expect(others).toEqual([]);
    expect(header.HeaderName).toBe(EDGE_TOKEN_HEADER);
    expect(JSON.stringify(header.HeaderValue)).toMatch(/resolve:secretsmanager:.*Generation3/);
  });
});

describe('the functions', () => {
  const own = () =>
    all('AWS::Lambda::Function').filter(([, { Properties }]) => /functions\//.test(Properties['Description'] ?? ''));

  it('take the distribution for their address, and know hashes of its tokens, never one itself', () => {
    const [id] = one('AWS::CloudFront::Distribution');
    const [hashes] = one('Custom::EdgeTokenHashes');
    expect(own().length).toBeGreaterThan(5);
    for (const [, { Properties }] of own()) {
      const { Variables } = Properties['Environment'];
      expect(Variables.PUBLIC_URL).toEqual({ 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [id, 'DomainName'] }]] });
      expect(Variables).toMatchObject({
        EDGE_TOKEN_SHA256: { 'Fn::GetAtt': [hashes, 'Hashes'] },
        EDGE_ONLY: 'false',
        EDGE_COUNTRY: 'true',
      });
      expect(JSON.stringify(Properties)).not.toContain('secretsmanager');
    }
  });

  it('know today’s token and the next: there is no moment in which none fits', () => {
    const secrets = all('AWS::SecretsManager::Secret').map(([id]) => id);
    expect(secrets.map((id) => /Generation\d/.exec(id)?.[0])).toEqual(['Generation3', 'Generation4']);
    expect(one('Custom::EdgeTokenHashes')[1].Properties['SecretArns']).toEqual(secrets.map((Ref) => ({ Ref })));
  });

  it('may read no secret; the one that hashes them may read these two and nothing else', () => {
    const readers = all('AWS::IAM::Role').filter(([, role]) => JSON.stringify(role).includes('secretsmanager:'));
    expect(readers).toHaveLength(1);
    const statements = readers[0]![1].Properties['Policies'][0].PolicyDocument.Statement;
    const secrets = all('AWS::SecretsManager::Secret').map(([Ref]) => ({ Ref }));
    expect(statements.map(({ Action }: { Action: unknown }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      'secretsmanager:GetSecretValue',
    ]);
    expect(statements[1].Resource).toEqual(secrets);
    for (const policy of all('AWS::IAM::Policy')) expect(JSON.stringify(policy)).not.toContain('secretsmanager:');
  });
});

it('tells where the pages are', async () => {
  template.hasOutput('*', { Description: 'Where people sign in' });
  const functions = await readFile(join(import.meta.dirname, '../../infra/edge/viewer.js'), 'utf8');
  expect(all('AWS::CloudFront::Function').map(([, { Properties }]) => Properties['FunctionCode'])).toContain(functions);
});
