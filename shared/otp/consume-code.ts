import { randomUUID } from 'node:crypto';
import type { Tenant } from '../account/tenant.ts';
import { isEmailVerified, type LoginMethod, type User, userView, type UserView } from '../account/user.ts';
import { destinationBudget, userBudget, verifyPerIp } from '../limits.ts';
import type { OtpFactor } from '../mfa/factor.ts';
import type { BudgetOutcome, BudgetStore, CodeStore, CompletionStore, LimitStore } from '../ports.ts';
import type { Config } from '../config.ts';
import type { Secrets } from '../keys/secrets.ts';
import { badRequest, invalidClaim, sessionEnded } from '../protocol-error.ts';
import { UNVERIFIED } from '../session/access-token.ts';
import { planAdvance } from '../session/advance.ts';
import { type ContextDeps, type SessionContext, sessionContext } from '../session/context.ts';
import type { Client, IssueDeps, IssuedTokens } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { reportTrust } from '../trusted-devices/report-trust.ts';
import { belongsTo, isCode } from './code.ts';
import { span } from './deliver.ts';
import { destine } from './destination.ts';
import type { Device } from './device.ts';
import { type ReportDeps, reportCompletion } from './report-completion.ts';
import { type GeneralError, notAllowed } from './send-code.ts';

export type ConsumeDeps = ContextDeps &
  IssueDeps &
  ReportDeps & {
    readonly config: Pick<Config, 'LIMIT_SCALE'>;
    readonly codes: CodeStore;
    readonly budgets: BudgetStore;
    readonly limits: LimitStore;
    readonly completions: CompletionStore;
  };

type Attempts = { readonly failedCodeInputAttemptCount: number; readonly maximumCodeInputAttempts: number };

export type ConsumeOutcome =
  | {
      readonly status: 'OK';
      readonly createdNewRecipeUser: boolean;
      readonly user: UserView;
      /** Not part of the body. */
      readonly tokens: IssuedTokens;
    }
  | ({ readonly status: 'INCORRECT_USER_INPUT_CODE_ERROR' | 'EXPIRED_USER_INPUT_CODE_ERROR' } & Attempts)
  | { readonly status: 'RESTART_FLOW_ERROR' }
  | ReturnType<typeof notAllowed>
  | GeneralError;

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
  const [device, context, address] = await Promise.all([
    deps.codes.spendAttempt(tenant.tenantId, input.preAuthSessionId, session.handle, now),
    sessionContext(input, deps),
    deps.limits.spend(verifyPerIp(client.ip, deps.config.LIMIT_SCALE), now),
  ]);
  if (!address.allowed) return tooMany(address.retryAfterMs);
  if (device === undefined || device.purpose === 'change') return RESTART;

  const destined = destine({ ...context, factorId: device.factorId, contact: device.contact });
  if ('refused' in destined) {
    if (destined.refused === 'claim') throw invalidClaim('st-mfa', destined.reason);
    return notAllowed('ERR_CODE_002');
  }

  if (destined.purpose === 'enrol' && tenant.secondFactorNeedsVerifiedEmail) {
    if (!isEmailVerified(context.user, session.recipeUserId)) throw invalidClaim('st-ev', UNVERIFIED);
  }

  const wrong = await compareCode(device, input.userInputCode, now, deps);
  return wrong ?? complete({ ...input, context, device, now }, deps);
}

export type WrongCode =
  | ({ readonly status: 'INCORRECT_USER_INPUT_CODE_ERROR' | 'EXPIRED_USER_INPUT_CODE_ERROR' } & Attempts)
  | typeof RESTART
  | GeneralError;

/**
 * Compares a guess whose attempt is spent, once a guess of the user and of the address is spent as well.
 *
 * @returns undefined when it is right.
 */
