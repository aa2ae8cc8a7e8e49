import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll } from 'vitest';
import { functions } from '../../functions/index.ts';
import { boundPort } from '../../infra/local/ports.ts';
import { type App, allPorts } from '../../shared/app.ts';
import { toNode } from '../../shared/http/node.ts';
import type { Browser, Mode } from './browser.ts';
import { browser } from './browser.ts';
import type { Stepgate } from './stepgate.ts';

/**
 * More containers of a service that a test has already: the same table, keys and clock, each with what it has read for
 * itself.
 */
export function useContainers(stepgate: Stepgate, count: number) {
  const apps: App[] = [];
  const servers: Server[] = [];
  const urls: string[] = [];

  beforeAll(async () => {
    for (let i = 0; i < count; i += 1) {
      const log = { info: () => undefined, error: () => undefined };
      const app = allPorts(stepgate.app().config, { clock: stepgate.clock, log });
      const server = createServer(toNode(Object.values(functions).flat(), app));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      apps.push(app);
      servers.push(server);
      urls.push(`http://127.0.0.1:${boundPort(server)}`);
    }
  });
  afterAll(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    for (const app of apps) app.table.db.destroy();
  });

  return {
    url: (container: number): string => urls[container]!,
    /** A front end whose every request is taken by the container that `at` says at the time. */
    page: (mode: Mode, tenantId: string): { readonly page: Browser; readonly at: (container: number) => Browser } => {
      let taking = 0;
      const page = browser('', mode, tenantId, {
        request: (path, init) => fetch(new URL(path instanceof Request ? path.url : path, urls[taking]), init),
      });
      return {
        page,
        at: (container) => {
          taking = container;
          return page;
        },
      };
    },
  };
}
