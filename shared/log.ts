import type { Log } from './ports.ts';

/** One JSON object a line, as Lambda's JSON logging wants it. JSON escapes what could break a line, so no value can forge another entry. */
export const jsonLog: Log = {
  info: (event, fields) => write('INFO', event, fields),
  error: (event, fields) => write('ERROR', event, fields),
};

const write = (level: string, event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
  process.stdout.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, event, ...fields })}\n`);
};
