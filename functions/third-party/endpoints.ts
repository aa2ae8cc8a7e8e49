import * as v from 'valibot';
import { type CarrierDeps, clientOf, newCarrier } from '../../shared/http/carrier.ts';
import { type Endpoint, endpoint, perTenant } from '../../shared/http/endpoint.ts';
import { parseForm } from '../../shared/http/form.ts';
import type { CorsDeps } from '../../shared/http/cors.ts';
import { browserOf, type OauthCookieConfig, rememberBrowser } from '../../shared/http/oauth-cookie.ts';
import { outcomeReply } from '../../shared/http/outcome.ts';
import { badRequest } from '../../shared/protocol-error.ts';
import type { AuthoriseDeps } from '../../shared/third-party/authorise.ts';
import type { SignInUpDeps } from '../../shared/third-party/sign-in-up.ts';
import { onDemand } from '../../shared/http/on-demand.ts';

const authorisationUrl = onDemand(async () => (await import('../../shared/third-party/authorise.ts')).authorisationUrl);
const appleReturn = onDemand(async () => (await import('../../shared/third-party/redirect.ts')).appleReturn);
const signInUp = onDemand(async () => (await import('../../shared/third-party/sign-in-up.ts')).signInUp);

type CookieDeps = { readonly config: OauthCookieConfig };

const access = {
  read: ['tenant', 'role'],
  write: ['oauth', 'user', 'lookup', 'member', 'limit', 'audit'],
  send: ['email'],
  keys: 'open',
} as const;

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));

const authorise = endpoint({
  routes: perTenant('GET', 'authorisationurl'),
  access,
  session: 'none',
  screen: true,
  input: v.object({
    thirdPartyId: text(64),
    redirectURIOnProviderDashboard: text(500),
    clientType: v.optional(text(64)),
  }),
  run: async ({ input, tenant, request }, app: AuthoriseDeps & CarrierDeps & CookieDeps) => {
    const { thirdPartyId, clientType, redirectURIOnProviderDashboard: redirectUri } = input;
    const { browser, cookies } = rememberBrowser(request, app.config);
    const outcome = await authorisationUrl(
      { tenant, thirdPartyId, clientType, redirectUri, browser, ip: request.ip },
      app,
    );
    const reply = outcomeReply(outcome, newCarrier(request), request, app.config);
    return outcome.status === 'OK' ? { ...reply, cookies } : reply;
  },
});

const RedirectInfo = v.object({
  redirectURIOnProviderDashboard: text(500),
  redirectURIQueryParams: v.pipe(v.record(text(64), v.pipe(v.string(), v.maxLength(8192))), v.maxEntries(20)),
  pkceCodeVerifier: v.optional(v.pipe(v.string(), v.maxLength(128)), ''),
});

const signinup = endpoint({
  routes: perTenant('POST', 'signinup'),
  access,
  session: 'flag',
  screen: true,
  input: v.object({
    thirdPartyId: text(64),
    clientType: v.optional(text(64)),
    redirectURIInfo: v.optional(RedirectInfo),
    oAuthTokens: v.optional(v.unknown()),
    shouldTryLinkingWithSessionUser: v.optional(v.boolean()),
  }),
  run: async ({ input, tenant, session, request }, app: SignInUpDeps & CarrierDeps & CookieDeps) => {
    // A token that somebody hands in was made for somebody: who brought it here cannot be told.
    if (input.oAuthTokens !== undefined) throw badRequest('oAuthTokens are not accepted: send redirectURIInfo');
    const info = input.redirectURIInfo;
    if (info === undefined) throw badRequest('redirectURIInfo is missing or malformed');
    const carrier = session?.carrier ?? newCarrier(request);
    const outcome = await signInUp(
      {
        tenant,
        session,
        client: clientOf(request, carrier),
        requestId: request.requestId,
        thirdPartyId: input.thirdPartyId,
        clientType: input.clientType,
        redirectUri: info.redirectURIOnProviderDashboard,
        params: info.redirectURIQueryParams,
        codeVerifier: info.pkceCodeVerifier,
        browser: browserOf(request, app.config),
      },
      app,
    );
    return outcomeReply(outcome, carrier, request, app.config);
  },
});

/**
 * Apple answers with a form post, which no front end can read: it goes on to the front end's own page.
 *
 * Nothing is read of the request but the form, and nothing is begun: what travels on is worth nothing without the PKCE
 * verifier of the page that asked. No tenant is named, so the page has to be of an origin that `public` lists.
 */
const appleCallback: Endpoint<CorsDeps> = {
  routes: ['POST /auth/callback/apple'],
  access: { read: ['tenant'] },
  caller: 'public',
  screen: false,
  crossSite: true,
  handle: async (request, { tenants, config }) => {
    const origins = (await tenants.get('public'))?.allowedOrigins ?? [];
    const location = await appleReturn(parseForm(request), { origins, publicUrl: config.PUBLIC_URL });
    if (location === undefined) throw badRequest('the state names no page that is allowed');
    return { status: 303, body: undefined, headers: { location } };
  },
};

export const endpoints = [authorise, signinup, appleCallback];
