import { render } from 'preact';
import { type App, AppContext } from './app.tsx';
import { ownQuery } from './flow/way-back.ts';
import { speechFor } from './i18n/languages.ts';
import { Outage } from './pages/outage.tsx';
import { loadPage } from './pages/pages.ts';
import { Router } from './router.tsx';
import { type Methods, NO_METHODS, readMethods, statusOf } from './service.ts';
import { paint } from './ui/paint.ts';
import { initSdk } from './sdk.ts';

const root = document.querySelector('#app')!;
const query = ownQuery();

async function appOf(methods: Methods): Promise<App> {
  const speech = await speechFor(query.get('lang'), navigator.languages, methods.branding?.language);
  document.documentElement.lang = speech.language;
  paint(methods.branding?.color);
  return { ...speech, methods, memory: { steps: [], notice: undefined, codes: undefined, change: undefined } };
}

async function start(methods: Methods): Promise<void> {
  const app = await appOf(methods);
  initSdk(methods.branding?.name ?? 'Stepgate');
  render(
    <AppContext.Provider value={app}>
      <Router load={loadPage} broken={() => <Outage isUnknownTenant={false} />} />
    </AppContext.Provider>,
    root,
  );
}

async function giveUp(error: unknown): Promise<void> {
  render(
    <AppContext.Provider value={await appOf(NO_METHODS)}>
      <Outage isUnknownTenant={statusOf(error) === 404} />
    </AppContext.Provider>,
    root,
  );
}

// On its way while the service tells what to show: a failure shows when the page is wanted.
loadPage(location.pathname).catch(() => undefined);
void readMethods(query.get('tenantId'), query.get('returnTo')).then(start, giveUp);
