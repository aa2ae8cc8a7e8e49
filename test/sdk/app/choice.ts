/** What the test asks this page to be: in the query of the first load, and kept for the SDK's own redirects. */
export interface Choice {
  readonly api: string;
  readonly mode: 'cookie' | 'header';
  readonly tenant: string;
}

export function choice(): Choice {
  const query = new URLSearchParams(location.search);
  if (query.has('api')) localStorage.setItem('choice', query.toString());
  const kept = new URLSearchParams(localStorage.getItem('choice') ?? '');
  return {
    api: kept.get('api') ?? '',
    mode: kept.get('mode') === 'header' ? 'header' : 'cookie',
    tenant: kept.get('tenant') ?? 'public',
  };
}
