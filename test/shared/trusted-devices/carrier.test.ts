import { describe, expect, it } from 'vitest';
import { type CarrierConfig, clientOf, handOut, takeDevice } from '../../../shared/http/carrier.ts';
import type { Request } from '../../../shared/http/endpoint.ts';

const EXPIRES = Date.UTC(2030, 0, 1);
const config: CarrierConfig = {
  PUBLIC_URL: 'https://auth.example.com',
  COOKIE_DOMAIN: undefined,
  COOKIE_SAME_SITE: 'Lax',
  COOKIE_PROFILE: 'plain',
  OLDER_COOKIE_DOMAIN: undefined,
};
const request = (about: Partial<Request> = {}): Request => ({
  method: 'POST',
  routeKey: 'POST /auth/signin',
  path: '/auth/signin',
  params: {},
  query: {},
  headers: {},
  cookies: [],
  body: undefined,
  ip: '192.0.2.1',
  country: '',
  requestId: 'r1',
  ...about,
});
const tokens = { issuedAt: 0, accessToken: 'a', frontToken: 'f', device: { token: 'd1.x', expiresAt: EXPIRES } };
const deviceCookie = (about: Partial<CarrierConfig>) =>
  handOut(tokens, 'cookie', request(), { ...config, ...about }).cookies.find((line) => line.includes('sDevice'));

describe('the cookie of a remembered device', () => {
  const common = 'Path=/auth; Expires=Tue, 01 Jan 2030 00:00:00 GMT; HttpOnly; Secure';

  it.each<[string, Partial<CarrierConfig>, string]>([
    ['goes to sign-in paths over https alone', {}, `sDevice=d1.x; ${common}; SameSite=Lax`],
    ['follows the refresh token across sites', { COOKIE_SAME_SITE: 'None' }, `sDevice=d1.x; ${common}; SameSite=None`],
    ['is never a parent domain’s', { COOKIE_DOMAIN: '.example.com' }, `sDevice=d1.x; ${common}; SameSite=Lax`],
    ['is prefixed as the others are', { COOKIE_PROFILE: 'hardened' }, `__Secure-sDevice=d1.x; ${common}; SameSite=Lax`],
  ])('%s', (_, about, expected) => {
    expect(deviceCookie(about)).toBe(expected);
  });

  it('is cleared where it was set', () => {
    const [line] = takeDevice('cookie', config).cookies;
    expect(line).toBe('sDevice=; Path=/auth; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax');
    expect(takeDevice('header', config)).toMatchObject({ headers: { 'st-device': '' }, cookies: [] });
  });
});

describe('what a client shows to be recognised by', () => {
  const both = request({
    headers: { 'st-device': 'h' },
    cookies: ['sDevice=plain', '__Secure-sDevice=secure', 'sDevice=2', 'sDevice=3', 'sDevice=4', 'other=5'],
  });

  it('is its cookies in the one mode, a few of them, and its header in the other', () => {
    expect(clientOf(both, 'cookie').devices).toEqual(['secure', 'plain', '2', '3']);
    expect(clientOf(both, 'header').devices).toEqual(['h']);
    expect(clientOf(request(), 'cookie').devices).toEqual([]);
    expect(clientOf(request(), 'header').devices).toEqual([]);
  });
});
