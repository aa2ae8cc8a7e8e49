import * as v from 'valibot';
import { type CarrierDeps, clientOf, newCarrier } from '../../shared/http/carrier.ts';
import { endpoint, perTenant } from '../../shared/http/endpoint.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import type { SendDeps } from '../../shared/otp/send-code.ts';
import { badRequest } from '../../shared/protocol-error.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const resendCode = onDemand(async () => (await import('../../shared/otp/resend-code.ts')).resendCode);
const sendCode = onDemand(async () => (await import('../../shared/otp/send-code.ts')).sendCode);
const resendFirst = onDemand(async () => (await import('../../shared/otp/start-first.ts')).resendFirst);
const startFirst = onDemand(async () => (await import('../../shared/otp/start-first.ts')).startFirst);

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
    const carrier = session?.carrier ?? newCarrier(request);
    const about = { ...input, tenant, client: clientOf(request, carrier) };
    const outcome =
      session === undefined
        ? await startFirst({ ...about, origin: request.headers['origin'] }, app)
        : await sendCode({ ...about, session }, app);
    return outcomeReply(outcome, carrier, request, app.config);
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
    const carrier = session?.carrier ?? newCarrier(request);
    const about = { ...input, tenant, client: clientOf(request, carrier) };
    const outcome =
      session === undefined
        ? await resendFirst({ ...about, origin: request.headers['origin'] }, app)
        : await resendCode({ ...about, session }, app);
    return outcomeReply(outcome, carrier, request, app.config);
  },
});

export const endpoints = [send, resend];
