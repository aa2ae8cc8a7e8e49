import { render } from 'preact';
import SuperTokens from 'supertokens-web-js';
import EmailPassword from 'supertokens-web-js/recipe/emailpassword';
import MultiFactorAuth from 'supertokens-web-js/recipe/multifactorauth';
import Passwordless from 'supertokens-web-js/recipe/passwordless';
import Session from 'supertokens-web-js/recipe/session';
import { type App, AppContext } from './app.tsx';
import { speechFor } from './i18n/languages.ts';
import { Outage } from './pages/outage.tsx';
import { NotFound, PAGES } from './pages/pages.ts';
import { Router } from './router.tsx';
import { type Methods, readMethods, statusOf } from './service.ts';
import { paint } from './ui/paint.ts';

const root = document.querySelector('#app')!;
const query = new URLSearchParams(location.search);

/** What can be known of a tenant that does not answer. */
const NOTHING: Methods = { signUpFields: [], passwordMinLength: 8, otpDigits: 6, resendSeconds: 30 };

function appOf(methods: Methods): App {
  const speech = speechFor(query.get('lang'), navigator.languages, methods.branding?.language);
  document.documentElement.lang = speech.language;
  paint(methods.branding?.color);
  return { ...speech, methods, memory: { steps: [], notice: undefined } };
}

function start(methods: Methods): void {
  const app = appOf(methods);
  SuperTokens.init({
    appInfo: { appName: methods.branding?.name ?? 'Stepgate', apiDomain: location.origin, apiBasePath: '/auth' },
    recipeList: [Session.init(), EmailPassword.init(), Passwordless.init(), MultiFactorAuth.init()],
  });
  render(
    <AppContext.Provider value={app}>
      <Router pages={PAGES} otherwise={NotFound} />
    </AppContext.Provider>,
    root,
  );
}

function giveUp(error: unknown): void {
  render(
    <AppContext.Provider value={appOf(NOTHING)}>
      <Outage isUnknownTenant={statusOf(error) === 404} />
    </AppContext.Provider>,
    root,
  );
}

readMethods(query.get('tenantId'), query.get('returnTo')).then(start, giveUp);
