/** What a link out of a message carries; of one of these kinds at most. */
export interface LinkSecret {
  /** To reset a password, to confirm an address. */
  readonly token?: string;
  /** To sign in: in the fragment, which is never sent anywhere. */
  readonly linkCode?: string;
}

/** Read once, when the program starts; then it is gone from the address bar, the history, and whatever copies them. */
export const linkSecret: LinkSecret = take();

function take(): LinkSecret {
  const query = new URLSearchParams(location.search);
  const token = query.get('token');
  const linkCode = location.pathname === '/verify' ? location.hash.slice(1) : '';
  if (token === null && linkCode === '') return {};
  query.delete('token');
  const rest = query.size === 0 ? '' : `?${query}`;
  history.replaceState(null, '', location.pathname + rest);
  return { ...(token === null ? {} : { token }), ...(linkCode === '' ? {} : { linkCode }) };
}
