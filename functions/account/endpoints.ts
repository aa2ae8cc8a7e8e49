import * as v from 'valibot';
import type { UnlinkDeps } from '../../shared/account/unlink.ts';
import { isUserId } from '../../shared/dynamo/keys.ts';
import { type CarrierDeps, clientOf } from '../../shared/http/carrier.ts';
import { endpoint, ok } from '../../shared/http/endpoint.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const listLoginMethods = onDemand(async () => (await import('../../shared/account/unlink.ts')).listLoginMethods);
const unlink = onDemand(async () => (await import('../../shared/account/unlink.ts')).unlink);

const access = { read: ['tenant', 'role'], write: ['user', 'lookup', 'audit'], send: ['email'], keys: 'open' } as const;

const list = endpoint({
  routes: ['GET /auth/account/login-methods'],
  access,
  session: 'mfa',
  input: v.object({}),
  run: async ({ tenant, session, request }, app: UnlinkDeps) =>
    ok(await listLoginMethods({ session, tenant, client: clientOf(request, session.carrier) }, app)),
});

const remove = endpoint({
  routes: ['DELETE /auth/account/login-methods/{recipeUserId}'],
  access,
  session: 'mfa',
  input: v.object({ recipeUserId: v.pipe(v.string(), v.check(isUserId)) }),
  run: async ({ input, tenant, session, request }, app: UnlinkDeps & CarrierDeps) => {
    const client = clientOf(request, session.carrier);
    const outcome = await unlink({ session, tenant, client, recipeUserId: input.recipeUserId }, app);
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

export const endpoints = [list, remove];
