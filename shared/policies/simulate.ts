import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';
import type { UserAdmin } from '../admin/users.ts';
import { MAX_SIMULATED } from '../limits.ts';
import type { Clock } from '../ports.ts';
import { badRequest, ProtocolError } from '../protocol-error.ts';
import { inParallel, pacer } from './pace.ts';
import { type SimulatedUser, simulateUser, type SimulateUserDeps } from './simulate-user.ts';
import { NOBODY, type Outcome, type Summary, withOutcome } from './simulation-summary.ts';
import { type About, type Trial, type TrialDeps, trialOf } from './trial.ts';

export type { SimulatedUser } from './simulate-user.ts';
export type { Standing } from './standing.ts';
export type { Summary } from './simulation-summary.ts';

export type SimulateDeps = SimulateUserDeps &
  TrialDeps & {
    readonly userAdmin: Pick<UserAdmin, 'members'>;
    readonly clock: Clock;
  };

/** Users that are looked at beside each other. */
const AT_A_TIME = 32;
const DEFAULT_PAGE = 100;

/**
 * What a policy would do to some members of a tenant, and where to go on.
 *
 * Each is put through a whole sign-in that does not happen: the first factor just done, on a new device, then every
 * factor that is asked. The evaluator is the one of sign-in, and so are the checks of what may be set up where.
 *
 * @throws 400 with `findings` for a policy that could not be saved, or a tenant that cannot be used; 404 for an unknown one.
 */
export async function simulatePage(
  input: About & { readonly cursor?: string | undefined; readonly limit?: number | undefined },
  deps: SimulateDeps,
) {
  const trial = await trialOf(input, deps);
  const { outcomes, cursor } = await pageOf(
    { ...trial, limit: Math.min(input.limit ?? DEFAULT_PAGE, MAX_SIMULATED), cursor: input.cursor },
    deps,
  );
  return {
    status: 'OK' as const,
    summary: outcomes.reduce(withOutcome, NOBODY),
    users: outcomes.flatMap((outcome) => (outcome.status === 'simulated' ? [outcome.user] : [])),
    unreadable: outcomes.flatMap((outcome) => (outcome.status === 'unreadable' ? [outcome.userId] : [])),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

export interface Progress {
  /** Of everybody so far. */
  readonly summary: Summary;
  /** Where a run that is broken off goes on; absent at the end. */
  readonly cursor?: string;
}

export type SimulateAllDeps = SimulateDeps & { readonly sleep?: (ms: number) => Promise<unknown> };

/** Requests to the table in a second that nobody else is kept waiting by. */
export const DEFAULT_RATE = 50;
const STREAM_PAGE = 256;
const TRIES = 3;

/**
 * What a policy would do to every member of a tenant, in memory that does not grow with them.
 *
 * Goes page by page. A page is counted and told whole or not at all, so a run that was broken off goes on from the
 * `cursor` and the `summary` of its last progress as if nothing had been. Who joins meanwhile is met or not, and nobody
 * twice. A page that fails is tried three times.
 *
 * @param input.rate requests to the table per second; 0: as many as it answers.
 * @throws as `simulatePage`, and what the table threw the third time.
 */
export async function simulateAll(
  input: About & {
    readonly rate?: number;
    readonly cursor?: string;
    /** What was counted before `cursor`. */
    readonly summary?: Summary;
    readonly onProgress?: (progress: Progress) => unknown;
    readonly onUser?: (user: SimulatedUser) => unknown;
    readonly onUnreadable?: (userId: string) => unknown;
  },
  deps: SimulateAllDeps,
): Promise<Summary> {
  const sleep = deps.sleep ?? ((ms: number) => setTimeout(ms));
  const rate = input.rate ?? DEFAULT_RATE;
  if (!Number.isFinite(rate) || rate < 0)
    throw badRequest('rate must be a number of reads per second, or 0 for no limit');
  const paced = pacedReads(deps, pacer(rate, { clock: deps.clock, sleep }));
  const trial = await trialOf(input, deps);
  let summary = input.summary ?? NOBODY;
  let { cursor } = input;
  do {
    const page = await again(() => pageOf({ ...trial, limit: STREAM_PAGE, cursor }, paced), sleep);
    for (const outcome of page.outcomes) {
      summary = withOutcome(summary, outcome);
      if (outcome.status === 'simulated') await input.onUser?.(outcome.user);
      if (outcome.status === 'unreadable') await input.onUnreadable?.(outcome.userId);
    }
    ({ cursor } = page);
    await input.onProgress?.({ summary, ...(cursor === undefined ? {} : { cursor }) });
  } while (cursor !== undefined);
  return summary;
}

async function again<T>(work: () => Promise<T>, sleep: (ms: number) => Promise<unknown>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProtocolError || tried >= TRIES) throw error;
      await sleep(500 * 2 ** tried);
    }
  }
}

/** Roles are read once in a while, and are not counted. */
const pacedReads = (deps: SimulateDeps, pace: () => Promise<void>): SimulateDeps => ({
  ...deps,
  userAdmin: { members: (...args) => pace().then(() => deps.userAdmin.members(...args)) },
  users: { load: (...args) => pace().then(() => deps.users.load(...args)) },
  claims: {
    holder: (...args) => pace().then(() => deps.claims.holder(...args)),
    guesses: (...args) => pace().then(() => deps.claims.guesses(...args)),
  },
});

async function pageOf(
  { limit, cursor, ...trial }: Trial & { readonly limit: number; readonly cursor: string | undefined },
  deps: SimulateDeps,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly cursor?: string }> {
  const page = await deps.userAdmin.members(trial.tenants.now.tenantId, limit, cursor);
  const about = { ...trial, at: trial.at ?? deps.clock.now() };
  const outcomes = await inParallel(page.userIds, AT_A_TIME, (userId) => outcomeOf(userId, about, deps));
  return { outcomes, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
}

async function outcomeOf(userId: string, about: Trial & { readonly at: number }, deps: SimulateDeps): Promise<Outcome> {
  try {
    const user = await deps.users.load(userId);
    // Left, or was removed, since the page was read.
    if (user === undefined || !user.tenantIds.includes(about.tenants.now.tenantId)) return { status: 'gone' };
    if (user.status === 'disabled') return { status: 'disabled' };
    return { status: 'simulated', user: await simulateUser({ ...about, user }, deps) };
  } catch (error) {
    // What the table holds is no user: nobody signs in with it, and everybody else still counts.
    if (error instanceof v.ValiError) return { status: 'unreadable', userId };
    throw error;
  }
}
