import type { Answer, Browser } from './browser.ts';
import { CLIENT, REDIRECT_URI } from './oidc-provider.ts';
import type { Stepgate } from './stepgate.ts';

export const at = (tenantId: string | undefined, path: string): string =>
  tenantId === undefined ? `/auth/${path}` : `/auth/${tenantId}/${path}`;

/** The provider as an operator configures it: the secret goes in and is sealed. */
export const corp = (issuer: string, more: object = {}) => ({
  thirdPartyId: 'corp',
  name: 'Corp',
  issuer,
  ...CLIENT,
  ...more,
});

export async function configure(stepgate: Stepgate, tenantId: string, document: object): Promise<void> {
  const answer = await stepgate.browser().put(`/admin/tenants/${tenantId}`, document);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

export interface Started {
  readonly url: URL;
  readonly pkceCodeVerifier: string;
  readonly redirectUri: string;
  readonly thirdPartyId: string;
  readonly tenantId: string | undefined;
}

export interface Flow {
  readonly tenantId?: string;
  readonly thirdPartyId?: string;
  readonly redirectUri?: string;
  readonly clientType?: string;
}

export function ask(page: Browser, flow: Flow = {}): Promise<Answer> {
  const { tenantId, thirdPartyId = 'corp', redirectUri = REDIRECT_URI, clientType } = flow;
  const query = new URLSearchParams({
    thirdPartyId,
    redirectURIOnProviderDashboard: redirectUri,
    ...(clientType === undefined ? {} : { clientType }),
  });
  return page.get(`${at(tenantId, 'authorisationurl')}?${query.toString()}`);
}

/** What a front end does before it leaves. */
export async function begin(page: Browser, flow: Flow = {}): Promise<Started> {
  const { body } = await ask(page, flow);
  if (body.status !== 'OK') throw new Error(`no way to the provider: ${JSON.stringify(body)}`);
  const { tenantId, thirdPartyId = 'corp', redirectUri = REDIRECT_URI } = flow;
  return {
    url: new URL(body.urlWithQueryParams),
    pkceCodeVerifier: body.pkceCodeVerifier,
    redirectUri,
    thirdPartyId,
    tenantId,
  };
}

/** What a front end does when it is back. */
export const finish = (
  page: Browser,
  started: Started,
  params: Readonly<Record<string, string>>,
  change: Readonly<Record<string, unknown>> = {},
): Promise<Answer> =>
  page.post(at(started.tenantId, 'signinup'), {
    thirdPartyId: started.thirdPartyId,
    redirectURIInfo: {
      redirectURIOnProviderDashboard: started.redirectUri,
      redirectURIQueryParams: params,
      pkceCodeVerifier: started.pkceCodeVerifier,
    },
    ...change,
  });

export const nonceOf = ({ url }: Started): string => url.searchParams.get('nonce') ?? '';

/** Claims of a token that is good in every respect. */
export const goodClaims = (started: Started, issuer: string, more: object = {}) => ({
  iss: issuer,
  aud: CLIENT.clientId,
  sub: 'somebody',
  nonce: nonceOf(started),
  iat: Math.floor(Date.now() / 1000),
  exp: Math.floor(Date.now() / 1000) + 300,
  ...more,
});
