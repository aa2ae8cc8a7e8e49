import { type Login, logIn, MFA_LOGIN, STEPS } from './login.ts';
import type { Cost } from './measure.ts';
import type { Row } from './rows.ts';
import type { Service } from './service-process.ts';
import { median, quantile } from './statistics.ts';

/** Milliseconds a session check may take, warm. @see design.md §8 */
const CHECK_BOUND_MS = 0.2;
const CHECKS = 1_000;

/**
 * What each step takes warm, without the hash, and what the hash takes.
 *
 * Each user logs in twice, and the second time counts: the factor is there, and the counters of the address are as
 * short as they usually are.
 */
export async function timeRows(service: Service, runs: number): Promise<readonly Row[]> {
  // Until the code is compiled as it stays: a container that has served for a minute.
  for (const email of await service.users(runs)) {
    await logIn(service, email, false);
    await logIn(service, email, false);
  }
  const logins: Login[] = [];
  for (const email of await service.users(runs)) {
    await logIn(service, email, false);
    logins.push(await logIn(service, email, false));
  }
  const whole = logins.map(({ steps }) => MFA_LOGIN.map((step) => steps[step].cost));
  return [
    ...STEPS.map((step) =>
      timeRow(
        step,
        logins.map(({ steps }) => steps[step].cost),
      ),
    ),
    timeRow('MFA login (sign-in, send, consume)', whole.map(added)),
    ...(await checkRows(service, logins.at(-1)!)),
    timeRow('one password hash, for comparison', service.hash),
  ];
}

async function checkRows(service: Service, { page }: Login): Promise<readonly Row[]> {
  const repeated = (costs: readonly Cost[]) => costs.slice(costs.length / 2);
  const check = await service.costsOf({ kind: 'repeat', event: page.meEvent(), times: CHECKS });
  const guarded = await service.costsOf({ kind: 'guarded', event: page.meEvent(), times: CHECKS });
  const checked = await service.costsOf({ kind: 'policy-checked', event: page.meEvent(), times: CHECKS });
  const verify = await service.costsOf({ kind: 'verify', token: page.accessToken(), times: CHECKS });
  return [
    { ...timeRow('session check, a whole GET /me', repeated(check)), bound: CHECK_BOUND_MS },
    { ...timeRow('session check, requireSession in a handler', repeated(guarded)), bound: CHECK_BOUND_MS },
    { ...timeRow('session check, requireSession with checkPolicy', repeated(checked)), bound: CHECK_BOUND_MS },
    { ...timeRow('session check, verifyAccessToken alone', repeated(verify)), bound: CHECK_BOUND_MS },
  ];
}

function timeRow(what: string, costs: readonly Cost[]): Row {
  const times = costs.map(({ wallMs }) => wallMs);
  const cpu = median(costs.map(({ cpuMs }) => cpuMs));
  return {
    what,
    value: median(times),
    unit: 'ms',
    note: `CPU ${cpu.toFixed(2)} ms; a quarter below ${quantile(times, 0.25).toFixed(2)}, nine in ten below ${quantile(times, 0.9).toFixed(2)} ms`,
  };
}

const added = (costs: readonly Cost[]): Cost => ({
  wallMs: costs.reduce((sum, { wallMs }) => sum + wallMs, 0),
  cpuMs: costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
});
