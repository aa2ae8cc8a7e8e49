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

export function redirect(path: string, extra?: Readonly<Record<string, string>>): void {
  history.replaceState(null, '', href(path, extra));
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Leaves the program: everything in memory is dropped. */
export const restart = (): void => location.assign(href('/'));

interface Shown {
  readonly visit: number;
  readonly Page: ComponentType;
}

/** The page at the address. The one before stays until the next has been fetched. */
export function Router(props: {
  readonly load: (path: string) => Promise<ComponentType>;
  /** In place of what cannot be fetched. */
  readonly broken: ComponentType;
}) {
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    let latest = 0;
    const follow = (): void => {
      const visit = (latest += 1);
      void props
        .load(location.pathname)
        .catch(() => props.broken)
        .then((Page) => visit === latest && setShown({ visit, Page }));
    };
    follow();
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  return shown === undefined ? null : <shown.Page key={shown.visit} />;
}
