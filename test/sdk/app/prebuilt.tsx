import { createRoot } from 'react-dom/client';
import SuperTokens, { SuperTokensWrapper } from 'supertokens-auth-react';
import EmailPassword from 'supertokens-auth-react/recipe/emailpassword';
import { EmailPasswordPreBuiltUI } from 'supertokens-auth-react/recipe/emailpassword/prebuiltui';
import MultiFactorAuth from 'supertokens-auth-react/recipe/multifactorauth';
import { MultiFactorAuthPreBuiltUI } from 'supertokens-auth-react/recipe/multifactorauth/prebuiltui';
import Multitenancy from 'supertokens-auth-react/recipe/multitenancy';
import Passwordless from 'supertokens-auth-react/recipe/passwordless';
import { PasswordlessPreBuiltUI } from 'supertokens-auth-react/recipe/passwordless/prebuiltui';
import Session, { SessionAuth } from 'supertokens-auth-react/recipe/session';
import { canHandleRoute, getRoutingComponent } from 'supertokens-auth-react/ui';
import { choice } from './choice.ts';
import { Clerks } from './clerks.tsx';
import { Home } from './home.tsx';
import { Stopped } from './stopped.tsx';

const { api, mode, tenant } = choice();
const SCREENS = [EmailPasswordPreBuiltUI, PasswordlessPreBuiltUI, MultiFactorAuthPreBuiltUI];

SuperTokens.init({
  appInfo: { appName: 'SDK proof', apiDomain: api, websiteDomain: location.origin },
  usesDynamicLoginMethods: tenant !== 'public',
  recipeList: [
    EmailPassword.init(),
    Passwordless.init({ contactMethod: 'EMAIL_OR_PHONE', signInUpFeature: { resendEmailOrSMSGapInSeconds: 2 } }),
    MultiFactorAuth.init({ firstFactors: ['emailpassword'] }),
    Multitenancy.init({ override: { functions: (original) => ({ ...original, getTenantId: () => tenant }) } }),
    Session.init({ tokenTransferMethod: mode }),
  ],
});

const own = location.pathname === '/clerks' ? <Clerks /> : <SessionAuth>{<Home />}</SessionAuth>;
const page = canHandleRoute(SCREENS) ? getRoutingComponent(SCREENS) : own;
createRoot(document.querySelector('#root')!).render(
  <Stopped>
    <SuperTokensWrapper>{page}</SuperTokensWrapper>
  </Stopped>,
);
