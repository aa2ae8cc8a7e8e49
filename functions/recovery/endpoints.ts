import * as v from 'valibot';
import { FormFields } from '../../shared/account/form-fields.ts';
import { type CarrierDeps, clientOf } from '../../shared/http/carrier.ts';
import { endpoint, perTenant } from '../../shared/http/endpoint.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import type { SendDeps } from '../../shared/otp/send-code.ts';
import type { ChangePasswordDeps } from '../../shared/recovery/change-password.ts';
import type { ConfirmDeps } from '../../shared/recovery/confirm-change.ts';
import type { ChangeKind } from '../../shared/recovery/contact-methods.ts';
import { NOT_ME_MAX_LENGTH } from '../../shared/notices/not-me-token.ts';
import type { NotMeDeps } from '../../shared/recovery/not-me.ts';
import type { RequestResetDeps } from '../../shared/recovery/request-reset.ts';
import type { ResetDeps } from '../../shared/recovery/reset-password.ts';
import type { RevertDeps } from '../../shared/recovery/revert-change.ts';
import type { VerifyDeps } from '../../shared/recovery/verify-email.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const changePassword = onDemand(async () => (await import('../../shared/recovery/change-password.ts')).changePassword);
const confirmChange = onDemand(async () => (await import('../../shared/recovery/confirm-change.ts')).confirmChange);
const notMe = onDemand(async () => (await import('../../shared/recovery/not-me.ts')).notMe);
const requestChange = onDemand(async () => (await import('../../shared/recovery/request-change.ts')).requestChange);
const requestReset = onDemand(async () => (await import('../../shared/recovery/request-reset.ts')).requestReset);
const resetPassword = onDemand(async () => (await import('../../shared/recovery/reset-password.ts')).resetPassword);
const revertChange = onDemand(async () => (await import('../../shared/recovery/revert-change.ts')).revertChange);
const requestVerification = onDemand(
  async () => (await import('../../shared/recovery/verify-email.ts')).requestVerification,
);
const verificationState = onDemand(
  async () => (await import('../../shared/recovery/verify-email.ts')).verificationState,
);
const verifyEmail = onDemand(async () => (await import('../../shared/recovery/verify-email.ts')).verifyEmail);

const access = {
  read: ['tenant', 'role'],
  write: ['user', 'lookup', 'member', 'token', 'limit', 'audit'],
  send: ['email'],
  keys: 'open',
} as const;

/** These send codes, and are throttled as what sends codes. */
const sending = {
  read: ['tenant', 'role', 'user'],
  write: ['code', 'limit'],
  send: ['email', 'sms'],
  keys: 'open',
} as const;

const Token = v.pipe(v.string(), v.maxLength(200));
const Password = v.pipe(v.string(), v.maxLength(10_000));

const resetToken = endpoint({
  routes: perTenant('POST', 'user/password/reset/token'),
  access,
  session: 'none',
  screen: true,
  input: v.object({ formFields: FormFields }),
  run: async ({ input, tenant, request }, app: RequestResetDeps & CarrierDeps) => {
    const client = clientOf(request, 'header');
    const { origin } = request.headers;
    const outcome = await requestReset({ tenant, client, formFields: input.formFields, origin }, app);
    return outcomeReply(outcome, 'header', request, app.config);
  },
});

const reset = endpoint({
  routes: perTenant('POST', 'user/password/reset'),
  access,
  session: 'none',
  screen: true,
  input: v.object({ token: Token, formFields: FormFields }),
  run: async ({ input, tenant, request }, app: ResetDeps & CarrierDeps) => {
    const outcome = await resetPassword({ ...input, tenant, client: clientOf(request, 'header') }, app);
    return outcomeReply(outcome, 'header', request, app.config);
  },
});

