// A policy that asks for less at home is worth what the country is worth: whoever can say where he is says what is
// asked of him. Only the distribution in front says it, beside its token. @see security.md §1.7

import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { viewerOf } from '../../shared/http/edge.ts';
import { form, gateway, type GatewayRequest } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const TODAY = 'today-'.padEnd(43, 'x');
const EDGE = { EDGE_TOKEN_SHA256: [createHash('sha256').update(TODAY).digest('hex')], EDGE_ONLY: false };
const EMAIL = 'traveller@example.com';

const stepgate = useStepgate();

beforeAll(async () => {
  await stepgate.tenant('home', {
    contactMethod: 'EMAIL',
    mfaPolicy: { rules: [{ id: 'abroad', when: "request.country != 'HU'", require: ['otp-email'] }] },
  });
  await stepgate.user(EMAIL, { tenantId: 'home' });
});

/** @returns whether a sign-in with this request is asked for a second factor. */
async function isAsked(request: GatewayRequest, config = EDGE): Promise<boolean> {
  const ask = gateway(stepgate.app(), config);
  const body = form({ email: EMAIL, password: PASSWORD });
  const reply = await ask('POST', '/auth/home/signin', { ...request, body });
  expect(reply.body.status).toBe('OK');
  const [, payload = ''] = (reply.headers['st-access-token'] ?? '').split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString())['st-mfa'].v !== true;
}
const through = (headers: Record<string, string>): GatewayRequest => ({
  headers: { 'x-stepgate-edge': TODAY, 'x-stepgate-viewer': '203.0.113.7', ...headers },
});

describe('SEC-15: the country of a request', () => {
  it('is what the distribution says', async () => {
    expect(await isAsked(through({ 'x-stepgate-country': 'HU' }))).toBe(false);
    expect(await isAsked(through({ 'x-stepgate-country': 'NO' }))).toBe(true);
  });

  it.each<[string, Record<string, string>]>([
    ['our own header without a token', { 'x-stepgate-country': 'HU' }],
    ['a wrong token', { 'x-stepgate-country': 'HU', 'x-stepgate-edge': TODAY.replace('t', 'T') }],
    ['two tokens', { 'x-stepgate-country': 'HU', 'x-stepgate-edge': `x,${TODAY}` }],
    ['CloudFront’s own header', { 'cloudfront-viewer-country': 'HU' }],
    ['the header of another network', { 'cf-ipcountry': 'HU' }],
  ])('is not what a client says: %s', async (_, headers) => {
    expect(await isAsked({ headers })).toBe(true);
  });

  it('is not CloudFront’s own header, which a browser can send through an older distribution', async () => {
    expect(await isAsked(through({ 'cloudfront-viewer-country': 'HU' }))).toBe(true);
  });

  it('is unknown where there is no distribution, even with a right token', async () => {
    expect(await isAsked(through({ 'x-stepgate-country': 'HU' }), { ...EDGE, EDGE_TOKEN_SHA256: [] })).toBe(true);
  });

  it.each(['', 'hu', 'HUN', 'H', 'HU,NO', 'HU ', 'H1', 'ÁÉ', 'HU\n'])(
    'is unknown where it is no country: %j',
    (country) => {
      const headers = { 'x-stepgate-edge': TODAY, 'x-stepgate-viewer': '203.0.113.7', 'x-stepgate-country': country };
      expect(viewerOf(headers, '192.0.2.1', EDGE)).toMatchObject({ ip: '203.0.113.7', country: '' });
    },
  );

  it('is kept from every endpoint’s headers', () => {
    expect(viewerOf({ 'x-stepgate-country': 'HU', rid: 'session' }, '192.0.2.1', EDGE)).toEqual({
      ip: '192.0.2.1',
      country: '',
      isThroughEdge: false,
      headers: { rid: 'session' },
    });
  });
});
