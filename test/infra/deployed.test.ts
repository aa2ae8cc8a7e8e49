import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useAws } from '../support/aws.ts';
import { type DeployedGateway, deployedGateway } from '../support/deployed.ts';
import { toReply } from '../support/deployed/payload.ts';
import { findRoute } from '../support/deployed/routes.ts';
import { useTable } from '../support/dynamodb.ts';

describe('deployedGateway', () => {
  const table = useTable();
  const aws = useAws();
  let gateway: DeployedGateway;
  beforeAll(async () => {
    gateway = await deployedGateway({ tableName: table.tableName, dynamodb: table.endpoint(), aws: aws.endpoint() });
  }, 60_000);
  afterAll(() => gateway?.stop());

  const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { headers });

  it('has run the keys trigger: a function of the template serves what another one made', async () => {
    const response = await get('/auth/jwt/jwks.json');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ keys: expect.arrayContaining([expect.objectContaining({ kty: 'RSA' })]) });
  });

  it('tells the functions where they are reached', async () => {
    const response = await get('/auth/.well-known/openid-configuration');
    expect(await response.json()).toMatchObject({ jwks_uri: `${gateway.url}/auth/jwt/jwks.json` });
  });

  it('says what API Gateway says where there is no route', async () => {
    const response = await get('/auth/jwt/jwks.json/');
    expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
  });

  it('lets nobody to the admin API without a signature', async () => {
    const signature = `AWS4-HMAC-SHA256 Credential=A/20260101/r/execute-api/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    expect((await get('/admin/tenants/public')).status).toBe(403);
    expect((await get('/admin/tenants/public', { authorization: signature })).status).not.toBe(403);
  });
});

describe('findRoute', () => {
  const route = (routeKey: string) => ({ routeKey, iam: false, target: 'f' });
  const find = (method: string, path: string, ...keys: string[]) => {
    const found = findRoute(keys.map(route), method, path);
    return found && [found.route.routeKey, found.params];
  };

  it('prefers a fixed segment, then a named one, then a greedy one, then the default', () => {
    const keys = ['$default', 'ANY /{all+}', 'GET /a/{name}', 'GET /a/b'];
    expect(find('GET', '/a/b', ...keys)).toEqual(['GET /a/b', {}]);
    expect(find('GET', '/a/c%20d', ...keys)).toEqual(['GET /a/{name}', { name: 'c d' }]);
    expect(find('POST', '/a/b', ...keys)).toEqual(['ANY /{all+}', { all: 'a/b' }]);
    expect(find('GET', '/', ...keys)).toEqual(['$default', {}]);
  });

  it('takes a slash at the end for another path', () => {
    expect(find('GET', '/a/', 'GET /a')).toBeUndefined();
  });

  it('prefers the method itself to ANY', () => {
    expect(find('GET', '/a', 'ANY /a', 'GET /a')).toEqual(['GET /a', {}]);
  });
});

describe('toReply', () => {
  it('sends what has no statusCode as JSON, and each cookie by itself', () => {
    expect(toReply({ a: 1 })).toMatchObject({ status: 200, body: '{"a":1}' });
    expect(toReply({ statusCode: 204, cookies: ['a=1', 'b=2'] }).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  it('answers 500 for what is no reply', () => {
    expect(toReply({ statusCode: 'fine' })).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  });

  it('decodes a body that says it is base64', () => {
    expect(toReply({ statusCode: 200, body: 'aGk=', isBase64Encoded: true }).body).toEqual(Buffer.from('hi'));
  });
});
