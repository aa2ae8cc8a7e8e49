import { randomUUID } from 'node:crypto';
import { type LoginMethod, type User, userView } from '../account/user.ts';
import type { Config } from '../config.ts';
import { destinationBudget, userBudget } from '../limits.ts';
import type { OtpFactor } from '../mfa/factor.ts';
import type { BudgetStore, CodeStore, CompletionStore, LimitStore, UserStore } from '../ports.ts';
import { sessionEnded } from '../protocol-error.ts';
import { planAdvance } from '../session/advance.ts';
import type { ContextDeps, SessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { IssueDeps } from '../session/issue.ts';
import { reportTrust } from '../trusted-devices/report-trust.ts';
import { mailboxAccount } from './absorb.ts';
import { type ConsumeOutcome, NOT_NOW, RESTART } from './consume-outcome.ts';
import type { Device } from './device.ts';
import { eventsOf, reportCompletion, type ReportDeps } from './report-completion.ts';
import { notAllowed } from './send-code.ts';

export type ConsumeDeps = ContextDeps &
  IssueDeps &
  ReportDeps & {
    readonly config: Pick<Config, 'LIMIT_SCALE'>;
    readonly users: Pick<UserStore, 'byContact'>;
    readonly codes: CodeStore;
    readonly budgets: BudgetStore;
    readonly limits: LimitStore;
    readonly completions: CompletionStore;
  };

/** A right code in its session. */
export interface Right {
  readonly context: SessionContext;
  readonly client: Client;
  readonly device: Device;
  readonly requestId: string;
  readonly now: number;
}

/** The code was right. One transaction; where only the refresh token had moved on, once more from where it is. */
export async function complete(
  right: Right,
  deps: ConsumeDeps,
  { from, absorbs }: { readonly from?: string; readonly absorbs?: User } = {},
): Promise<ConsumeOutcome> {
  const { context, device, client, now } = right;
  const { user, session, tenant } = context;
  const method = absorbs?.loginMethods[0] ?? newMethod(user, device, now);
  const verifies = user.loginMethods.find(
    ({ recipeId, email, verified }) => recipeId === 'emailpassword' && !verified && email === device.contact,
  );
  const optIn = tenant.optInOnConsume && !user.requiredFactors.includes(device.factorId);
  const changed = { linked: method, optIn };
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
    ...(absorbs === undefined ? {} : { absorbs }),
    ...(verifies === undefined ? {} : { verifies }),
    optIn,
    audit: eventsOf({ user, tenant, device, now }, changed),
    budgets: [userBudget(device.tenantId, device.userId), destinationBudget(device)],
  });
  switch (outcome.status) {
    case 'OK':
      deps.log.info('factor.done', { tenantId: tenant.tenantId, userId: user.userId, factor: device.factorId });
      await reportCompletion({ user, tenant, client, device, now }, changed, deps);
      await reportTrust(advance.step.device?.change, { user, tenant, client, now }, deps);
      return {
        status: 'OK',
        createdNewRecipeUser: method !== undefined && absorbs === undefined,
        user: userView(after),
        tokens: await advance.tokens(),
      };
    case 'CODE_GONE':
      return RESTART;
    case 'SESSION_GONE':
      throw sessionEnded();
    case 'USER_CHANGED':
      return NOT_NOW;
    case 'CONFLICT': {
      const own = absorbs === undefined ? await mailboxAccount(device, outcome.code, deps) : undefined;
      if (own !== undefined) return complete(right, deps, { absorbs: own, ...(from === undefined ? {} : { from }) });
      deps.log.info('link.conflict', { tenantId: tenant.tenantId, code: outcome.code });
      return notAllowed(outcome.code);
    }
    case 'SESSION_MOVED':
      if (from !== undefined) return NOT_NOW;
      return complete(right, deps, {
        from: outcome.session.refreshTokenHash,
        ...(absorbs === undefined ? {} : { absorbs }),
      });
  }
}

/** The login method this code proves, unless the user has it. A proved address is verified. */
export function newMethod(
  user: User,
  device: Pick<Device, 'factorId' | 'contact' | 'tenantId'>,
  now: number,
): LoginMethod | undefined {
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
export const withCompletion = (
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
