import { join } from 'node:path';
import { PACKAGE_ROOT } from './package-root.ts';
import { SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY } from './pages/headers.ts';

/** What `-c hostedPages=true` deploys. */
export const PAGES_DIRECTORY = join(PACKAGE_ROOT, 'dist/pages');

export const PAGES_HEADERS: Readonly<Record<string, string>> = {
  ...SECURITY_HEADERS,
  'strict-transport-security': STRICT_TRANSPORT_SECURITY,
};
