import * as v from 'valibot';
import type { MakeDeps } from '../../shared/backup-codes/make-codes.ts';
import type { UseDeps } from '../../shared/backup-codes/use-code.ts';
import { type CarrierDeps, clientOf } from '../../shared/http/carrier.ts';
import { endpoint, ok } from '../../shared/http/endpoint.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import type { DeviceDeps } from '../../shared/totp/devices.ts';
import type { VerifyDeps } from '../../shared/totp/verify.ts';
import type { ContextDeps } from '../../shared/session/context.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const countBackupCodes = onDemand(
  async () => (await import('../../shared/backup-codes/make-codes.ts')).countBackupCodes,
);
const makeBackupCodes = onDemand(async () => (await import('../../shared/backup-codes/make-codes.ts')).makeBackupCodes);
const useBackupCode = onDemand(async () => (await import('../../shared/backup-codes/use-code.ts')).useBackupCode);
const createDevice = onDemand(async () => (await import('../../shared/totp/devices.ts')).createDevice);
const listDevices = onDemand(async () => (await import('../../shared/totp/devices.ts')).listDevices);
const removeDevice = onDemand(async () => (await import('../../shared/totp/devices.ts')).removeDevice);
const verifyDevice = onDemand(async () => (await import('../../shared/totp/verify.ts')).verifyDevice);
const verifyTotp = onDemand(async () => (await import('../../shared/totp/verify.ts')).verifyTotp);

const read = { read: ['tenant', 'role', 'user'], keys: 'open' } as const;
const change = { read: ['tenant', 'role'], write: ['user', 'audit'], send: ['email'], keys: 'open' } as const;
const check = { ...change, write: ['user', 'audit', 'limit'] } as const;

/** Shown in lists: printable, and not only blanks. */
const deviceName = v.pipe(v.string(), v.maxLength(64), v.regex(/^(?=.*\S)[^\p{C}]+$/u));
const typed = v.pipe(v.string(), v.maxLength(64), v.trim());

const create = endpoint({
  routes: ['POST /auth/totp/device'],
  access: change,
  session: 'required',
  screen: true,
  input: v.object({ deviceName: v.optional(deviceName) }),
  run: async ({ input, tenant, session, request }, app: DeviceDeps) =>
    ok(await createDevice({ ...input, tenant, session, client: clientOf(request, session.carrier) }, app)),
});

const list = endpoint({
  routes: ['GET /auth/totp/device/list'],
  access: read,
  session: 'required',
  screen: true,
  input: v.object({}),
  run: async ({ tenant, session, request }, app: ContextDeps) =>
    ok(await listDevices({ tenant, session, client: clientOf(request, session.carrier) }, app)),
});

const remove = endpoint({
  routes: ['POST /auth/totp/device/remove'],
  access: change,
  session: 'required',
  screen: true,
  input: v.object({ deviceName }),
  run: async ({ input, tenant, session, request }, app: DeviceDeps & CarrierDeps) => {
    const client = clientOf(request, session.carrier);
    return outcomeReply(
      await removeDevice({ ...input, tenant, session, client }, app),
      session.carrier,
      request,
      app.config,
    );
  },
});

const enrol = endpoint({
  routes: ['POST /auth/totp/device/verify'],
  access: check,
  session: 'required',
  screen: true,
  input: v.object({ deviceName, totp: typed, rememberDevice: v.optional(v.boolean()) }),
  run: async ({ input, tenant, session, request }, app: VerifyDeps & CarrierDeps) => {
    const { requestId } = request;
    const client = { ...clientOf(request, session.carrier), rememberDevice: input.rememberDevice === true };
    const outcome = await verifyDevice({ ...input, tenant, session, client, requestId }, app);
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

const verify = endpoint({
  routes: ['POST /auth/totp/verify'],
  access: check,
  session: 'required',
  screen: true,
  input: v.object({ totp: typed, rememberDevice: v.optional(v.boolean()) }),
  run: async ({ input, tenant, session, request }, app: VerifyDeps & CarrierDeps) => {
    const { requestId } = request;
    const client = { ...clientOf(request, session.carrier), rememberDevice: input.rememberDevice === true };
    const outcome = await verifyTotp({ ...input, tenant, session, client, requestId }, app);
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

const makeCodes = endpoint({
  routes: ['POST /auth/mfa/backup-codes'],
  access: change,
  session: 'mfa',
  screen: true,
  input: v.object({}),
  run: async ({ tenant, session, request }, app: MakeDeps) =>
    ok(await makeBackupCodes({ tenant, session, client: clientOf(request, session.carrier) }, app)),
});

const countCodes = endpoint({
  routes: ['GET /auth/mfa/backup-codes'],
  access: read,
  session: 'mfa',
  input: v.object({}),
  run: async ({ tenant, session, request }, app: ContextDeps) =>
    ok(await countBackupCodes({ tenant, session, client: clientOf(request, session.carrier) }, app)),
});

const useCode = endpoint({
  routes: ['POST /auth/mfa/backup-codes/verify'],
  access: check,
  session: 'required',
  screen: true,
  input: v.object({ code: typed }),
  run: async ({ input, tenant, session, request }, app: UseDeps & CarrierDeps) => {
    const { requestId } = request;
    const client = clientOf(request, session.carrier);
    const outcome = await useBackupCode({ ...input, tenant, session, client, requestId }, app);
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

export const endpoints = [create, list, remove, enrol, verify, makeCodes, countCodes, useCode];
