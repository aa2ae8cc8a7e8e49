export interface RouteMatch {
  readonly routeKey: string;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Finds the route of a request as API Gateway does: exact, case-sensitive, a trailing slash is another path, a fixed
 * segment wins over `{param}`, which wins over `{proxy+}`.
 *
 * @returns undefined where API Gateway answers 404: also for empty, encoded-slash and dot segments.
 */
export function matchRoute(routes: readonly string[], method: string, path: string): RouteMatch | undefined {
  const segments = path.split('/').slice(1);
  if (
    segments.some((segment) => segment === '' || segment === '.' || segment === '..' || /%2f|%5c|%00|\\/i.test(segment))
  ) {
    return undefined;
  }
  let best: (RouteMatch & { readonly rank: string }) | undefined;
  for (const routeKey of routes) {
    const match = matchOne(routeKey, method, segments);
    if (match !== undefined && (best === undefined || match.rank < best.rank)) best = match;
  }
  return best === undefined ? undefined : { routeKey: best.routeKey, params: best.params };
}

function matchOne(routeKey: string, method: string, segments: readonly string[]) {
  const [routeMethod, pattern = ''] = routeKey.split(' ');
  if (routeMethod !== method) return undefined;
  const parts = pattern.split('/').slice(1);
  const isProxy = parts.at(-1)?.endsWith('+}') === true;
  if (isProxy ? segments.length < parts.length : segments.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  let rank = '';
  for (const [i, part] of parts.entries()) {
    const name = /^\{(\w+)(\+?)\}$/.exec(part);
    if (name === null) {
      if (part !== segments[i]) return undefined;
      rank += '0';
      continue;
    }
    const value = name[2] === '+' ? segments.slice(i).join('/') : segments[i]!;
    const decoded = decode(value);
    if (decoded === undefined) return undefined;
    params[name[1]!] = decoded;
    rank += name[2] === '+' ? '2' : '1';
  }
  return { routeKey, params, rank };
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
