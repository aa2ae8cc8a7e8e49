import type { Config } from '../../shared/config.ts';
import { localEdge } from './edge.ts';
import type { LocalSettings } from './settings.ts';
import type { Watched } from './adoption.ts';

/**
 * The service itself, with its keys and the sample data: every endpoint, and those that anybody may call, with two
 * sample routes of somebody's own API among them.
 *
 * Imported late, when the environment says where AWS is.
 */
export async function loadService(
  config: Config,
  { hasSample, country, ...watched }: Pick<LocalSettings, 'hasSample' | 'country'> & Watched,
) {
  const [
    { allPorts },
    { functions },
    { toNode },
    { seedKeys, seedSample },
    { exampleEndpoints },
    { keepRotating },
    { keepAdopting },
  ] = await Promise.all([
    import('../../shared/app.ts'),
    import('../../functions/index.ts'),
    import('../../shared/http/node.ts'),
    import('./sample.ts'),
    import('./example.ts'),
    import('./rotation.ts'),
    import('./adoption.ts'),
  ]);
  const edge = localEdge(country);
  const app = allPorts({ ...config, ...edge.config });
  await (hasSample ? seedSample(app) : seedKeys(app));
  const endpoints = [...Object.values(functions).flat(), ...exampleEndpoints(app)];
  const open = endpoints.filter(({ caller }) => caller === 'public');
  keepRotating(app);
  keepAdopting(app, watched);
  return { whole: edge.inFrontOf(toNode(endpoints, app)), open: edge.inFrontOf(toNode(open, app)) };
}
