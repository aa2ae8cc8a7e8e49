import * as v from 'valibot';
import { type CarrierDeps, clientOf } from '../../shared/http/carrier.ts';
import { endpoint, perTenant } from '../../shared/http/endpoint.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import { resendCode } from '../../shared/otp/resend-code.ts';
import { sendCode, type SendDeps } from '../../shared/otp/send-code.ts';
import { badRequest, sessionEnded } from '../../shared/protocol-error.ts';

const access = {
  read: ['tenant', 'role', 'user'],
  write: ['code', 'limit'],
  send: ['email', 'sms'],
  keys: 'open',
} as const;

const send = endpoint({
  routes: perTenant('POST', 'signinup/code'),
  access,
  session: 'flag',
  screen: true,
  input: v.object({
    email: v.optional(v.string()),
    phoneNumber: v.optional(v.string()),
    shouldTryLinkingWithSessionUser: v.optional(v.boolean()),
  }),
  run: async ({ input, tenant, session, request }, app: SendDeps & CarrierDeps) => {
    if ((input.email === undefined) === (input.phoneNumber === undefined)) {
      throw badRequest('give exactly one of email and phoneNumber');
    }
    // A code as first factor is not offered: the FDI's answer is that of a missing session.
    if (session === undefined) throw sessionEnded();
    const client = clientOf(request, session.carrier);
    const outcome = await sendCode({ ...input, session, tenant, client }, app);
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

const resend = endpoint({
  routes: perTenant('POST', 'signinup/code/resend'),
  access,
  session: 'flag',
  screen: true,
  input: v.object({
    deviceId: v.string(),
    preAuthSessionId: v.string(),
    shouldTryLinkingWithSessionUser: v.optional(v.boolean()),
  }),
  run: async ({ input, tenant, session, request }, app: SendDeps & CarrierDeps) => {
    const carrier = session?.carrier ?? 'header';
    const outcome = await resendCode({ ...input, session, tenant, client: clientOf(request, carrier) }, app);
    return outcomeReply(outcome, carrier, request, app.config);
  },
});

export const endpoints = [send, resend];
