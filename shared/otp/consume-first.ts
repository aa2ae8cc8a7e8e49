import { randomUUID } from 'node:crypto';
import { joinNew, linkByAddress, type LinkDeps } from '../account/link-accounts.ts';
import { reportWrongFirst } from '../account/report-wrong-first.ts';
import { mayEnter } from '../account/sign-in.ts';
import type { Tenant } from '../account/tenant.ts';
import { type Tried, tryAccount, type TryDeps } from '../account/try-account.ts';
import { type LoginMethod, otpMethod, userView, userWith } from '../account/user.ts';
import { destinationBudget, firstCodePerIp, verifyPerIp } from '../limits.ts';
import { carries, type PasswordlessFactor } from '../mfa/factor.ts';
import type { BudgetOutcome, FirstFactorStore, Limit, UserStore } from '../ports.ts';
import { sessionEnded } from '../protocol-error.ts';
import type { Client } from '../session/client.ts';
import { startSession, type StartDeps } from '../session/start.ts';
import { isLink } from './code.ts';
import { compare, type ConsumeOutcome, NOT_NOW, reportUse, RESTART, tooMany } from './consume-outcome.ts';
import { type ConsumeDeps } from './complete-code.ts';
import { areOnePair } from './consume-code.ts';
import type { Device } from './device.ts';
import { isRetired } from './resend-code.ts';
import { notAllowed } from './send-code.ts';
import { sameWay } from './start-first.ts';

export type ConsumeFirstDeps = Pick<ConsumeDeps, 'config' | 'codes' | 'budgets' | 'limits'> &
  StartDeps &
  LinkDeps &
  TryDeps & {
    readonly users: Pick<UserStore, 'byContact' | 'load'>;
    readonly firstFactors: FirstFactorStore;
  };

type Attempt = {
  readonly tenant: Tenant;
  readonly client: Client;
  readonly requestId: string;
  readonly preAuthSessionId: string;
};

/** The code of the browser that asked, or the link of the message, in whichever browser it was opened. */
export type FirstProof = { readonly deviceId: string; readonly userInputCode: string } | { readonly linkCode: string };

/** What was shown to be held, and by which factor. */
type Proved = { readonly device: Device; readonly factor: PasswordlessFactor };

/**
 * Signs in with a code or link, or up: the first one that is used makes the account.
 *
 * Of any number of parallel calls one gets `OK`. A code is counted before it is compared, by its device, by its address
 * and by whom it comes from; a link is 256 bits and is not. Unknown, used, exhausted, superseded and session-bound
 * devices all answer RESTART_FLOW_ERROR. Who is disabled learns it only with a right code, which is used up.
 *
 * @throws 401 when the factor begins no session here any more.
 * @see FDI /signinup/code/consume
 */
export async function consumeFirst(
  attempt: Attempt & { readonly proof: FirstProof },
  deps: ConsumeFirstDeps,
): Promise<ConsumeOutcome> {
  const now = deps.clock.now();
  const { proof } = attempt;
  const outcome =
    'linkCode' in proof
      ? await checkLink({ ...attempt, ...proof }, now, deps)
      : await checkCode({ ...attempt, ...proof }, now, deps);
  if ('status' in outcome) return outcome;
  reportUse(outcome.device, deps);
  return enter({ ...attempt, ...outcome, now }, deps);
}

async function checkCode(
  attempt: Attempt & { readonly deviceId: string; readonly userInputCode: string },
  now: number,
  deps: ConsumeFirstDeps,
): Promise<Proved | ConsumeOutcome> {
  const { tenant, client } = attempt;
  if (!(await areOnePair(attempt, deps))) return RESTART;
  const [device, address] = await Promise.all([
    deps.codes.spendAttempt(tenant.tenantId, attempt.preAuthSessionId, '', now),
    deps.limits.spend(verifyPerIp(client.ip, deps.config.LIMIT_SCALE), now),
  ]);
  if (!address.allowed) return tooMany(address.retryAfterMs);
  if (device === undefined || !carries(device.flowType ?? 'USER_INPUT_CODE', false)) return RESTART;
  if (!sameWay(tenant, device.factorId).includes(device.factorId)) throw sessionEnded();

  const limit = firstCodePerIp(client.ip, deps.config.LIMIT_SCALE, `${tenant.tenantId} ${device.contact}`);
  const guess = await claimGuess({ device, limit, tenant, client, now }, deps);
  if ('status' in guess) return guess;
  const fault = compare(await deps.keys.secrets(), device, attempt.userInputCode, now);
  await Promise.all([
    guess.settle(fault === undefined),
    fault === undefined ? deps.limits.refund(limit, now) : undefined,
  ]);
  if (fault === undefined) return { device, factor: device.factorId };
  await reportWrongFirst({ tenant, client, factor: device.factorId, contact: device.contact }, deps);
  return fault;
}

