import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** What goes along from page to page. */
const LASTING = ['tenantId', 'lang', 'returnTo'];

/** Address of a page; tenant, language and return address stay in the query. */
export function href(path: string, extra: Readonly<Record<string, string>> = {}): string {
  const from = new URLSearchParams(location.search);
  const query = new URLSearchParams(extra);
  for (const name of LASTING) {
    const value = from.get(name);
    if (value !== null) query.set(name, value);
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/** Shows another page of ours. `redirect`: the page left behind is not one to come back to. */
export function go(path: string, extra?: Readonly<Record<string, string>>): void {
  history.pushState(null, '', href(path, extra));
  dispatchEvent(new PopStateEvent('popstate'));
}

export function redirect(path: string): void {
  history.replaceState(null, '', href(path));
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Leaves the program: everything in memory is dropped. */
export const restart = (): void => location.assign(href('/'));

export function Router(props: {
  readonly pages: Readonly<Record<string, ComponentType>>;
  readonly otherwise: ComponentType;
}) {
  const [place, setPlace] = useState({ path: location.pathname, visit: 0 });
  useEffect(() => {
    const follow = (): void => setPlace(({ visit }) => ({ path: location.pathname, visit: visit + 1 }));
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const Shown = Object.hasOwn(props.pages, place.path) ? props.pages[place.path]! : props.otherwise;
  return <Shown key={place.visit} />;
}
