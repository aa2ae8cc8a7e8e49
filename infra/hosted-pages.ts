import { join } from 'node:path';
import { SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY } from './pages/headers.ts';

/** What `-c hostedPages=true` deploys. */
export const PAGES_DIRECTORY = join(import.meta.dirname, '../dist/pages');

export const PAGES_HEADERS: Readonly<Record<string, string>> = {
  ...SECURITY_HEADERS,
  'strict-transport-security': STRICT_TRANSPORT_SECURITY,
};
