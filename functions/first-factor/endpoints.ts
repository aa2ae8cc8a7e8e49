import * as v from 'valibot';
import { FormFields } from '../../shared/account/form-fields.ts';
import type { SignInDeps } from '../../shared/account/sign-in.ts';
import type { SignUpByMailDeps } from '../../shared/account/sign-up-by-mail.ts';
import { type CarrierDeps, clientOf, newCarrier } from '../../shared/http/carrier.ts';
import { endpoint, ok, perTenant } from '../../shared/http/endpoint.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const linkPassword = onDemand(async () => (await import('../../shared/account/sign-in.ts')).linkPassword);
const signIn = onDemand(async () => (await import('../../shared/account/sign-in.ts')).signIn);

const contactExists = onDemand(async () => (await import('../../shared/account/exists.ts')).contactExists);
const loginMethods = onDemand(async () => (await import('../../shared/account/login-methods.ts')).loginMethods);
const addPassword = onDemand(async () => (await import('../../shared/account/sign-up.ts')).addPassword);
const signUp = onDemand(async () => (await import('../../shared/account/sign-up.ts')).signUp);

const Form = v.object({
  formFields: FormFields,
  shouldTryLinkingWithSessionUser: v.optional(v.boolean()),
});

const access = {
  read: ['tenant', 'role'],
  write: ['user', 'lookup', 'member', 'limit', 'audit'],
  send: ['email'],
  keys: 'open',
} as const;

const signup = endpoint({
  routes: perTenant('POST', 'signup'),
  access: { ...access, write: [...access.write, 'token'] },
  session: 'flag',
  screen: true,
  input: Form,
  run: async ({ input, tenant, session, request }, app: SignInDeps & SignUpByMailDeps & CarrierDeps) => {
    const carrier = session?.carrier ?? newCarrier(request);
    const { origin } = request.headers;
    const about = { tenant, client: clientOf(request, carrier), formFields: input.formFields };
    const outcome = await (session === undefined
      ? signUp({ ...about, origin }, app)
      : addPassword({ ...about, session }, app));
    return outcomeReply(outcome, carrier, request, app.config);
  },
});

const signin = endpoint({
  routes: perTenant('POST', 'signin'),
  access,
  session: 'flag',
  screen: true,
  input: Form,
  run: async ({ input, tenant, session, request }, app: SignInDeps & CarrierDeps) => {
    const carrier = session?.carrier ?? newCarrier(request);
    const about = { tenant, client: clientOf(request, carrier), formFields: input.formFields };
    const outcome = await (session === undefined ? signIn(about, app) : linkPassword({ ...about, session }, app));
    return outcomeReply(outcome, carrier, request, app.config);
  },
});

const exists = endpoint({
  routes: perTenant('GET', 'emailpassword/email/exists'),
  access,
  session: 'none',
  input: v.object({ email: v.string() }),
  run: async ({ input, tenant, request }, app: SignInDeps) =>
    ok(await contactExists({ tenant, kind: 'emailpassword:email', contact: input.email, ip: request.ip }, app)),
});

/** The older name, one for both recipes: `rid` says which is meant. @see wire.md §2.2 */
const olderEmailExists = endpoint({
  routes: perTenant('GET', 'signup/email/exists'),
  access,
  session: 'none',
  input: v.object({ email: v.string() }),
  run: async ({ input, tenant, request }, app: SignInDeps) => {
    const kind = request.headers['rid'] === 'passwordless' ? 'passwordless:email' : 'emailpassword:email';
    return ok(await contactExists({ tenant, kind, contact: input.email, ip: request.ip }, app));
  },
});

const codeEmailExists = endpoint({
  routes: perTenant('GET', 'passwordless/email/exists'),
  access,
  session: 'none',
  input: v.object({ email: v.string() }),
  run: async ({ input, tenant, request }, app: SignInDeps) =>
    ok(await contactExists({ tenant, kind: 'passwordless:email', contact: input.email, ip: request.ip }, app)),
});

const codePhoneExists = endpoint({
  routes: [...perTenant('GET', 'passwordless/phonenumber/exists'), ...perTenant('GET', 'signup/phonenumber/exists')],
  access,
  session: 'none',
  input: v.object({ phoneNumber: v.string() }),
  run: async ({ input, tenant, request }, app: SignInDeps) =>
    ok(await contactExists({ tenant, kind: 'passwordless:phone', contact: input.phoneNumber, ip: request.ip }, app)),
});

const methods = endpoint({
  routes: perTenant('GET', 'loginmethods'),
  access,
  session: 'none',
  input: v.object({ clientType: v.optional(v.string()), returnTo: v.optional(v.string()) }),
  run: async ({ input, tenant }, app: SignInDeps) => ok(await loginMethods(tenant, input, app)),
});

export const endpoints = [signup, signin, exists, olderEmailExists, codeEmailExists, codePhoneExists, methods];
