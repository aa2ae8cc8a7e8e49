/**
 * An access token says what wire.md §2.5 and design §5.4 list, of this user in this session, and is good for no longer
 * than the session it belongs to.
 *
 * Why: front ends, other services and API Gateway decide on single members of it. A pending token with the audience of
 * a finished one, or a token that outlives its session, is a way around both.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { User } from '../../../shared/account/user.ts';
import type { Config } from '../../../shared/config.ts';
import { frontTokenOf, verifyAccessToken } from '../../../shared/session/access-token.ts';
import { factsOf } from '../../../shared/session/facts.ts';
import { issueTokens } from '../../../shared/session/issue.ts';
import { refreshTokenHash } from '../../../shared/session/refresh-token.ts';
import { useStepgate } from '../../support/stepgate.ts';

const stepgate = useStepgate();
const API = 'http://localhost:3001';
const ASKING = { contactMethod: 'EMAIL', mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] } };
const HOUR = 3_600_000;
const people: Record<string, User> = {};
let refreshTokens = 0;

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.tenant('asking', ASKING);
  await stepgate.put({ pk: 'ROLE#editor', sk: 'ROLE', permissions: ['write', 'read'] });
  for (const tenantId of ['public', 'asking']) {
    const userId = await stepgate.user('somebody@example.com', { tenantId, roles: ['editor'] });
    people[tenantId] = (await stepgate.app().users.load(userId))!;
  }
  stepgate.clock.freeze();
});

interface About {
  readonly tenantId?: 'public' | 'asking';
  readonly completed?: Readonly<Record<string, number>>;
  /** From now, milliseconds. */
  readonly until?: number;
  readonly config?: Partial<Config>;
}

const seconds = () => Math.floor(stepgate.clock.now() / 1000);

async function issue({ tenantId = 'public', completed, until = HOUR, config = {} }: About = {}) {
  const app = { ...stepgate.app(), config: { ...stepgate.app().config, ...config } };
  const user = people[tenantId]!;
  const tenant = (await app.tenants.get(tenantId))!;
  const client = { ip: '192.0.2.1', userAgent: 'x', country: '', authMode: 'header' };
  const facts = await factsOf(
    { user, tenant, client, firstFactor: 'emailpassword', completed: completed ?? { emailpassword: seconds() } },
    app,
  );
  const issued = await issueTokens(
    {
      user,
      tenant,
      facts,
      handle: 'a'.repeat(36),
      recipeUserId: user.loginMethods[0]!.recipeUserId,
      refresh: {
        token: `v1.refresh-${(refreshTokens += 1)}`,
        expiresAt: stepgate.clock.now() + HOUR,
        issuedAt: stepgate.clock.now(),
      },
      until: stepgate.clock.now() + until,
    },
    app,
  );
  const [header, payload] = issued.tokens.accessToken.split('.').slice(0, 2).map(decode);
  return { ...issued, header, payload, user };
}

const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

