import * as v from 'valibot';
import { type CarrierDeps, clientOf } from '../../shared/http/carrier.ts';
import { endpoint, ok, perTenant } from '../../shared/http/endpoint.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import { consumeCode, type ConsumeDeps } from '../../shared/otp/consume-code.ts';
import { badRequest } from '../../shared/protocol-error.ts';

const consume = endpoint({
  routes: perTenant('POST', 'signinup/code/consume'),
  access: {
    read: ['tenant', 'role'],
    write: ['code', 'limit', 'user', 'lookup', 'audit'],
    send: ['email'],
    keys: 'open',
  },
  session: 'flag',
  screen: true,
  input: v.object({
    preAuthSessionId: v.string(),
    deviceId: v.optional(v.string()),
    userInputCode: v.optional(v.pipe(v.string(), v.maxLength(32))),
    linkCode: v.optional(v.string()),
    shouldTryLinkingWithSessionUser: v.optional(v.boolean()),
    rememberDevice: v.optional(v.boolean()),
  }),
  run: async ({ input, tenant, session, request }, app: ConsumeDeps & CarrierDeps) => {
    const { deviceId, userInputCode, linkCode, preAuthSessionId } = input;
    if (linkCode !== undefined && (deviceId !== undefined || userInputCode !== undefined)) {
      throw badRequest('give either linkCode or deviceId and userInputCode');
    }
    if (linkCode === undefined && (deviceId === undefined || userInputCode === undefined)) {
      throw badRequest('deviceId and userInputCode are both needed');
    }
    // Codes are bound to the session that asked for them; links are not sent for second factors.
    if (session === undefined || deviceId === undefined || userInputCode === undefined) {
      return ok({ status: 'RESTART_FLOW_ERROR' });
    }
    const outcome = await consumeCode(
      {
        session,
        tenant,
        client: { ...clientOf(request, session.carrier), rememberDevice: input.rememberDevice === true },
        requestId: request.requestId,
        preAuthSessionId,
        deviceId,
        userInputCode: userInputCode.trim(),
      },
      app,
    );
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

export const endpoints = [consume];