/** Spends one guess of the address and one of whom it comes from; both or none. */
async function claimGuess(
  about: { device: Device; limit: Limit; tenant: Tenant; client: Client; now: number },
  deps: Pick<ConsumeFirstDeps, 'budgets' | 'limits'> & TryDeps,
): Promise<Extract<Tried, { allowed: true }> | ConsumeOutcome> {
  const { device, limit, now } = about;
  const there = destinationBudget(device);
  const [guess, tried] = await Promise.all([deps.budgets.claim(there, now), tryAccount(about, deps)]);
  const superseded = guess.allowed && device.createdAt <= guess.deadBefore;
  if (guess.allowed && tried.allowed && !superseded) return tried;
  await Promise.all([
    guess.allowed ? deps.budgets.giveBack(there) : undefined,
    tried.allowed ? deps.limits.refund(limit, now) : undefined,
  ]);
  if (!tried.allowed) return tooMany(tried.retryAfterMs);
  return guess.allowed ? RESTART : refusedGuess(guess);
}

const refusedGuess = (refusal: Exclude<BudgetOutcome, { allowed: true }>): ConsumeOutcome =>
  refusal.reason === 'locked'
    ? tooMany(refusal.retryAfterMs)
    : {
        status: 'GENERAL_ERROR',
        message:
          'Codes are switched off for this address after too many wrong ones. Ask for a new message: it has a link.',
      };

async function checkLink(
  attempt: Attempt & { readonly linkCode: string },
  now: number,
  deps: ConsumeFirstDeps,
): Promise<Proved | ConsumeOutcome> {
  const { tenant, client } = attempt;
  const [device, address] = await Promise.all([
    deps.codes.get(tenant.tenantId, attempt.preAuthSessionId),
    deps.limits.spend(verifyPerIp(client.ip, deps.config.LIMIT_SCALE), now),
  ]);
  if (!address.allowed) return tooMany(address.retryAfterMs);
  if (device === undefined || device.purpose !== 'first-factor') return RESTART;
  if (!isLink(await deps.keys.secrets(), device, attempt.linkCode)) return RESTART;
  if (device.attempts >= device.maxAttempts || device.expiresAt <= now || (await isRetired(device, deps))) {
    return RESTART;
  }
  const valid = sameWay(tenant, device.factorId);
  // A link that stood in for a locked code counts as the code.
  const factor = valid.find((id) => id.startsWith('link')) ?? valid[0];
  if (factor === undefined) throw sessionEnded();
  return { device, factor };
}

/** The proof was right: it is used up, and whoever holds the address is let in. */
async function enter(
  right: Attempt & Proved & { readonly now: number },
  deps: ConsumeFirstDeps,
  isAgain = false,
): Promise<ConsumeOutcome> {
  const { tenant, client, requestId, device, factor, now } = right;
  const kind = device.factorId === 'otp-email' ? 'passwordless:email' : 'passwordless:phone';
  const use = { device, requestId, now, budgets: [destinationBudget(device)] };
  const begun = { tenant, client, firstFactor: factor };

  const found = await deps.users.byContact(kind, tenant.tenantId, device.contact);
  if (found === undefined) {
    const method = newMethod(device, now);
    const { recipeUserId } = method;
    const joined = await joinNew({ method, tenant, client, uses: use }, deps);
    if (joined.status === 'JOINED') {
      const tokens = await startSession({ ...begun, user: joined.user, recipeUserId }, deps);
      return { status: 'OK', createdNewRecipeUser: true, user: userView(joined.user), tokens };
    }
    const own = userWith(method);
    const used =
      joined.status === 'ALONE'
        ? await deps.firstFactors.use({ ...use, account: { user: own, method } })
        : joined.status;
    if (used === 'CODE_GONE') return RESTART;
    // The same address by another code in the same moment: its account is there now.
    if (used !== 'OK') return isAgain ? NOT_NOW : enter(right, deps, true);
    const user = await linkByAddress({ user: own, method, tenant, client, firstFactor: factor }, deps);
    const isOwn = user.userId === own.userId;
    const tokens = await startSession({ ...begun, user, recipeUserId, ...(isOwn ? { signedUpAt: now } : {}) }, deps);
    return { status: 'OK', createdNewRecipeUser: true, user: userView(user), tokens };
  }

  const holder = await deps.users.load(found.userId);
  const method = holder === undefined ? undefined : otpMethod(holder, device.factorId, device.contact);
  if (holder === undefined || method === undefined) return NOT_NOW;
  if ((await deps.firstFactors.use(use)) !== 'OK') return RESTART;
  if (!mayEnter(holder, tenant)) return notAllowed('ERR_CODE_003');
  const user = await linkByAddress({ user: holder, method, tenant, client, firstFactor: factor }, deps);
  const tokens = await startSession({ ...begun, user, recipeUserId: method.recipeUserId }, deps);
  return { status: 'OK', createdNewRecipeUser: false, user: userView(user), tokens };
}

const newMethod = ({ factorId, contact, tenantId }: Device, now: number): LoginMethod => ({
  recipeUserId: randomUUID(),
  recipeId: 'passwordless',
  ...(factorId === 'otp-email' ? { email: contact } : { phoneNumber: contact }),
  verified: true,
  timeJoined: now,
  tenantIds: [tenantId],
});