describe('an access token', () => {
  it('has the header of the FDI, with the key that signs now', async () => {
    const { header } = await issue();
    const { kid } = await stepgate.app().keys.signer();
    expect(header).toEqual({ kid, typ: 'JWT', alg: 'RS256', version: '5' });
    expect(kid).toMatch(/^d-\d+$/);
  });

  it('says who, where, since when, by what and with which rights', async () => {
    const { payload, user, tokens } = await issue();
    const now = seconds();
    expect(payload).toEqual({
      iss: `${API}/auth`,
      aud: API,
      sub: user.userId,
      rsub: user.loginMethods[0]!.recipeUserId,
      tId: 'public',
      sessionHandle: 'a'.repeat(36),
      refreshTokenHash1: refreshTokenHash(tokens.refresh!.token),
      parentRefreshTokenHash1: null,
      antiCsrfToken: null,
      iat: now,
      exp: expect.any(Number),
      epoch: user.epoch,
      firstFactor: 'emailpassword',
      scope: 'mfa',
      amr: ['pwd'],
      acr: 'urn:stepgate:single',
      auth_time: now,
      pe: expect.stringMatching(/^[0-9a-f]{16}$/),
      pt: expect.any(Number),
      'st-mfa': { c: { emailpassword: now }, v: true },
      'st-role': { v: ['editor'], t: stepgate.clock.now() },
      'st-perm': { v: ['read', 'write'], t: stepgate.clock.now() },
    });
  });

  it('of a session that owes a factor has an audience of its own and no scope', async () => {
    const { payload } = await issue({ tenantId: 'asking' });
    expect(payload).toMatchObject({
      aud: `${API}/mfa-pending`,
      scope: '',
      amr: ['pwd'],
      acr: 'urn:stepgate:single',
      'st-mfa': { v: false },
    });
  });

  it('of a session with both factors says so, and dates from the later one', async () => {
    const now = seconds();
    const completed = { emailpassword: now - 60, 'otp-email': now - 5 };
    const { payload } = await issue({ tenantId: 'asking', completed });
    expect(payload).toMatchObject({
      aud: API,
      scope: 'mfa',
      amr: ['pwd', 'otp', 'mfa'],
      acr: 'urn:stepgate:mfa',
      auth_time: now - 5,
      'st-mfa': { c: completed, v: true },
    });
  });

  it('carries the anti-CSRF value with VIA_TOKEN alone', async () => {
    const { payload, tokens } = await issue({ config: { ANTI_CSRF: 'VIA_TOKEN' } });
    expect(payload.antiCsrfToken).toBe(tokens.antiCsrf);
    expect(tokens.antiCsrf).toMatch(/^[\w-]{22}$/);
    expect((await issue({ config: { ANTI_CSRF: 'VIA_CUSTOM_HEADER' } })).payload.antiCsrfToken).toBeNull();
  });

  it('is what the front token tells the browser, in base64 that atob reads', async () => {
    const { payload, tokens } = await issue();
    expect(JSON.parse(atob(tokens.frontToken))).toEqual({ uid: payload.sub, ate: payload.exp * 1000, up: payload });
    const named = { ...payload, name: 'Zoë 🦊 ~~~???>>>' };
    expect(frontTokenOf(named)).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(JSON.parse(Buffer.from(frontTokenOf(named), 'base64').toString('utf8')).up.name).toBe(named.name);
  });
});

describe('how long it is good', () => {
  const lives = async (about: About) => {
    const all = await Promise.all(Array.from({ length: 40 }, () => issue(about)));
    return all.map(({ payload }) => payload.exp - payload.iat);
  };

  it.each([
    ['a finished session', { config: { ACCESS_TOKEN_SECONDS: 900 } }, 900],
    ['a session that owes a factor', { tenantId: 'asking', config: { ACCESS_TOKEN_SECONDS: 900 } }, 600],
    ['a setting below that', { tenantId: 'asking', config: { ACCESS_TOKEN_SECONDS: 100 } }, 100],
  ] as const)('is jittered, which only ever shortens it: %s', async (_, about, most) => {
    const all = await lives(about);
    expect(Math.max(...all)).toBeLessThanOrEqual(most);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(Math.floor(most * 0.95));
    expect(new Set(all).size).toBeGreaterThan(1);
  });

  it.each([999, 1_000, 1_001, 1_999, 5_500, 59_999])(
    'is never past the end of its session: %i ms left',
    async (left) => {
      const ends = stepgate.clock.now() + Math.max(left, 1_000);
      for (const life of await lives({ until: left })) expect(seconds() + life).toBeLessThanOrEqual(ends / 1000);
    },
  );

  it('ends at the very second it names, with no tolerance', async () => {
    const { tokens, payload } = await issue();
    const at = (ms: number) => verifyAccessToken(tokens.accessToken, { ...stepgate.app(), clock: { now: () => ms } });
    expect(await at(payload.exp * 1000 - 1)).toMatchObject({ sub: payload.sub });
    expect(await at(payload.exp * 1000)).toBe('invalid');
  });
});
