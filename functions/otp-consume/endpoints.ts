import * as v from 'valibot';
import { type CarrierDeps, clientOf, newCarrier } from '../../shared/http/carrier.ts';
import { endpoint, ok, perTenant } from '../../shared/http/endpoint.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import { type ConsumeDeps } from '../../shared/otp/complete-code.ts';
import type { ConsumeFirstDeps, FirstProof } from '../../shared/otp/consume-first.ts';
import { badRequest } from '../../shared/protocol-error.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const consumeCode = onDemand(async () => (await import('../../shared/otp/consume-code.ts')).consumeCode);
const consumeFirst = onDemand(async () => (await import('../../shared/otp/consume-first.ts')).consumeFirst);

/** @throws 400 unless it is one proof, whole. */
function proofOf(input: {
  readonly deviceId?: string | undefined;
  readonly userInputCode?: string | undefined;
  readonly linkCode?: string | undefined;
}): FirstProof {
  const { deviceId, userInputCode, linkCode } = input;
  if (linkCode !== undefined && (deviceId !== undefined || userInputCode !== undefined)) {
    throw badRequest('give either linkCode or deviceId and userInputCode');
  }
  if (linkCode !== undefined) return { linkCode };
  if (deviceId === undefined || userInputCode === undefined) {
    throw badRequest('deviceId and userInputCode are both needed');
  }
  return { deviceId, userInputCode: userInputCode.trim() };
}

const consume = endpoint({
  routes: perTenant('POST', 'signinup/code/consume'),
  access: {
    read: ['tenant', 'role'],
    write: ['code', 'limit', 'user', 'lookup', 'member', 'audit'],
    send: ['email'],
    keys: 'open',
  },
  session: 'flag',
  screen: true,
  input: v.object({
    preAuthSessionId: v.string(),
    deviceId: v.optional(v.string()),
    userInputCode: v.optional(v.pipe(v.string(), v.maxLength(32))),
    linkCode: v.optional(v.pipe(v.string(), v.maxLength(128))),
    shouldTryLinkingWithSessionUser: v.optional(v.boolean()),
    rememberDevice: v.optional(v.boolean()),
  }),
  run: async ({ input, tenant, session, request }, app: ConsumeDeps & ConsumeFirstDeps & CarrierDeps) => {
    const { preAuthSessionId } = input;
    const carrier = session?.carrier ?? newCarrier(request);
    const about = { tenant, client: clientOf(request, carrier), requestId: request.requestId, preAuthSessionId };
    const proof = proofOf(input);
    if (session === undefined) {
      return outcomeReply(await consumeFirst({ ...about, proof }, app), carrier, request, app.config);
    }
    // Links are first factors: with a session there is none to be used.
    if ('linkCode' in proof) return ok({ status: 'RESTART_FLOW_ERROR' });
    const client = { ...about.client, rememberDevice: input.rememberDevice === true };
    return outcomeReply(await consumeCode({ ...about, ...proof, session, client }, app), carrier, request, app.config);
  },
});

export const endpoints = [consume];