const change = endpoint({
  routes: ['POST /auth/user/password/change'],
  access,
  session: 'mfa',
  screen: true,
  input: v.object({ currentPassword: Password, newPassword: Password }),
  run: async ({ input, tenant, session, request }, app: ChangePasswordDeps & CarrierDeps) => {
    const client = clientOf(request, session.carrier);
    const outcome = await changePassword({ ...input, session, tenant, client }, app);
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

const verifyToken = endpoint({
  routes: ['POST /auth/user/email/verify/token'],
  access,
  session: 'required',
  screen: true,
  input: v.object({}),
  run: async ({ tenant, session, request }, app: VerifyDeps & CarrierDeps) => {
    const client = clientOf(request, session.carrier);
    const outcome = await requestVerification({ session, tenant, client, origin: request.headers['origin'] }, app);
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

const verify = endpoint({
  routes: perTenant('POST', 'user/email/verify'),
  access,
  session: 'optional',
  screen: true,
  input: v.object({ token: Token }),
  run: async ({ input, tenant, session, request }, app: VerifyDeps & CarrierDeps) => {
    const carrier = session?.carrier ?? 'header';
    const outcome = await verifyEmail({ ...input, session, tenant, client: clientOf(request, carrier) }, app);
    return outcomeReply(outcome, carrier, request, app.config);
  },
});

const isVerified = endpoint({
  routes: ['GET /auth/user/email/verify'],
  access,
  session: 'required',
  input: v.object({}),
  run: async ({ tenant, session, request }, app: VerifyDeps & CarrierDeps) => {
    const outcome = await verificationState({ session, tenant, client: clientOf(request, session.carrier) }, app);
    return outcomeReply(outcome, session.carrier, request, app.config);
  },
});

const contactChange = (kind: ChangeKind, field: 'email' | 'phoneNumber') =>
  endpoint({
    routes: [`POST /auth/account/${kind}`],
    access: sending,
    session: 'mfa',
    screen: true,
    input: v.pipe(
      v.object({ email: v.optional(v.string()), phoneNumber: v.optional(v.string()) }),
      v.check((body) => body[field] !== undefined),
    ),
    run: async ({ input, tenant, session, request }, app: SendDeps & CarrierDeps) => {
      const client = clientOf(request, session.carrier);
      const outcome = await requestChange({ session, tenant, client, kind, value: input[field] ?? '' }, app);
      return outcomeReply(outcome, session.carrier, request, app.config);
    },
  });

const contactProof = (kind: ChangeKind) =>
  endpoint({
    routes: [`POST /auth/account/${kind}/confirm`],
    access: { ...access, write: [...access.write, 'code'] },
    session: 'mfa',
    screen: true,
    input: v.object({
      deviceId: v.string(),
      preAuthSessionId: v.string(),
      userInputCode: v.pipe(v.string(), v.trim(), v.maxLength(32)),
    }),
    run: async ({ input, tenant, session, request }, app: ConfirmDeps & CarrierDeps) => {
      const client = clientOf(request, session.carrier);
      const { requestId, headers } = request;
      const outcome = await confirmChange(
        { ...input, kind, session, tenant, client, requestId, origin: headers['origin'] },
        app,
      );
      return outcomeReply(outcome, session.carrier, request, app.config);
    },
  });

const revert = endpoint({
  routes: perTenant('POST', 'account/revert'),
  access,
  session: 'none',
  screen: true,
  input: v.object({ token: Token }),
  run: async ({ input, tenant, request }, app: RevertDeps & CarrierDeps) => {
    const outcome = await revertChange({ ...input, tenant, client: clientOf(request, 'header') }, app);
    return outcomeReply(outcome, 'header', request, app.config);
  },
});

const disown = endpoint({
  routes: perTenant('POST', 'account/not-me'),
  access,
  session: 'none',
  screen: true,
  input: v.object({ token: v.pipe(v.string(), v.maxLength(NOT_ME_MAX_LENGTH)) }),
  run: async ({ input, tenant, request }, app: NotMeDeps & CarrierDeps) => {
    const outcome = await notMe({ ...input, tenant, client: clientOf(request, 'header') }, app);
    return outcomeReply(outcome, 'header', request, app.config);
  },
});

export const endpoints = [
  resetToken,
  reset,
  change,
  verifyToken,
  verify,
  isVerified,
  contactChange('email', 'email'),
  contactChange('phone', 'phoneNumber'),
  contactProof('email'),
  contactProof('phone'),
  revert,
  disown,
];
