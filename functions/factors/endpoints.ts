import * as v from 'valibot';
import type { ChangeDeps } from '../../shared/account/factors.ts';
import type { MfaInfoDeps } from '../../shared/account/mfa-info.ts';
import { type CarrierDeps, clientOf } from '../../shared/http/carrier.ts';
import { endpoint, ok } from '../../shared/http/endpoint.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import { isFactorId } from '../../shared/mfa/factor.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const changeFactor = onDemand(async () => (await import('../../shared/account/factors.ts')).changeFactor);
const listFactors = onDemand(async () => (await import('../../shared/account/factors.ts')).listFactors);
const mfaInfo = onDemand(async () => (await import('../../shared/account/mfa-info.ts')).mfaInfo);

const access = { read: ['tenant', 'role'], write: ['user', 'audit'], send: ['email'], keys: 'open' } as const;

const info = endpoint({
  routes: ['PUT /auth/mfa/info'],
  access,
  session: 'required',
  anyPolicy: true,
  screen: true,
  input: v.object({}),
  run: async ({ tenant, session, request }, app: MfaInfoDeps & CarrierDeps) => {
    const outcome = await mfaInfo({ session, tenant, client: clientOf(request, session.carrier) }, app);
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

const list = endpoint({
  routes: ['GET /auth/mfa/factors'],
  access,
  session: 'mfa',
  input: v.object({}),
  run: async ({ tenant, session, request }, app: ChangeDeps) =>
    ok(await listFactors({ session, tenant, client: clientOf(request, session.carrier) }, app)),
});

const change = (method: 'PUT' | 'DELETE', required: boolean) =>
  endpoint({
    routes: [`${method} /auth/mfa/factors/{factorId}`],
    access,
    session: 'mfa',
    input: v.object({ factorId: v.pipe(v.string(), v.check(isFactorId)) }),
    run: async ({ input, tenant, session, request }, app: ChangeDeps & CarrierDeps) => {
      const client = clientOf(request, session.carrier);
      const outcome = await changeFactor({ session, tenant, client, factorId: input.factorId, required }, app);
      return outcomeReply(outcome, session.carrier, request, app.config);
    },
  });

export const endpoints = [info, list, change('PUT', true), change('DELETE', false)];
