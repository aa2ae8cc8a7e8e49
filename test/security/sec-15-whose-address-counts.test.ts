// Limits per address are worth what the address is worth. Behind a distribution every request comes from the same few,
// so the distribution names the browser's; whoever is not the distribution can write whatever he likes into a header.
// @see security.md §1.7, GHSA-p6v2-xcpg-h6xw

import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../shared/config.ts';
import { viewerOf } from '../../shared/http/edge.ts';
import { gateway, type GatewayRequest } from '../support/gateway.ts';
import { useStepgate } from '../support/stepgate.ts';

const TODAY = 'today-'.padEnd(43, 'x');
const NEXT = 'next-'.padEnd(43, 'x');
const hashes = [TODAY, NEXT].map((token) => createHash('sha256').update(token).digest('hex'));
const EDGE = { EDGE_TOKEN_SHA256: hashes, EDGE_ONLY: false };

const stepgate = useStepgate({ config: { LIMIT_SCALE: '1' } });
// Each test in a minute of its own: a window is a minute.
beforeEach(() => stepgate.clock.advance(120_000));

const exists = (ask: ReturnType<typeof gateway>, request: GatewayRequest) =>
  ask('GET', '/auth/emailpassword/email/exists', { query: { email: 'nobody@example.com' }, ...request });
/** Uses up what one address may ask in a minute. */
async function useUp(ask: ReturnType<typeof gateway>, request: GatewayRequest): Promise<void> {
  for (let i = 0; i < 10; i += 1) expect((await exists(ask, request)).body.status).toBe('OK');
  await expectLimited(ask, request);
}
const expectLimited = async (ask: ReturnType<typeof gateway>, request: GatewayRequest) =>
  expect((await exists(ask, request)).body.status ?? 'refused').not.toBe('OK');
const through = (token: string, viewer: string, ip = '198.51.100.1'): GatewayRequest => ({
  ip,
  headers: { 'x-stepgate-edge': token, 'x-stepgate-viewer': viewer },
});

describe('SEC-15: through the distribution', () => {
  it('each browser has its own limit, whichever of CloudFront’s addresses its requests come from', async () => {
    const ask = gateway(stepgate.app(), EDGE);
    await useUp(ask, through(TODAY, '203.0.113.7'));
    await expectLimited(ask, through(TODAY, '203.0.113.7', '198.51.100.99'));
    await expectLimited(ask, through(NEXT, '203.0.113.7'));
    expect((await exists(ask, through(TODAY, '203.0.113.8'))).body.status).toBe('OK');
  });

  it('counts a /64 of IPv6 as one', async () => {
    const ask = gateway(stepgate.app(), EDGE);
    await useUp(ask, through(TODAY, '2001:db8:1:2::1'));
    await expectLimited(ask, through(TODAY, '2001:db8:1:2:ffff::9'));
    expect((await exists(ask, through(TODAY, '2001:db8:1:3::1'))).body.status).toBe('OK');
  });
});

describe('SEC-15: past the distribution', () => {
  it.each<[string, Record<string, string>]>([
    ['X-Forwarded-For', { 'x-forwarded-for': '203.0.113.50' }],
    ['X-Real-IP', { 'x-real-ip': '203.0.113.50' }],
    ['Forwarded', { forwarded: 'for=203.0.113.50' }],
    ['True-Client-IP', { 'true-client-ip': '203.0.113.50' }],
    ['CloudFront-Viewer-Address', { 'cloudfront-viewer-address': '203.0.113.50:443' }],
    ['our own header without a token', { 'x-stepgate-viewer': '203.0.113.50' }],
    ['a wrong token', { 'x-stepgate-viewer': '203.0.113.50', 'x-stepgate-edge': NEXT.replace('n', 'N') }],
    ['the hash itself', { 'x-stepgate-viewer': '203.0.113.50', 'x-stepgate-edge': hashes[0]! }],
    ['an empty token', { 'x-stepgate-viewer': '203.0.113.50', 'x-stepgate-edge': '' }],
    ['two tokens', { 'x-stepgate-viewer': '203.0.113.50', 'x-stepgate-edge': `x,${TODAY}` }],
  ])('%s changes nothing', async (_, headers) => {
    const ask = gateway(stepgate.app(), EDGE);
    await useUp(ask, { ip: '192.0.2.20' });
    await expectLimited(ask, { ip: '192.0.2.20', headers });
  });

  it('even a right token is nothing where no distribution is', async () => {
    const ask = gateway(stepgate.app());
    await useUp(ask, { ip: '192.0.2.21' });
    await expectLimited(ask, through(TODAY, '203.0.113.51', '192.0.2.21'));
  });

  it.each(['', 'nonsense', '203.0.113.1, 203.0.113.2', '203.0.113.1:443', 'x'.repeat(5000)])(
    'the peer counts where the distribution names no address: %j',
    (viewer) => {
      const headers = { 'x-stepgate-edge': TODAY, 'x-stepgate-viewer': viewer };
      expect(viewerOf(headers, '192.0.2.1', EDGE)).toEqual({
        ip: '192.0.2.1',
        country: '',
        isThroughEdge: true,
        headers: {},
      });
    },
  );

  it('keeps the token from every endpoint', () => {
    const edges = { 'x-stepgate-edge': TODAY, 'x-stepgate-viewer': '203.0.113.1', 'x-stepgate-country': 'NO' };
    const headers = { ...edges, rid: 'session' };
    expect(viewerOf(headers, '192.0.2.1', EDGE).headers).toEqual({ rid: 'session' });
  });
});

describe('EDGE_ONLY', () => {
  it('refuses what did not come through the distribution, preflights included', async () => {
    const ask = gateway(stepgate.app(), { ...EDGE, EDGE_ONLY: true });
    expect(await exists(ask, { ip: '192.0.2.30' })).toMatchObject({ status: 403, body: { message: 'forbidden' } });
    expect(await ask('OPTIONS', '/auth/signin')).toMatchObject({ status: 403 });
    expect((await exists(ask, through(TODAY, '203.0.113.60'))).body.status).toBe('OK');
  });

  it('leaves the admin API where it is: its callers sign for the API’s own address', async () => {
    const ask = gateway(stepgate.app(), { ...EDGE, EDGE_ONLY: true });
    expect((await ask('GET', '/admin/tenants')).status).toBe(200);
  });
});

describe('settings', () => {
  const read = (env: Record<string, string>) =>
    readConfig({
      TABLE_NAME: 'table',
      KMS_KEY_ID: 'key',
      PUBLIC_URL: 'https://example.com',
      MAIL_FROM: 'a@example.com',
      ...env,
    });

  it('know no distribution unless they are told of one', () => {
    expect(read({})).toMatchObject({ EDGE_TOKEN_SHA256: [], EDGE_ONLY: false });
    expect(read({ EDGE_TOKEN_SHA256: hashes.join(','), EDGE_ONLY: 'true' })).toMatchObject({
      EDGE_TOKEN_SHA256: hashes,
      EDGE_ONLY: true,
    });
  });

  it.each([{ EDGE_TOKEN_SHA256: TODAY }, { EDGE_TOKEN_SHA256: `${hashes[0]},` }, { EDGE_ONLY: 'yes' }])(
    'refuse %j',
    (env) => expect(() => read(env as Record<string, string>)).toThrow(/EDGE_/),
  );
});
