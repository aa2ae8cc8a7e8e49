import { createServer, type Server } from 'node:net';

/** The port a listening server got. */
export function boundPort(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server does not listen on a port.');
  return address.port;
}

/** A port that was free on 127.0.0.1 a moment ago. Another process may take it first, so callers try again. */
export function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const port = boundPort(server);
    server.close(() => resolve(port));
  });
  return promise;
}
