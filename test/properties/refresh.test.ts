/**
 * Refreshes in any order do what a model of six lines says: the current token moves on, its parent finds the way back,
 * a displaced one ends the session, garbage is nothing, and time alone displaces nobody.
 *
 * Why: grace, branches and theft are one decision over the stored state (security.md §3.6, rules 1 to 5). A wrong turn
 * in it shows only after several steps, as an honest person who is signed out or a thief who is not.
 */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { refreshSession } from '../../shared/session/refresh.ts';
import { startSession } from '../../shared/session/start.ts';
import type { User } from '../../shared/account/user.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const CLIENT = { ip: '192.0.2.1', userAgent: 'test-browser/1.0', country: '', authMode: 'header' };
let user: User;
const GRACE_SECONDS = 30;
const MAX_BRANCHES = 3;

beforeAll(async () => {
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  user = (await stepgate.app().users.load(await stepgate.user('model@example.com')))!;
});

type Step =
  | { readonly kind: 'current' | 'parent' | 'tag' | 'nothing' | 'access' }
  | { readonly kind: 'displaced'; readonly pick: number }
  | { readonly kind: 'wait'; readonly seconds: number };

const constant = (kind: 'current' | 'parent' | 'tag' | 'nothing' | 'access') => fc.constant<Step>({ kind });
const wait = fc.constantFrom(1, 29, 31, 600).map((seconds): Step => ({ kind: 'wait', seconds }));
const garbage = fc.oneof(constant('tag'), constant('nothing'), constant('access'));
const honest = fc.oneof(
  { weight: 3, arbitrary: constant('current') },
  { weight: 3, arbitrary: constant('parent') },
  { weight: 3, arbitrary: wait },
  { weight: 1, arbitrary: garbage },
);
const displaced = fc.nat(20).map((pick): Step => ({ kind: 'displaced', pick }));
const any = fc.oneof({ weight: 8, arbitrary: honest }, { weight: 1, arbitrary: displaced });

/** What the service has to know of a session, and what it has to say. */
interface Model {
  current: string;
  parent: string | undefined;
  readonly displaced: string[];
  generation: number;
  branch: number;
  rotatedAt: number;
  ended: boolean;
}

type Verdict = 'moves' | 'same' | 'branches' | 'theft' | 'unauthorised';

function verdict(model: Model, presented: string): Verdict {
  if (model.ended) return 'unauthorised';
  if (presented === model.current) return 'moves';
  if (presented === model.parent) {
    if (stepgate.clock.now() <= model.rotatedAt + GRACE_SECONDS * 1000) return 'same';
    return model.branch < MAX_BRANCHES ? 'branches' : 'theft';
  }
  return model.displaced.includes(presented) ? 'theft' : 'unauthorised';
}

const tokenOf = (step: Step, model: Model, access: string): string | undefined => {
  const { current, parent } = model;
  if (step.kind === 'current') return current;
  if (step.kind === 'parent') return parent;
  if (step.kind === 'tag') return current.slice(0, -1) + (current.endsWith('A') ? 'B' : 'A');
  if (step.kind === 'nothing') return 'v1.garbage';
  if (step.kind === 'access') return access;
  return step.kind === 'displaced' ? model.displaced[step.pick % model.displaced.length] : undefined;
};

/** Below HTTP: every step of every sequence is a few milliseconds, and there are many. */
async function start() {
  const app = stepgate.app();
  const tenant = (await app.tenants.get('public'))!;
  const { recipeUserId } = user.loginMethods[0]!;
  const tokens = await startSession({ user, tenant, recipeUserId, firstFactor: 'emailpassword', client: CLIENT }, app);
  const handle = JSON.parse(Buffer.from(tokens.frontToken, 'base64').toString('utf8')).up.sessionHandle as string;
  const stored = () => app.sessions.get(user.userId, handle);
  const seen = await stored();
  const model: Model = {
    current: tokens.refresh!.token,
    parent: undefined,
    displaced: [],
    generation: 0,
    branch: 0,
    rotatedAt: seen!.rotatedAt,
    ended: false,
  };
  return { model, access: tokens.accessToken, stored, seen };
}

/** Plays a step in the service and in the model, and holds one against the other. */
async function play(step: Step, session: Awaited<ReturnType<typeof start>>): Promise<Verdict> {
  const { model, seen: before } = session;
  if (step.kind === 'wait') stepgate.clock.advance(step.seconds * 1000);
  const presented = tokenOf(step, model, session.access);
  if (presented === undefined) return 'unauthorised';
  const expected = verdict(model, presented);
  const outcome = await refreshSession({ token: presented, client: CLIENT }, stepgate.app());
  const after = await session.stored();
  session.seen = after;

  if (expected === 'theft' || expected === 'unauthorised') {
    expect(outcome).toEqual({ status: expected.toUpperCase() });
    if (expected === 'theft') model.ended = true;
    else expect(after).toEqual(before);
    expect(after?.revokedAt !== undefined).toBe(model.ended);
    return expected;
  }
  const next = outcome.status === 'OK' ? outcome.tokens.refresh?.token : outcome.status;
  if (expected === 'same') {
    expect(next).toBe(model.current);
    expect(after).toEqual(before);
    return expected;
  }
  expect([model.current, model.parent, ...model.displaced]).not.toContain(next);
  if (expected === 'branches') {
    model.displaced.push(model.current);
    model.branch += 1;
  } else {
    if (model.parent !== undefined) model.displaced.push(model.parent);
    model.parent = model.current;
    model.generation += 1;
    model.branch = 0;
  }
  model.current = next!;
  model.rotatedAt = after!.rotatedAt;
  expect(after).toMatchObject({ generation: model.generation, branch: model.branch });
  return expected;
}

describe('refreshes in any order', () => {
  it('agree with the model, step by step', async () => {
    const seen = new Set<Verdict>();
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 4, maxLength: 20 }), async (steps) => {
        const session = await start();
        for (const step of steps) seen.add(await play(step, session));
      }),
      { numRuns: 30 },
    );
    expect(seen.size, `only ${[...seen].join(', ')} came up`).toBeGreaterThanOrEqual(4);
  }, 60_000);

  it('end with a displaced token, and nothing brings the session back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(honest, { maxLength: 8 }), fc.nat(20), async (steps, pick) => {
        const session = await start();
        for (const step of [...steps, { kind: 'current' }, { kind: 'current' }] satisfies Step[]) {
          await play(step, session);
        }
        fc.pre(!session.model.ended);
        expect(await play({ kind: 'displaced', pick }, session)).toBe('theft');
        for (const kind of ['current', 'parent', 'current'] as const) {
          expect(await play({ kind }, session)).toBe('unauthorised');
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('never sign out a client that lost up to three replies in a row, however late it asks again', async () => {
    const losses = fc.array(fc.constantFrom(1, 29, 31, 600), { maxLength: MAX_BRANCHES });
    const thefts = () => stepgate.logged.filter(({ event }) => event === 'session.theft').length;
    const earlier = thefts();
    await fc.assert(
      fc.asyncProperty(fc.array(losses, { minLength: 1, maxLength: 6 }), async (generations) => {
        const session = await start();
        for (const waits of generations) {
          expect(await play({ kind: 'current' }, session)).toBe('moves');
          for (const seconds of waits) {
            stepgate.clock.advance(seconds * 1000);
            expect(['same', 'branches']).toContain(await play({ kind: 'parent' }, session));
          }
        }
        expect(await play({ kind: 'current' }, session)).toBe('moves');
      }),
      { numRuns: 12 },
    );
    expect(thefts()).toBe(earlier);
  }, 60_000);
});
