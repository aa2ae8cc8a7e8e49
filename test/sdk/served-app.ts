import { build } from 'esbuild';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { boundPort } from '../../infra/local/ports.ts';

const APP = join(import.meta.dirname, 'app');

/** The front ends, on an origin of their own: every path is the page, as in an application with client-side routes. */
export async function serveApp() {
  const scripts = await bundle();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const script = scripts.get(pathname);
    response.setHeader('content-type', script === undefined ? 'text/html; charset=utf-8' : 'text/javascript');
    response.end(script ?? pageOf(pathname === '/bare' ? '/bare.js' : '/prebuilt.js'));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    origin: `http://localhost:${boundPort(server)}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bundle(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    entryPoints: [join(APP, 'prebuilt.tsx'), join(APP, 'bare.ts')],
    outdir: APP,
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return new Map(outputFiles.map(({ path, text }) => [path.slice(APP.length), text]));
}

const pageOf = (script: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>SDK proof</title><div id="root"></div><script src="${script}"></script></html>`;
