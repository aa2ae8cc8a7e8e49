import * as v from 'valibot';
import { notFound } from '../../shared/protocol-error.ts';
import { listTenants } from '../../shared/admin/tenants.ts';
import { exportTenants } from '../../shared/import/export-users.ts';
import { firebaseParametersIn, firebaseParametersOf } from '../../shared/import/firebase-parameters.ts';
import type { FirebaseParameters } from '../../shared/import/hashes.ts';
import { importUsers, type ImportSummary, type LineReport, type Sourced } from '../../shared/import/import-users.ts';
import { FORMATS, readers } from '../../shared/import/readers.ts';
import { command, flag, type Session, tenantId, tenantOption, whole } from '../command.ts';
import { documentIn } from '../documents.ts';
import { EXIT } from '../exit-codes.ts';
import { badInput, usage } from '../failure.ts';
import { brokenOff, exitOfStop } from '../stopping.ts';
import { count, plain } from '../text.ts';

const importCommand = command({
  name: 'import',
  summary: 'Takes users in, with their hashes, roles, factors and seeds, from this and other systems',
  about:
    'The same file again changes nothing, and a user who is there is not overwritten: after a break, run it again, or\n' +
    'with --resume-after. With --update a user who is there is brought to what the line names: roles, required factors,\n' +
    'metadata, authenticator apps, status. Prints the lines that were refused, changed a user or have a note; with --json\n' +
    'every line (NDJSON), the sums last. Exit code 1 where a line was refused. Nothing of a line is printed but its number,\n' +
    'its id and names: of members, factors, roles and metadata keys.',
  args: [['<file>', 'the users; - is stdin']],
  options: [
    ['--tenant <tenantId>', 'of users that name none (default: public)'],
    ['--format <format>', `${FORMATS.join(', ')} (default: ndjson)`],
    ['--dry-run', 'look at every line and write nothing'],
    ['--update', 'change users who are there; try it with --dry-run first'],
    ['--update-passwords', 'passwords as well, where a line says another one than when it was last imported'],
    ['--resume-after <line>', 'skip so many lines'],
    ['--concurrency <count>', 'lines at the same time (default: 16)'],
    [
      '--firebase-parameters <file>',
      'the password hash parameters of the project, as its console shows them or as JSON',
    ],
  ],
  examples: [
    'import users.ndjson --dry-run',
    'import users.ndjson --update --dry-run',
    'import auth0.json --format auth0 --tenant acme --json > report.ndjson',
    'import firebase.json --format firebase --firebase-parameters parameters.json',
  ],
  input: v.object({
    file: v.string(),
    tenant: tenantId,
    format: v.optional(v.picklist(FORMATS, `must be one of ${FORMATS.join(', ')}`), 'ndjson'),
    dryRun: flag,
    update: flag,
    updatePasswords: flag,
    resumeAfter: v.optional(whole(0, 999_999_999), '0'),
    concurrency: v.optional(whole(1, 64), '16'),
    firebaseParameters: v.optional(v.string()),
  }),
  run: async (input, session) => {
    if (input.updatePasswords && !input.update) throw usage('--update-passwords goes with --update.');
    const firebase =
      input.firebaseParameters === undefined ? undefined : await firebaseOf(input.firebaseParameters, session);
    const source = readers[input.format](session.files.stream(input.file));
    const { tenant, dryRun, update, updatePasswords, resumeAfter, concurrency } = input;
    const options = { tenantId: tenant, dryRun, update, updatePasswords, resumeAfter, concurrency, firebase };
    const summary = await run(source, options, session);
    await session.terminal.row({ summary: { ...summary, dryRun } }, () => sentenceOf(summary, dryRun));
    if (summary.isCutShort) return exitOfStop(session.stopping());
    return summary.refused > 0 ? EXIT.refused : EXIT.ok;
  },
});

