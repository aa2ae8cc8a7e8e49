/**
 * Whatever is saved, whichever container takes which request and whatever each of them has read when: an immediate
 * policy is seen within its bound, costs a session one refresh at most for each change, and signs nobody out.
 *
 * Why: containers keep a tenant for seconds, each as of another moment. One that is behind must not send a session in
 * circles, hand it back an older policy, or let it in where the one beside it does not.
 */
import middy from '@middy/core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fetchJson } from '../../shared/protect/key-set.ts';
import { issuerAt, requireSession, type WithSession } from '../../shared/protect/require-session.ts';
import type { Mode } from '../support/browser.ts';
import { useContainers } from '../support/containers.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

/** docs/policy.md: what the service and `checkPolicy` keep to, however long other tenants may be kept. */
const BOUND_MS = 5_000;
const CONTAINERS = 3;
const stepgate = useStepgate({ config: { TENANT_CACHE_SECONDS: '5' } });
const containers = useContainers(stepgate, CONTAINERS);

beforeAll(() => stepgate.clock.freeze());

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  /** Who is asked from now on, and by which attribute it is said. */
  | { readonly kind: 'save'; readonly asks: boolean; readonly by: 'policy' | 'list' | 'date' }
  /** A call as the SDKs make it: the first try, the refresh and the second try may be taken by three containers. */
  | { readonly kind: 'call'; readonly first: number; readonly refresh: number; readonly again: number }
  /** A call to somebody's own handler, and who refreshes. */
  | { readonly kind: 'own'; readonly refresh: number }
  | { readonly kind: 'refresh'; readonly at: number }
  | { readonly kind: 'info'; readonly at: number };

const at = fc.nat(CONTAINERS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('call' as const), first: at, refresh: at, again: at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('own' as const), refresh: at }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 900, 2_000, 4_999, 5_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('save' as const),
      asks: fc.boolean(),
      by: fc.constantFrom('policy' as const, 'list' as const, 'date' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refresh' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('info' as const), at }) },
);

let saves = 0;
const documentOf = (asks: boolean, by: 'policy' | 'list' | 'date'): Readonly<Record<string, unknown>> => {
  saves += 1;
  const require = ['otp-email'];
  if (by === 'list') {
    const rules = [{ id: `r${saves}`, requireFrom: 'tenant' }];
    return { mfaPolicy: { rules, immediate: true }, ...(asks ? { requiredSecondaryFactors: require } : {}) };
  }
  // A rule with a date asks from that moment on, and one of tomorrow does not yet.
  const from = new Date(stepgate.clock.now() + (asks ? 0 : 86_400_000)).toISOString();
  const terms = by === 'date' ? { from } : asks ? {} : { when: "'nobody' in user.roles" };
  return { mfaPolicy: { rules: [{ id: `r${saves}`, require, ...terms }], immediate: true } };
};

const ownHandler = (mode: Mode) => {
  const issuer = issuerAt({
    url: 'http://localhost:3001',
    clock: stepgate.clock,
    fetch: (url) => fetchJson(url.replace('http://localhost:3001', containers.url(0))),
  });
  const handler = middy()
    .use(requireSession({ checkPolicy: true }, issuer))
    .handler((): { statusCode: number; body?: string } => ({ statusCode: 200 }));
  return async (access: string): Promise<number> => {
    const event = {
      headers: mode === 'header' ? { authorization: `Bearer ${access}` } : {},
      cookies: mode === 'cookie' ? [`sAccessToken=${encodeURIComponent(access)}`] : [],
      requestContext: { http: { method: 'GET' } },
    };
    return (await handler(event as never, {} as WithSession)).statusCode;
  };
};

let runs = 0;

