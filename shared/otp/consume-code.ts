import type { Tenant } from '../account/tenant.ts';
import { tryAccount } from '../account/try-account.ts';
import { isEmailVerified } from '../account/user.ts';
import { codePerIp, destinationBudget, userBudget } from '../limits.ts';
import type { BudgetOutcome } from '../ports.ts';
import { badRequest, invalidClaim } from '../protocol-error.ts';
import { UNVERIFIED } from '../session/access-token.ts';
import { reportWrongGuess } from '../second-factor/report-guess.ts';
import { sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { Session } from '../session/session.ts';
import { belongsTo } from './code.ts';
import { complete, type ConsumeDeps } from './complete-code.ts';
import { compare, type ConsumeOutcome, refusedGuess, reportUse, RESTART, tooMany } from './consume-outcome.ts';
import { destine } from './destination.ts';
import type { Device } from './device.ts';
import { type GeneralError, notAllowed } from './send-code.ts';

/**
 * Checks a typed-in code and uses it up: the session gains the factor, and the address becomes the user's if it was not.
 *
 * Claim first, compare second: an attempt of the device, of the user and of the address are spent before the code is
 * looked at, so no number of parallel guesses gets more than 5 per device and 10 per user compared. Of any number of
 * parallel calls with the right code one gets `OK`. Everything a success changes is one transaction.
 *
 * Unknown, used, exhausted, superseded and foreign devices all answer RESTART_FLOW_ERROR.
 *
 * @see FDI /signinup/code/consume
 */
export async function consumeCode(
  input: {
    readonly session: Session;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly requestId: string;
    readonly preAuthSessionId: string;
    readonly deviceId: string;
    readonly userInputCode: string;
  },
  deps: ConsumeDeps,
): Promise<ConsumeOutcome> {
  const { session, tenant, client } = input;
  const now = deps.clock.now();
  if (!(await areOnePair(input, deps))) return RESTART;
  const limit = codePerIp(client.ip, deps.config.LIMIT_SCALE, session.userId);
  const [device, context, tried] = await Promise.all([
    deps.codes.spendAttempt(tenant.tenantId, input.preAuthSessionId, session.handle, now),
    sessionContext(input, deps),
    tryAccount({ limit, tenant, client, now }, deps),
  ]);
  if (!tried.allowed) return tooMany(tried.retryAfterMs);
  if (device === undefined || device.purpose === 'change') return RESTART;

  const destined = destine({ ...context, factorId: device.factorId, contact: device.contact });
  if ('refused' in destined) {
    if (destined.refused === 'claim') throw invalidClaim('st-mfa', destined.reason);
    return notAllowed('ERR_CODE_002');
  }

  if (destined.purpose === 'enrol' && tenant.secondFactorNeedsVerifiedEmail) {
    if (!isEmailVerified(context.user, session.recipeUserId)) throw invalidClaim('st-ev', UNVERIFIED);
  }

  const { wrong, left } = await compareCode(device, input.userInputCode, now, deps);
  // Without a guess left nothing was compared, so that nothing is known of the account.
  if (left !== undefined) await tried.settle(wrong === undefined);
  if (wrong !== undefined && left !== undefined) {
    await reportWrongGuess({ user: context.user, tenant, client, factor: device.factorId, left, now }, deps);
  }
  return wrong ?? complete({ ...input, context, device, now }, deps);
}

export type WrongCode = Exclude<ReturnType<typeof compare>, undefined> | GeneralError;

/**
 * Compares a guess whose attempt is spent, once a guess of the user and of the address is spent as well.
 *
 * @returns no `wrong` when it is right; `left`, guesses of the user before a lock, where it was compared.
 */
export async function compareCode(
  device: Device,
  guess: string,
  now: number,
  deps: Pick<ConsumeDeps, 'budgets' | 'keys' | 'log'>,
): Promise<{ readonly wrong?: WrongCode | undefined; readonly left?: number }> {
  const budget = await claimBudgets(device, now, deps);
  if (budget === undefined) return { wrong: RESTART };
  if (!budget.allowed) return { wrong: refusedGuess(budget) };

  const wrong = compare(await deps.keys.secrets(), device, guess, now);
  if (wrong === undefined) reportUse(device, deps);
  return { wrong, left: budget.left };
}

/**
 * Whether the two ids name one device.
 *
 * @throws 400 for somebody else's device beside one's own; a device nobody has is merely unknown.
 */
export async function areOnePair(
  {
    tenant,
    deviceId,
    preAuthSessionId,
  }: {
    readonly tenant: Tenant;
    readonly deviceId: string;
    readonly preAuthSessionId: string;
  },
  { codes }: Pick<ConsumeDeps, 'codes'>,
): Promise<boolean> {
  if (belongsTo(deviceId, preAuthSessionId)) return true;
  if ((await codes.get(tenant.tenantId, preAuthSessionId)) === undefined) return false;
  throw badRequest('deviceId and preAuthSessionId do not belong together');
}

/**
 * Spends one guess of the user and one of the address.
 *
 * @returns undefined when the device was superseded meanwhile: the guesses are given back.
 */
async function claimBudgets(
  device: Device,
  now: number,
  { budgets }: Pick<ConsumeDeps, 'budgets'>,
): Promise<BudgetOutcome | undefined> {
  const mine = userBudget(device.tenantId, device.userId);
  const there = destinationBudget(device);
  const [user, destination] = await Promise.all([budgets.claim(mine, now), budgets.claim(there, now)]);
  const superseded = destination.allowed && device.createdAt <= destination.deadBefore;
  const refusal = [user, destination].find((outcome) => !outcome.allowed);
  if (refusal === undefined && !superseded) return user;
  await Promise.all([
    user.allowed ? budgets.giveBack(mine) : undefined,
    destination.allowed ? budgets.giveBack(there) : undefined,
  ]);
  return refusal;
}