/** JSON, or the block of the console as it is pasted. */
async function firebaseOf(path: string, session: Session): Promise<FirebaseParameters> {
  const text = await session.files.read(path);
  const isBlock = /^\s*hash_config\s*\{/.test(text);
  const found = isBlock ? firebaseParametersIn(text) : firebaseParametersOf(documentIn(path, text));
  if (found !== undefined) return found;
  throw badInput(`${path} does not hold signerKey, saltSeparator, rounds and memoryCost of a Firebase project.`);
}

/** Reads no further while a report waits to be printed: a slow reader of ours slows the run and fills no memory. */
async function run(
  source: AsyncIterable<Sourced>,
  options: Omit<Parameters<typeof importUsers>[1], 'onLine' | 'isOver'>,
  session: Session,
): Promise<ImportSummary> {
  const { terminal } = session;
  const operator = await session.operator();
  const stopping = session.stopping();
  const progress = terminal.progress('lines');
  let printed = Promise.resolve();
  let done = 0;
  let isStopped = false;
  /** A stop ends the wait for a line too: whoever writes into the pipe may be slow, or never end. */
  const stopped = new Promise<undefined>((resolve) => stopping.addEventListener('abort', () => resolve(undefined)));
  async function* paced(): AsyncGenerator<Sourced> {
    const lines = source[Symbol.asyncIterator]();
    for (;;) {
      await printed;
      const next = await Promise.race([lines.next(), stopped]);
      isStopped ||= next === undefined;
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  }
  try {
    const summary = await importUsers(
      paced(),
      {
        ...options,
        isOver: () => stopping.aborted,
        onLine: (report) => {
          progress.update((done += 1));
          if (terminal.isJson || isWorthALine(report)) printed = terminal.row(report, () => lineOf(report));
        },
      },
      operator,
    );
    return { ...summary, isCutShort: summary.isCutShort || isStopped };
  } finally {
    progress.stop();
  }
}

const isWorthALine = ({ status, notes = [] }: LineReport): boolean =>
  status === 'refused' || status === 'updated' || notes.length > 0;

const lineOf = ({ line, id, status, reason, changes = [], weaker = [], notes = [] }: LineReport): string =>
  `line ${line}: ${status}${id === undefined ? '' : ` ${plain(id)}`}${[
    ...(reason === undefined ? [] : [reason]),
    ...changes.map((said) => (weaker.includes(said) ? `WEAKER ${said}` : said)),
    ...notes,
  ]
    .map((said) => `\n  ${plain(said)}`)
    .join('')}`;

const sentenceOf = (summary: ImportSummary, dryRun: boolean): string => {
  const { created, updated, unchanged, refused, weaker, resumeAfter, isCutShort, comparedUpTo } = summary;
  const would = dryRun ? ' would be' : '';
  return [
    `${count(created, 'user')}${would} created, ${updated}${would} updated, ${unchanged} unchanged, ${refused} refused.`,
    ...(weaker === 0 ? [] : [`${count(weaker, 'user')}${would} protected less than before: see WEAKER.`]),
    ...(comparedUpTo === undefined ? [] : [`Lines behind ${comparedUpTo} were not held against each other.`]),
    ...(isCutShort ? [`Broken off: go on with --resume-after ${resumeAfter}.`] : []),
  ].join(' ');
};

const exportCommand = command({
  name: 'export',
  summary: 'The users of a tenant, or of all, whole: what import takes back (NDJSON)',
  about:
    'With password hashes, and with the seeds of authenticator apps in the clear: whoever holds the file holds those\n' +
    'factors. It asks before. A file is made for you alone, has its name once it is whole, and is never written over.',
  options: [
    tenantOption,
    ['--all', 'every tenant; each user once'],
    ['--out <file>', 'a new file, in place of stdout'],
  ],
  examples: ['export --tenant acme --out acme.ndjson', 'export --all --yes | age -r … > users.ndjson.age'],
  input: v.object({ tenant: tenantId, all: flag, out: v.optional(v.string()) }),
  run: async (input, session) => {
    const { terminal, files } = session;
    const operator = await session.operator();
    await session.confirm('This writes password hashes, and seeds of authenticator apps in the clear. Go on?');
    const tenantIds = input.all ? (await listTenants(operator)).tenants : [input.tenant];
    if ((await operator.tenantAdmin.read(input.tenant)) === undefined && input.tenant !== 'public')
      throw notFound('unknown tenant');
    const file = input.out === undefined ? undefined : await files.create(input.out);
    const stopping = session.stopping();
    const progress = terminal.progress('users');
    let users = 0;
    try {
      for await (const record of exportTenants(tenantIds, operator)) {
        if (stopping.aborted)
          throw brokenOff(stopping, 'No file was made, and what was printed is not all: start it again.');
        const line = JSON.stringify(record);
        await (file === undefined ? terminal.line(line) : file.line(line));
        progress.update((users += 1));
      }
      await file?.keep();
    } catch (error) {
      await file?.discard();
      throw error;
    } finally {
      progress.stop();
    }
    if (input.out !== undefined)
      await terminal.result({ users, out: input.out }, () => `${count(users, 'user')} in ${input.out}.`);
  },
});

export const transferCommands = [importCommand, exportCommand];