/** Plays the steps for one session. @returns how often it was sent to refresh. */
async function play(mode: Mode, isImmediateBefore: boolean, steps: readonly Step[]): Promise<number> {
  const tenantId = `t${(runs += 1)}`;
  const email = `u${runs}@example.com`;
  await stepgate.tenant(tenantId, { mfaPolicy: { rules: [], immediate: isImmediateBefore } });
  await stepgate.user(email, { tenantId });
  const own = ownHandler(mode);
  const client = containers.page(mode, tenantId);
  const { page } = client;
  for (let i = CONTAINERS - 1; i >= 0; i -= 1) await client.at(i).get(`/auth/${tenantId}/loginmethods`);
  await client.at(0).signIn(email, PASSWORD);
  const { sessionHandle } = page.claims();

  const saved = [{ asks: false, at: -Infinity }];
  let refreshes = 0;
  const refresh = async (by: number) => {
    expect((await client.at(by).refresh()).status).toBe(200);
    expect(page.claims().sessionHandle).toBe(sessionHandle);
  };
  /** By what the tenant says, or by what it still said less than a bound ago. */
  const expectAnswer = (status: number) => {
    const since = stepgate.clock.now() - BOUND_MS;
    const isUsed = (_: unknown, i: number) => (saved[i + 1]?.at ?? Infinity) > since;
    expect(saved.filter(isUsed).map(({ asks }) => (asks ? 403 : 200))).toContain(status);
  };
  /** Sent away once at most, and let in or told what is owed then. */
  const call = async (first: () => Promise<number>, by: number, again: () => Promise<number>) => {
    let status = await first();
    if (status === 401) {
      refreshes += 1;
      await refresh(by);
      status = await again();
    }
    expectAnswer(status);
  };

  const take = async (each: Step): Promise<void> => {
    if (each.kind === 'wait') stepgate.clock.advance(each.ms);
    else if (each.kind === 'refresh') await refresh(each.at);
    else if (each.kind === 'info') expect((await client.at(each.at).mfaInfo()).status).toBe(200);
    else if (each.kind === 'save') {
      saved.push({ asks: each.asks, at: stepgate.clock.now() });
      await stepgate.tenant(tenantId, documentOf(each.asks, each.by));
    } else if (each.kind === 'own') {
      const ask = () => own(page.tokens().access ?? '');
      await call(ask, each.refresh, ask);
    } else {
      const me = (container: number) => async () => (await client.at(container).me()).status;
      await call(me(each.first), each.refresh, me(each.again));
    }
  };
  for (const each of steps) await take(each);
  stepgate.clock.advance(BOUND_MS);
  for (const each of SETTLED) await take(each);
  // And nobody is sent anywhere any more.
  const settled = refreshes;
  stepgate.clock.advance(BOUND_MS);
  for (const each of SETTLED) await take(each);
  expect(refreshes).toBe(settled);
  return refreshes;
}

/** Every container once, and the handler: what all of them are to agree upon. */
const SETTLED: readonly Step[] = [
  ...Array.from({ length: CONTAINERS }, (_, i) => ({
    kind: 'call' as const,
    first: i,
    refresh: (i + 1) % CONTAINERS,
    again: i,
  })),
  { kind: 'own', refresh: 0 },
];

describe.each<Mode>(['cookie', 'header'])('an immediate policy (%s mode)', (mode) => {
  it('is seen by every container within its bound, for one refresh at most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 4, maxLength: 16 }), async (isImmediate, steps) => {
        await play(mode, isImmediate, steps);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }, 120_000);

  it('is worth none where a session has it before a handler has asked for it', async () => {
    const ahead: readonly Step[] = [
      { kind: 'own', refresh: 0 },
      { kind: 'save', asks: true, by: 'policy' },
      { kind: 'wait', ms: 1 },
      { kind: 'refresh', at: 1 },
      { kind: 'own', refresh: 0 },
      { kind: 'call', first: 0, refresh: 1, again: 0 },
      { kind: 'call', first: 2, refresh: 1, again: 2 },
    ];
    expect(await play(mode, true, ahead)).toBe(0);
  });

  it('is worth one refresh where the container that refreshes has read the old one a moment ago', async () => {
    const stale: readonly Step[] = [
      { kind: 'wait', ms: 5_000 },
      { kind: 'refresh', at: 1 },
      { kind: 'save', asks: true, by: 'policy' },
      { kind: 'wait', ms: 1 },
      { kind: 'call', first: 0, refresh: 1, again: 2 },
      { kind: 'call', first: 1, refresh: 2, again: 0 },
    ];
    expect(await play(mode, false, stale)).toBe(1);
    expect(await play(mode, true, stale)).toBe(1);
  });
});