export async function compareCode(
  device: Device,
  guess: string,
  now: number,
  deps: Pick<ConsumeDeps, 'budgets' | 'keys'>,
): Promise<WrongCode | undefined> {
  const budget = await claimBudgets(device, now, deps);
  if (budget !== undefined && !budget.allowed) return refusedGuess(budget);
  if (budget === undefined) return RESTART;

  return compare(await deps.keys.secrets(), device, guess, now);
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

export const RESTART = { status: 'RESTART_FLOW_ERROR' } as const;

/** Compares a code whose attempt was spent. @returns undefined when it is right and in time. */
export function compare(secrets: Secrets, device: Device, guess: string, now: number) {
  const isRight = isCode(secrets, device, guess);
  if (isRight && device.expiresAt > now) return undefined;
  if (device.attempts >= device.maxAttempts) return RESTART;
  return {
    status: isRight ? 'EXPIRED_USER_INPUT_CODE_ERROR' : 'INCORRECT_USER_INPUT_CODE_ERROR',
    failedCodeInputAttemptCount: device.attempts,
    maximumCodeInputAttempts: device.maxAttempts,
  } as const;
}

/** Somebody changed the account or its session in the same moment. The code is still good. */
export const NOT_NOW: GeneralError = {
  status: 'GENERAL_ERROR',
  message: "We couldn't check the code right now. Please try again.",
};

export const tooMany = (retryAfterMs: number): GeneralError => ({
  status: 'GENERAL_ERROR',
  message: `Too many attempts. Please try again in ${span(retryAfterMs)}.`,
  retryAfterMs,
});

export const refusedGuess = (refusal: Exclude<BudgetOutcome, { allowed: true }>): GeneralError =>
  refusal.reason === 'locked'
    ? tooMany(refusal.retryAfterMs)
    : { status: 'GENERAL_ERROR', message: 'This factor is disabled after too many attempts. Please contact support.' };

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

interface Right {
  readonly context: SessionContext;
  readonly client: Client;
  readonly device: Device;
  readonly requestId: string;
  readonly now: number;
}

/** The code was right. One transaction; where only the refresh token had moved on, once more from where it is. */
async function complete(right: Right, deps: ConsumeDeps, from?: string): Promise<ConsumeOutcome> {
  const { context, device, client, now } = right;
  const { user, session, tenant } = context;
  const method = newMethod(user, device, now);
  const verifies = user.loginMethods.find(
    ({ recipeId, email, verified }) => recipeId === 'emailpassword' && !verified && email === device.contact,
  );
  const optIn = tenant.optInOnConsume && !user.requiredFactors.includes(device.factorId);
  const after = withCompletion(user, { method, verifies, optIn, factor: device.factorId });
  const advance = await planAdvance(
    { session, tenant, client, user: after, factor: device.factorId, now, ...(from === undefined ? {} : { from }) },
    deps,
  );
  const outcome = await deps.completions.complete({
    device,
    user,
    requestId: right.requestId,
    now,
    session: advance.step,
    ...(method === undefined ? {} : { link: method }),
    ...(verifies === undefined ? {} : { verifies }),
    optIn,
    budgets: [userBudget(device.tenantId, device.userId), destinationBudget(device)],
  });
  switch (outcome.status) {
    case 'OK':
      await reportCompletion({ user, tenant, client, device, now }, { linked: method !== undefined, optIn }, deps);
      await reportTrust(advance.step.device?.change, { user, tenant, client, now }, deps);
      return {
        status: 'OK',
        createdNewRecipeUser: method !== undefined,
        user: userView(after),
        tokens: await advance.tokens(),
      };
    case 'CODE_GONE':
      return RESTART;
    case 'SESSION_GONE':
      throw sessionEnded();
    case 'USER_CHANGED':
      return NOT_NOW;
    case 'CONFLICT':
      deps.log.info('link.conflict', { tenantId: tenant.tenantId, code: outcome.code });
      return notAllowed(outcome.code);
    case 'SESSION_MOVED':
      if (from !== undefined) return NOT_NOW;
      return complete(right, deps, outcome.session.refreshTokenHash);
  }
}

/** The login method this code proves, unless the user has it. A proved address is verified. */
function newMethod(user: User, device: Device, now: number): LoginMethod | undefined {
  const isEmail = device.factorId === 'otp-email';
  const known = user.loginMethods.some(
    ({ recipeId, email, phoneNumber }) =>
      recipeId === 'passwordless' && (isEmail ? email : phoneNumber) === device.contact,
  );
  if (known) return undefined;
  return {
    recipeUserId: randomUUID(),
    recipeId: 'passwordless',
    ...(isEmail ? { email: device.contact } : { phoneNumber: device.contact }),
    verified: true,
    timeJoined: now,
    tenantIds: [device.tenantId],
  };
}

/** The user as the transaction leaves it. */
const withCompletion = (
  user: User,
  change: {
    readonly method: LoginMethod | undefined;
    readonly verifies: LoginMethod | undefined;
    readonly optIn: boolean;
    readonly factor: OtpFactor;
  },
): User => ({
  ...user,
  isPrimary: user.isPrimary || change.method !== undefined,
  version: change.method === undefined ? user.version : user.version + 1,
  loginMethods: [
    ...user.loginMethods.map((own) => (own === change.verifies ? { ...own, verified: true } : own)),
    ...(change.method === undefined ? [] : [change.method]),
  ],
  requiredFactors: change.optIn ? [...user.requiredFactors, change.factor] : user.requiredFactors,
});
