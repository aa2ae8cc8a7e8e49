/**
 * What happens between the two requests of a refresh decides nothing wrong: each test puts one event exactly there.
 *
 * Why: these gaps are milliseconds wide, and in them an honest person would be signed out, a thief would be handed the
 * owner's token, or a fault would look like the end of a session (security.md §3.6, §4.1).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../../shared/app.ts';
import { refreshSession } from '../../../shared/session/refresh.ts';
import { startSession } from '../../../shared/session/start.ts';
import { gateway } from '../../support/gateway.ts';
import { useStepgate } from '../../support/stepgate.ts';

const stepgate = useStepgate();
const BROWSER = { ip: '192.0.2.1', userAgent: 'test-browser/1.0', country: '', authMode: 'header' };
const CURL = { ...BROWSER, userAgent: 'curl/8.0' };
let count = 0;

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.tenant('acme', { mfaPolicy: { rules: [] } });
});

/** A session of a new user's own, and a way to look at it. */
async function begun(tenantId = 'public') {
  const app = stepgate.app();
  const userId = await stepgate.user(`race-${(count += 1)}@example.com`, { tenantId });
  const [user, tenant] = [(await app.users.load(userId))!, (await app.tenants.get(tenantId))!];
  const { recipeUserId } = user.loginMethods[0]!;
  const tokens = await startSession({ user, tenant, recipeUserId, firstFactor: 'emailpassword', client: BROWSER }, app);
  const { sessionHandle: handle }: { sessionHandle: string } = JSON.parse(
    Buffer.from(tokens.frontToken, 'base64').toString('utf8'),
  ).up;
  return { user, handle, token: tokens.refresh!.token, stored: () => app.sessions.get(userId, handle) };
}

/** The service, with something that happens right before the session is first written. */
function before(method: 'rotate' | 'rebranch', event: () => Promise<unknown>): App {
  const app = stepgate.app();
  let happening: Promise<unknown> | undefined;
  const first = () => (happening ??= event());
  const sessions: App['sessions'] = {
    ...app.sessions,
    [method]: async (step: never) => {
      await first();
      return app.sessions[method](step);
    },
  };
  return { ...app, sessions };
}

const childOf = (outcome: Awaited<ReturnType<typeof refreshSession>>) =>
  outcome.status === 'OK' ? outcome.tokens.refresh?.token : outcome.status;

