import { createServer, type RequestListener, type Server } from 'node:http';
import { boundPort } from './ports.ts';

export type Listening = {
  readonly port: number;
  /** Ends open connections as well. */
  readonly stop: () => Promise<void>;
};

/**
 * Listens on 127.0.0.1 and, where the machine has it, on ::1, at the same port: `localhost` may mean either.
 *
 * @throws Error with one sentence when the port is taken on one of them.
 */
export async function listenLocally(listener: RequestListener, port: number): Promise<Listening> {
  const v4 = createServer(listener);
  const bound = await bind(v4, port, '127.0.0.1');
  const v6 = createServer(listener);
  const servers = (await hasBound(v6, bound)) ? [v4, v6] : [v4];
  return {
    port: bound,
    stop: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

async function hasBound(v6: Server, port: number): Promise<boolean> {
  try {
    await bind(v6, port, '::1');
    return true;
  } catch (error) {
    if (error instanceof Error && /EADDRNOTAVAIL|EAFNOSUPPORT/.test(codeOf(error.cause))) return false;
    throw error;
  }
}

function bind(server: Server, port: number, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', (cause) => reject(new Error(refusalFor(codeOf(cause), port, host), { cause })));
  server.listen(port, host, () => resolve(boundPort(server)));
  return promise;
}

const codeOf = (cause: unknown): string => (cause instanceof Error && 'code' in cause ? String(cause.code) : '');

function refusalFor(code: string, port: number, host: string): string {
  if (code === 'EADDRINUSE') return `Port ${port} is already in use: set PORT to a free one.`;
  if (code === 'EACCES') return `Port ${port} needs more rights than you have: set PORT to one above 1023.`;
  return `Cannot listen on ${host}, port ${port} (${code}).`;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
