import { render } from 'preact';
import SuperTokens from 'supertokens-web-js';
import EmailPassword from 'supertokens-web-js/recipe/emailpassword';
import MultiFactorAuth from 'supertokens-web-js/recipe/multifactorauth';
import Passwordless from 'supertokens-web-js/recipe/passwordless';
import Session from 'supertokens-web-js/recipe/session';
import { Code } from './code.tsx';
import { Enrol, Factors } from './factors.tsx';
import type { Methods } from './flow.ts';
import { Page } from './form.tsx';
import { language, t } from './messages.ts';
import { readJson } from './parts.tsx';
import { Settings } from './settings.tsx';
import { SignIn } from './sign-in.tsx';

function App({ methods }: { readonly methods: Methods }) {
  switch (location.pathname) {
    case '/':
      return <SignIn methods={methods} isNew={false} />;
    case '/sign-up':
      return <SignIn methods={methods} isNew />;
    case '/code':
      return <Code methods={methods} />;
    case '/factors':
      return <Factors />;
    case '/enrol':
      return <Enrol />;
    case '/settings':
      return <Settings />;
    case '/denied':
      return (
        <Page title={t.denied}>
          <p>{t.deniedText}</p>
        </Page>
      );
    default:
      return (
        <Page title={t.notFound}>
          <a href="/">{t.signIn}</a>
        </Page>
      );
  }
}

const query = new URLSearchParams(location.search);
const tenant = query.get('tenantId');
const returnTo = query.get('returnTo');
const path = tenant === null ? '/auth/loginmethods' : `/auth/${encodeURIComponent(tenant)}/loginmethods`;
const reply = await fetch(returnTo === null ? path : `${path}?${new URLSearchParams({ returnTo })}`);
document.documentElement.lang = language;
const root = document.querySelector('#app')!;
if (reply.ok) start(await readJson<Methods>(reply));
else render(<Page title={reply.status === 404 ? t.notFound : t.failed}>{null}</Page>, root);

function start(methods: Methods): void {
  SuperTokens.init({
    appInfo: { appName: methods.branding?.name ?? 'Stepgate', apiDomain: location.origin, apiBasePath: '/auth' },
    recipeList: [Session.init(), EmailPassword.init(), Passwordless.init(), MultiFactorAuth.init()],
  });
  render(<App methods={methods} />, root);
}
