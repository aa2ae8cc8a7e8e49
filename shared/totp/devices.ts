import { renderSVG } from 'uqr';
import { need, requireFresh, type StillRequired, stillRequired } from '../account/factors.ts';
import type { Tenant } from '../account/tenant.ts';
import { emailsOf, phonesOf } from '../account/user.ts';
import type { Config } from '../config.ts';
import { MAX_TOTP_DEVICES } from '../limits.ts';
import { type NoticeDeps, notify } from '../notices/notify.ts';
import type { GeneralError } from '../otp/send-code.ts';
import type { AuditStore, TotpStore } from '../ports.ts';
import { unavailable } from '../protocol-error.ts';
import { type ContextDeps, type SessionContext, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import { type IssueDeps, type IssuedTokens, renewEpoch } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { enrolmentOf, newSeed, sealSeed, SKEW } from './code.ts';
import type { TotpDevice } from './device.ts';
import { requireSetup } from './setup.ts';

export type DeviceDeps = ContextDeps &
  IssueDeps &
  NoticeDeps & {
    readonly config: Pick<Config, 'TOTP_PERIOD_SECONDS'>;
    readonly totp: TotpStore;
    readonly audit: AuditStore;
  };

type Caller = { readonly session: Session; readonly tenant: Tenant; readonly client: Client };

export type CreateOutcome =
  | {
      readonly status: 'OK';
      readonly deviceName: string;
      readonly secret: string;
      readonly qrCodeString: string;
      /** Ours: the same as a picture. */
      readonly qrCodeSvg: string;
    }
  | { readonly status: 'DEVICE_ALREADY_EXISTS_ERROR' }
  | GeneralError;

/**
 * Begins the enrolment of an authenticator app. It counts for nothing until it has shown a code; begun again under the
 * same name, the earlier beginning is void. The seed is in this reply and nowhere else in the clear.
 *
 * @throws as `requireSetup`; 503 when the account was changed in the same moment.
 * @see FDI /totp/device
 */
export async function createDevice(
  input: Caller & { readonly deviceName?: string | undefined },
  deps: DeviceDeps,
): Promise<CreateOutcome> {
  const { session, tenant } = input;
  const context = await sessionContext(input, deps);
  requireSetup(context);
  const { user } = context;
  const devices = user.totpDevices ?? [];
  const name = input.deviceName ?? freeName(devices);
  if (devices.some((device) => device.name === name && device.verified)) {
    return { status: 'DEVICE_ALREADY_EXISTS_ERROR' };
  }
  if (devices.filter((device) => device.name !== name).length >= MAX_TOTP_DEVICES) return TOO_MANY;

  const now = deps.clock.now();
  const seed = newSeed();
  const period = deps.config.TOTP_PERIOD_SECONDS;
  const sealed = sealSeed(await deps.keys.secrets(), seed, user.userId, name);
  const device: TotpDevice = { name, ...sealed, period, verified: false, lastStep: -1, createdAt: now };
  if (!(await deps.totp.put({ user, handle: session.handle, endOthers: false, now, device }))) throw changed();

  const issuer = tenant.name ?? deps.config.APP_NAME;
  const enrolment = enrolmentOf(seed, { period, issuer, account: emailsOf(user)[0] ?? phonesOf(user)[0] });
  const qrCodeSvg = renderSVG(enrolment.qrCodeString, { pixelSize: 4, border: 4 });
  return { status: 'OK', deviceName: name, ...enrolment, qrCodeSvg };
}

const TOO_MANY: GeneralError = {
  status: 'GENERAL_ERROR',
  message: `You have ${MAX_TOTP_DEVICES} authenticator apps. Please remove one first.`,
};

const changed = () => unavailable('the account was changed meanwhile, please try again');

/** Numbered from how many there are; a number that is taken is passed over. */
function freeName(devices: readonly TotpDevice[]): string {
  const verified = devices.filter((device) => device.verified);
  for (let n = verified.length; ; n += 1) {
    const name = `TOTP Device ${n}`;
    if (!verified.some((device) => device.name === name)) return name;
  }
}

/** @see FDI /totp/device/list */
export async function listDevices(input: Caller, deps: ContextDeps) {
  const { user } = await sessionContext(input, deps);
  const devices = (user.totpDevices ?? []).map(({ name, period, verified }) => ({
    name,
    period,
    skew: SKEW,
    verified,
  }));
  return { status: 'OK' as const, devices };
}

export type RemoveOutcome =
  | {
      readonly status: 'OK';
      readonly didDeviceExist: boolean;
      /** Not part of the body. */
      readonly tokens?: IssuedTokens;
    }
  | StillRequired;

/**
 * Forgets an authenticator app. One that was never verified goes without ceremony; the last one stays where somebody
 * demands it and nothing else of the user's would do.
 *
 * @throws 403 `st-mfa` for a verified one unless the policy is satisfied and a second factor is fresh; 503 when the
 * account was changed in the same moment.
 * @see FDI /totp/device/remove
 */
export async function removeDevice(
  input: Caller & { readonly deviceName: string },
  deps: DeviceDeps,
): Promise<RemoveOutcome> {
  const { session, tenant, client } = input;
  const context = await sessionContext(input, deps);
  const { user } = context;
  const device = user.totpDevices?.find(({ name }) => name === input.deviceName);
  if (device === undefined) return { status: 'OK', didDeviceExist: false };
  if (device.verified) {
    requireFresh(context);
    const still = neededFor(device, context);
    if (still !== undefined) return still;
  }
  const now = deps.clock.now();
  const endOthers = device.verified && tenant.endSessionsOnFactorChange;
  if (!(await deps.totp.remove({ user, handle: session.handle, endOthers, now, device }))) throw changed();
  if (!device.verified) return { status: 'OK', didDeviceExist: true };

  const about = { userId: user.userId, tenantId: tenant.tenantId, at: now };
  await deps.audit.write({ ...about, event: 'factor.removed', details: { factorId: 'totp' } });
  await notify({ user, tenant, event: 'factor.removed', now, client }, deps);
  return {
    status: 'OK',
    didDeviceExist: true,
    ...(endOthers ? { tokens: await renewEpoch(session.payload, user.epoch + 1, deps) } : {}),
  };
}

function neededFor(device: TotpDevice, context: SessionContext): StillRequired | undefined {
  if (context.user.totpDevices?.some((other) => other !== device && other.verified) === true) return undefined;
  const { requiredBy } = need('totp', context);
  return requiredBy.length === 0 ? undefined : stillRequired('totp', requiredBy);
}
