import { useState } from 'react';
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

function Home() {
  const session = Session.useSessionContext();
  const [me, setMe] = useState('');
  const ask = async () => setMe(await (await fetch(`${api}/me`)).text());
  const leave = async () => {
    await Session.signOut();
    location.assign('/');
  };
  if (session.loading) return null;
  return (
    <main>
      <h1>Home</h1>
      <output id="user">{session.userId}</output>
      <button onClick={() => void ask()}>Who am I</button>
      <output id="me">{me}</output>
      <button onClick={() => void leave()}>Leave</button>
    </main>
  );
}

const page = canHandleRoute(SCREENS) ? getRoutingComponent(SCREENS) : <SessionAuth>{<Home />}</SessionAuth>;
createRoot(document.querySelector('#root')!).render(<SuperTokensWrapper>{page}</SuperTokensWrapper>);
