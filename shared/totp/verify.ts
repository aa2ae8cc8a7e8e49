import type { Tenant } from '../account/tenant.ts';
import type { User } from '../account/user.ts';
import { type Mark, marks } from '../notices/marks.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { AuditStore, TotpProof } from '../ports.ts';
import { badRequest } from '../protocol-error.ts';
import { completeFactor, type CompleteDeps } from '../second-factor/complete.ts';
import { type Attempts, claimGuess, type GuessDeps, type GuessRefusal } from '../second-factor/guess.ts';
import { reportWrongGuess } from '../second-factor/report-guess.ts';
import { type ContextDeps, type SessionContext, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { IssuedTokens } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { stepOfDevice } from './code.ts';
import type { TotpDevice } from './device.ts';
import { requireSetup } from './setup.ts';

export type VerifyDeps = ContextDeps & GuessDeps & CompleteDeps & NoticeDeps & { readonly audit: AuditStore };

interface Typed {
  readonly session: Session;
  readonly tenant: Tenant;
  readonly client: Client;
  readonly requestId: string;
  readonly totp: string;
}

type Refused = ({ readonly status: 'INVALID_TOTP_ERROR' } & Attempts) | GuessRefusal;
/** `tokens` are not part of the body. */
type Passed = { readonly status: 'OK'; readonly tokens: IssuedTokens };

/**
 * Completes the session's second factor with the code of any of the user's authenticator apps.
 *
 * A guess is spent before a code is looked at. A time step is good once per app: of any number of parallel calls with
 * one code, one gets `OK`; a code that was used is as wrong as any other.
 *
 * @throws 400 where the tenant does not offer the factor.
 * @see FDI /totp/verify
 */
export async function verifyTotp(typed: Typed, deps: VerifyDeps): Promise<Passed | Refused> {
  const context = await sessionContext(typed, deps);
  if (!typed.tenant.secondFactors.includes('totp')) throw badRequest('this factor is not offered');
  const devices = (context.user.totpDevices ?? []).filter((device) => device.verified);
  const optIn = wantsOptIn(context);
  const now = deps.clock.now();
  const outcome = await check(typed, context, { devices, optIn, now }, deps);
  if (outcome.status === 'OK') await report(typed, context, { now, changes: optIn ? [enabled(now)] : [] }, deps);
  return outcome;
}

/**
 * Completes the enrolment of an app, and the session's second factor with it: always by a code of that app, also where
 * the app was verified before.
 *
 * @throws as `requireSetup`.
 * @see FDI /totp/device/verify
 */
export async function verifyDevice(
  typed: Typed & { readonly deviceName: string },
  deps: VerifyDeps,
): Promise<
  (Passed & { readonly wasAlreadyVerified: boolean }) | Refused | { readonly status: 'UNKNOWN_DEVICE_ERROR' }
> {
  const context = await sessionContext(typed, deps);
  requireSetup(context);
  const { user } = context;
  const device = user.totpDevices?.find(({ name }) => name === typed.deviceName);
  if (device === undefined) return { status: 'UNKNOWN_DEVICE_ERROR' };
  const optIn = wantsOptIn(context);
  const now = deps.clock.now();
  const outcome = await check(typed, context, { devices: [device], optIn, now }, deps);
  if (outcome.status !== 'OK') return outcome;
  const added = { event: 'factor.added', mark: marks.app(device) } as const;
  const changes = [...(device.verified ? [] : [added]), ...(optIn ? [enabled(now)] : [])];
  await report(typed, context, { now, changes }, deps);
  return { ...outcome, wasAlreadyVerified: device.verified };
}

const wantsOptIn = ({ tenant, user }: SessionContext): boolean =>
  tenant.optInOnConsume && !user.requiredFactors.includes('totp');

interface Change {
  readonly event: 'factor.added' | 'factor.enabled';
  readonly mark: Mark;
}

const enabled = (now: number): Change => ({ event: 'factor.enabled', mark: marks.factor('totp', true, now) });

/** One audit event for each thing that changed, and one notice for all of it. */
async function report(
  { client }: Typed,
  { user, tenant }: SessionContext,
  { now, changes }: { readonly now: number; readonly changes: readonly Change[] },
  deps: VerifyDeps,
): Promise<void> {
  const [first] = changes;
  if (first === undefined) return;
  const about = { userId: user.userId, tenantId: tenant.tenantId, at: now, details: { factorId: 'totp' } };
  await Promise.all(changes.map(({ event }) => deps.audit.write({ ...about, event })));
  const told = changes.map(({ mark }) => mark);
  await notify({ user, tenant, event: first.event, now, client, told }, deps);
}

async function check(
  typed: Typed,
  context: SessionContext,
  { devices, optIn, now }: { readonly devices: readonly TotpDevice[]; readonly optIn: boolean; readonly now: number },
  deps: VerifyDeps,
): Promise<Passed | Refused> {
  const { user } = context;
  const guess = await claimGuess({ ...typed, now }, deps);
  if (!guess.allowed) return guess.refusal;
  const wrong = { status: 'INVALID_TOTP_ERROR' as const, ...guess.attempts };
  const secrets = await deps.keys.secrets();
  // Every app is looked at, whichever it was.
  const [right] = devices.flatMap((device): readonly TotpProof[] => {
    const step = stepOfDevice(secrets, user.userId, device, typed.totp, now);
    return step === undefined ? [] : [{ device, step }];
  });
  await guess.settle(right !== undefined);
  if (right === undefined) {
    const { tenant, client } = typed;
    await reportWrongGuess({ user, tenant, client, factor: 'totp', left: guess.left, now }, deps);
    return wrong;
  }
  const outcome = await completeFactor(
    {
      context,
      client: typed.client,
      requestId: typed.requestId,
      now,
      factor: 'totp',
      proof: { totp: right },
      after: withStep(user, right, optIn),
      optIn,
    },
    deps,
  );
  return outcome.status === 'CODE_GONE' ? wrong : outcome;
}

/** The user as the transaction leaves it. */
const withStep = (user: User, { device, step }: TotpProof, optIn: boolean): User => ({
  ...user,
  totpDevices: (user.totpDevices ?? []).map((own) =>
    own === device ? { ...own, verified: true, lastStep: step } : own,
  ),
  requiredFactors: optIn ? [...user.requiredFactors, 'totp'] : user.requiredFactors,
});
