import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { adminView } from '../../shared/admin/users.ts';
import type { App } from '../../shared/app.ts';
import { importUsers, type ImportOptions, type LineReport } from '../../shared/import/import-users.ts';
import { type Format, readers } from '../../shared/import/readers.ts';
import type { Stepgate } from './stepgate.ts';

/** Google's published sample project. */
export const FIREBASE = {
  signerKey: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
  saltSeparator: 'Bw==',
  rounds: 8,
  memoryCost: 14,
};

export const sample = (name: string) => createReadStream(join(import.meta.dirname, '../import/samples', name));

export const lines = (records: readonly unknown[]): string =>
  records.map((record) => JSON.stringify(record)).join('\n');

export async function* chunked(text: string, size = 7) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

/** Runs an import to its end. @returns its summary, and the lines' reports in order. */
export async function imported(
  app: App,
  source: string | AsyncIterable<Uint8Array | string>,
  about: Partial<ImportOptions> & { readonly format?: Format } = {},
) {
  const { format = 'ndjson', ...options } = about;
  const reports: LineReport[] = [];
  const chunks = typeof source === 'string' ? chunked(source, 4096) : source;
  const summary = await importUsers(
    readers[format](chunks),
    { tenantId: 'public', firebase: FIREBASE, onLine: (report) => void reports.push(report), ...options },
    app,
  );
  return { summary, reports: reports.toSorted((a, b) => a.line - b.line) };
}

/** What an operator sees, without what every user has. */
export async function shownUser(stepgate: Stepgate, id: string) {
  const user = await stepgate.app().users.load(id);
  if (user === undefined) throw new Error(`there is no ${id}`);
  const { loginMethods, status, metadata, roles, requiredFactors, isPrimaryUser, timeJoined, tenantIds } =
    adminView(user);
  const methods = loginMethods.map(({ recipeId, email, phoneNumber, thirdParty, verified }) =>
    [recipeId, thirdParty && `${thirdParty.id}|${thirdParty.userId}`, email, phoneNumber, verified ? 'verified' : '']
      .filter(Boolean)
      .join(' '),
  );
  const apps = (user.totpDevices ?? []).map(({ name }) => name);
  return {
    methods: methods.toSorted(),
    status,
    metadata,
    roles,
    requiredFactors,
    isPrimaryUser,
    timeJoined,
    tenantIds,
    apps,
  };
}
