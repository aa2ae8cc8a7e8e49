import SuperTokens from 'supertokens-web-js';
import EmailPassword from 'supertokens-web-js/recipe/emailpassword';
import EmailVerification from 'supertokens-web-js/recipe/emailverification';
import MultiFactorAuth from 'supertokens-web-js/recipe/multifactorauth';
import Multitenancy from 'supertokens-web-js/recipe/multitenancy';
import Passwordless from 'supertokens-web-js/recipe/passwordless';
import Session from 'supertokens-web-js/recipe/session';
import ThirdParty from 'supertokens-web-js/recipe/thirdparty';
import Totp from 'supertokens-web-js/recipe/totp';
import { choice } from './choice.ts';

const { api, mode, tenant } = choice();
const events: string[] = [];

SuperTokens.init({
  appInfo: { appName: 'SDK proof', apiDomain: api },
  recipeList: [
    EmailPassword.init(),
    // Wants a proven address of every session: of an application that asks for one.
    ...(tenant === 'proof' ? [EmailVerification.init()] : []),
    Passwordless.init(),
    ThirdParty.init(),
    MultiFactorAuth.init(),
    Totp.init(),
    Multitenancy.init({ override: { functions: (original) => ({ ...original, getTenantId: () => tenant }) } }),
    Session.init({ tokenTransferMethod: mode, onHandleEvent: ({ action }) => void events.push(action) }),
  ],
});

/** An application's own call, which the SDK intercepts. */
const call = async (path: string, method = 'GET') => {
  const response = await fetch(api + path, { method });
  return { status: response.status, body: await response.json() };
};

const bare = {
  EmailPassword,
  EmailVerification,
  MultiFactorAuth,
  Multitenancy,
  Passwordless,
  Session,
  ThirdParty,
  Totp,
  call,
  events,
};
export type Bare = typeof bare;
Object.assign(window, { bare });