describe('a refresh', () => {
  it('gives two kinds of client two children of one parent, however close they come', async () => {
    const { token, stored } = await begun();
    await refreshSession({ token, client: BROWSER }, stepgate.app());
    stepgate.clock.advance(31_000);
    let first: string | undefined;
    const late = before('rebranch', async () => {
      first = childOf(await refreshSession({ token, client: CURL }, stepgate.app()));
    });
    const second = childOf(await refreshSession({ token, client: BROWSER }, late));
    expect(second).not.toBe(first);
    expect(await stored()).toMatchObject({ branch: 2 });
    expect(await refreshSession({ token: first!, client: CURL }, stepgate.app())).toEqual({ status: 'THEFT' });
  });

  it('gives two tabs of one client one child, however close they come', async () => {
    const { token, stored } = await begun();
    await refreshSession({ token, client: BROWSER }, stepgate.app());
    stepgate.clock.advance(31_000);
    let first: string | undefined;
    const late = before('rebranch', async () => {
      first = childOf(await refreshSession({ token, client: BROWSER }, stepgate.app()));
    });
    expect(childOf(await refreshSession({ token, client: BROWSER }, late))).toBe(first);
    expect(await stored()).toMatchObject({ branch: 1 });
  });

  it('survives that the owner ends all other sessions meanwhile', async () => {
    const { user, handle, token } = await begun();
    const app = before('rotate', () =>
      stepgate.app().factors.change({
        user,
        handle,
        factor: 'otp-email',
        required: true,
        endOthers: true,
        now: stepgate.clock.now(),
      }),
    );
    const outcome = await refreshSession({ token, client: BROWSER }, app);
    expect(outcome).toMatchObject({ status: 'OK', session: { epoch: 1, generation: 1 } });
  });

  it('ends when an operator disables the account meanwhile', async () => {
    const { user, token } = await begun();
    const app = before('rotate', () => stepgate.app().userAdmin.patch(user.userId, { status: 'disabled' }));
    // This one was under way; its access token is the last.
    await refreshSession({ token, client: BROWSER }, app);
    expect(await refreshSession({ token, client: BROWSER }, stepgate.app())).toEqual({ status: 'UNAUTHORISED' });
  });

  it('ends with the sign-out that came between, and not in theft', async () => {
    const { user, handle, token, stored } = await begun();
    const app = before('rotate', () =>
      stepgate.app().sessions.revoke(user.userId, handle, stepgate.clock.now(), 'signed-out'),
    );
    expect(await refreshSession({ token, client: BROWSER }, app)).toEqual({ status: 'UNAUTHORISED' });
    expect(await stored()).toMatchObject({ generation: 0, revokedAt: expect.any(Number) });
  });

  it('moves nothing for somebody who left the tenant, and ends the session for good', async () => {
    const { user, token, stored } = await begun('acme');
    const gone = { ...stepgate.app().users, load: async () => ({ ...user, tenantIds: ['public'] }) };
    const outcome = await refreshSession({ token, client: BROWSER }, { ...stepgate.app(), users: gone });
    expect(outcome).toEqual({ status: 'UNAUTHORISED' });
    expect(await stored()).toMatchObject({ generation: 0, revokedAt: expect.any(Number) });
  });

  it('ends the session for good of an account that is disabled by hand, without a new epoch', async () => {
    const { user, token, stored } = await begun();
    const disabled = { ...stepgate.app().users, load: async () => ({ ...user, status: 'disabled' as const }) };
    const outcome = await refreshSession({ token, client: BROWSER }, { ...stepgate.app(), users: disabled });
    expect(outcome).toEqual({ status: 'UNAUTHORISED' });
    expect(await stored()).toMatchObject({ generation: 0, revokedAt: expect.any(Number) });
  });
});

describe('a fault in a refresh', () => {
  const refresh = (app: App, token: string) =>
    gateway(app)('POST', '/auth/session/refresh', { headers: { authorization: `Bearer ${token}` } });
  const outage = () => Promise.reject(Object.assign(new Error('slow down'), { $metadata: {} }));

  it.each([
    ['users', 'load'],
    ['sessions', 'rotate'],
    ['tenants', 'get'],
  ] as const)('of %s.%s: is 503, takes no token away, and the same request works later', async (port, method) => {
    const { token } = await begun();
    const app = stepgate.app();
    const reply = await refresh({ ...app, [port]: { ...app[port], [method]: outage } }, token);
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '5']);
    expect(reply.headers['front-token']).toBeUndefined();
    expect(reply.cookies).toEqual([]);
    expect((await refresh(app, token)).status).toBe(200);
  });

  it('that strikes after the session has moved is asked for again with the same token', async () => {
    const { token, stored } = await begun();
    const app = stepgate.app();
    const rotate: App['sessions']['rotate'] = async (step) => {
      await app.sessions.rotate(step);
      return outage();
    };
    expect((await refresh({ ...app, sessions: { ...app.sessions, rotate } }, token)).status).toBe(503);
    expect((await refresh(app, token)).status).toBe(200);
    expect(await stored()).toMatchObject({ generation: 1 });
  });

  it('in the tenant’s settings is 503 for that tenant, until somebody mends them', async () => {
    const { token } = await begun('acme');
    await stepgate.tenant('acme', { requiredSecondFactors: ['otp-email'] });
    const reply = await refresh(stepgate.app(), token);
    expect([reply.status, reply.headers['front-token']]).toEqual([503, undefined]);
    await stepgate.tenant('acme', { mfaPolicy: { rules: [] } });
    expect((await refresh(stepgate.app(), token)).status).toBe(200);
  });
});
