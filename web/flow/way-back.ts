/** What the address of the page said that left for a provider: the provider gives none of it back. */

const KEY = 'stepgate-way-back';

export const rememberWay = (): void => sessionStorage.setItem(KEY, location.search);

/** The query that counts: a provider's own is not ours. */
export const ownQuery = (): URLSearchParams =>
  new URLSearchParams(
    location.pathname.startsWith('/callback/') ? (sessionStorage.getItem(KEY) ?? '') : location.search,
  );

/** Puts our own query in the place of the provider's, whose code is used up. */
export function restoreWay(): void {
  const query = ownQuery();
  sessionStorage.removeItem(KEY);
  history.replaceState(null, '', query.size === 0 ? location.pathname : `${location.pathname}?${query}`);
}
