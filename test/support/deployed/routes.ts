import type { DeployedRoute } from './template.ts';

export interface Match {
  readonly route: DeployedRoute;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * The route that API Gateway would choose: a fixed segment before `{name}` before `{name+}`, from left to right, then
 * the method itself before `ANY`, then `$default`. A slash at the end is another path; `{name+}` needs something to hold.
 */
export function findRoute(routes: readonly DeployedRoute[], method: string, path: string): Match | undefined {
  const matches = routes.flatMap((route) => {
    const [expected, pattern = ''] = route.routeKey.split(' ');
    if (route.routeKey === '$default') return [{ route, params: {}, rank: '9' }];
    if (expected !== method && expected !== 'ANY') return [];
    const params = paramsOf(pattern, path);
    return params === undefined ? [] : [{ route, params, rank: rank(pattern) + (expected === 'ANY' ? '1' : '0') }];
  });
  return matches.toSorted((a, b) => a.rank.localeCompare(b.rank))[0];
}

function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const source = pattern.split('/').map((segment) => {
    const [, name, greedy] = /^\{(\w+)(\+?)\}$/.exec(segment) ?? [];
    if (name === undefined) return segment.replaceAll(/[^\w-]/g, String.raw`\$&`);
    return greedy === '+' ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`;
  });
  const found = new RegExp(`^${source.join('/')}$`).exec(path);
  if (found === null) return undefined;
  return Object.fromEntries(
    Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
  );
}

/** One digit per segment, smaller first. */
const rank = (pattern: string): string =>
  pattern
    .split('/')
    .map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0'))
    .join('');
