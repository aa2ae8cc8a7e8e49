import * as v from 'valibot';
import { type CarrierDeps, clientOf, takeBack, takeDevice } from '../../shared/http/carrier.ts';
import { type Endpoint, endpoint, ok } from '../../shared/http/endpoint.ts';
import { refresh as handleRefresh } from '../../shared/http/refresh.ts';
import type { RefreshDeps } from '../../shared/session/refresh.ts';
import type { ContextDeps } from '../../shared/session/context.ts';
import type { OwnSessionsDeps } from '../../shared/session/own-sessions.ts';
import type { SwitchDeps } from '../../shared/session/switch-tenant.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import type { DeviceStore, TenantStore } from '../../shared/ports.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const endSession = onDemand(async () => (await import('../../shared/session/own-sessions.ts')).endSession);
const listSessions = onDemand(async () => (await import('../../shared/session/own-sessions.ts')).listSessions);
const ownTenants = onDemand(async () => (await import('../../shared/session/own-tenants.ts')).ownTenants);
const switchTenant = onDemand(async () => (await import('../../shared/session/switch-tenant.ts')).switchTenant);
const forgetDevice = onDemand(async () => (await import('../../shared/trusted-devices/own-devices.ts')).forgetDevice);
const listDevices = onDemand(async () => (await import('../../shared/trusted-devices/own-devices.ts')).listDevices);

const access = {
  read: ['tenant', 'role'],
  write: ['user', 'audit'],
  send: ['email'],
  keys: 'open',
} as const;

/** Has no access token to go by: the refresh token is the credential, and names its tenant. */
const refresh: Endpoint<RefreshDeps & CarrierDeps> = {
  routes: ['POST /auth/session/refresh'],
  access,
  caller: 'public',
  screen: false,
  handle: handleRefresh,
};

const signout = endpoint({
  routes: ['POST /auth/signout'],
  access,
  session: 'required',
  anyPolicy: true,
  input: v.object({}),
  run: async ({ session }, app: OwnSessionsDeps & CarrierDeps) => {
    await endSession({ session, handle: session.handle }, app);
    return ok({ status: 'OK' }, takeBack(session.carrier, app.config));
  },
});

const list = endpoint({
  routes: ['GET /auth/sessions'],
  access,
  session: 'mfa',
  input: v.object({}),
  run: async ({ session }, app: OwnSessionsDeps) => ok(await listSessions(session, app)),
});

const revoke = endpoint({
  routes: ['DELETE /auth/sessions/{handle}'],
  access,
  session: 'mfa',
  input: v.object({ handle: v.pipe(v.string(), v.regex(/^[\w-]{36,101}$/)) }),
  run: async ({ input, session }, app: OwnSessionsDeps & CarrierDeps) => {
    const outcome = await endSession({ session, handle: input.handle }, app);
    return ok(outcome, input.handle === session.handle ? takeBack(session.carrier, app.config) : {});
  },
});

const devices = endpoint({
  routes: ['GET /auth/devices'],
  access,
  session: 'mfa',
  input: v.object({}),
  run: async ({ session, tenant, request }, app: ContextDeps) =>
    ok(await listDevices({ session, tenant, client: clientOf(request, session.carrier) }, app)),
});

const forget = endpoint({
  routes: ['DELETE /auth/devices/{id}'],
  access,
  session: 'mfa',
  input: v.object({ id: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)) }),
  run: async ({ input, session }, app: CarrierDeps & { readonly devices: DeviceStore }) => {
    const outcome = await forgetDevice({ session, id: input.id }, app);
    const isOwn = input.id === session.payload['st-device']?.id;
    return ok(outcome, isOwn ? takeDevice(session.carrier, app.config) : {});
  },
});

const tenants = endpoint({
  routes: ['GET /auth/tenants'],
  access,
  session: 'required',
  input: v.object({}),
  run: async ({ session, tenant, request }, app: ContextDeps & { readonly tenants: TenantStore }) =>
    ok(await ownTenants({ session, tenant, client: clientOf(request, session.carrier) }, app)),
});

/** Also of a session that still owes a factor: it takes along what it has completed, and no more. */
const switchTo = endpoint({
  routes: ['POST /auth/session/tenant'],
  access,
  session: 'required',
  input: v.object({ tenantId: v.pipe(v.string(), v.maxLength(63)) }),
  run: async ({ input, session, tenant, request }, app: SwitchDeps & CarrierDeps) => {
    const about = { session, tenant, client: clientOf(request, session.carrier), to: input.tenantId };
    return outcomeReply(await switchTenant(about, app), session.carrier, request, app.config);
  },
});

/** A protected example, and a useful one. Reads nothing but the token. */
const me = endpoint({
  routes: ['GET /me'],
  access,
  session: 'mfa',
  input: v.object({}),
  run: ({ session }) =>
    Promise.resolve(
      ok({
        userId: session.userId,
        tenantId: session.tenantId,
        roles: session.payload['st-role'].v,
        mfa: { completed: session.completed, satisfied: session.satisfied },
      }),
    ),
});

export const endpoints = [refresh, signout, list, revoke, devices, forget, tenants, switchTo, me];
