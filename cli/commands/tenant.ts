import * as v from 'valibot';
import { listTenants, readTenant, writeTenant } from '../../shared/admin/tenants.ts';
import { diffDocuments } from '../../shared/policies/diff.ts';
import { ProtocolError } from '../../shared/protocol-error.ts';
import { agreed } from '../agreed.ts';
import { command } from '../command.ts';
import { readDocument } from '../documents.ts';
import { EXIT } from '../exit-codes.ts';
import { exitOf, findingLines } from '../findings.ts';

const tenantId = v.string();
const tenantArgument = ['<tenantId>', 'id of the tenant'] as const;

const tenantList = command({
  name: 'tenant list',
  summary: 'The tenants, one a line',
  about:
    'A tenant that was written by hand appears within seconds; one from before the table had its stream, when it is used.',
  examples: ['tenant list', 'tenant list --json --profile prod'],
  input: v.object({}),
  run: async (_, { terminal, operator }) => {
    const { tenants } = await listTenants(await operator());
    await terminal.result({ tenants }, () => tenants.join('\n'));
  },
});

const tenantGet = command({
  name: 'tenant get',
  summary: 'The document of a tenant, as tenant put takes it back',
  about: 'Secrets of providers do not leave the table: hasSecret says that there is one, and keeps it when put back.',
  args: [tenantArgument],
  examples: ['tenant get acme > acme.json', 'tenant get acme --json'],
  input: v.object({ tenantId }),
  run: async (input, { terminal, operator }) => {
    const { tenant, findings } = await readTenant(input.tenantId, await operator());
    await terminal.result({ tenantId: input.tenantId, tenant, findings }, () => JSON.stringify(tenant, undefined, 2));
    if (!terminal.isJson) for (const { message } of findings) terminal.warn(message);
  },
});

const tenantPut = command({
  name: 'tenant put',
  summary: 'Creates or replaces a tenant, checked first',
  about:
    'A document with errors is refused and nothing is written. Shows what changes of a tenant that is there, and asks.\n' +
    'Another policy than before is a version as well.',
  args: [tenantArgument, ['<file>', 'the document as JSON; - is stdin']],
  options: [['--reason <text>', 'why; it stands in the version where the policy changes with it']],
  examples: [
    'tenant put acme acme.json',
    'tenant put acme acme.json --yes',
    'tenant get acme | tenant put acme-test -',
  ],
  input: v.object({ tenantId, file: v.string(), reason: v.optional(v.string(), 'the whole tenant was written') }),
  run: async (input, session) => {
    const { terminal } = session;
    const document = await readDocument(input.file, session);
    const operator = await session.operator();
    const { by, target } = operator;
    const { findings } = await writeTenant(
      input.tenantId,
      document,
      operator,
      { by, via: 'cli', reason: input.reason },
      ({ before, after }) =>
        agreed(
          diffDocuments(before, after, { before: 'as stored', after: 'as given' }),
          `Replace the tenant ${input.tenantId} by this at ${target.name}?`,
          session,
        ),
    );
    await terminal.result({ tenantId: input.tenantId, findings }, () => `The tenant ${input.tenantId} is written.`);
    if (!terminal.isJson) for (const { message } of findings) terminal.warn(message);
  },
});

const tenantCheck = command({
  name: 'tenant check',
  summary: 'What is wrong with a tenant, or with any of them',
  about: 'Nobody signs in to a tenant that has an error here. Exit code 2 where there is one.',
  args: [['[tenantId]', 'one tenant; default: every tenant']],
  examples: ['tenant check', 'tenant check acme --json'],
  input: v.object({ tenantId: v.optional(tenantId) }),
  run: async (input, { terminal, operator }) => {
    const ports = await operator();
    const ids = input.tenantId === undefined ? (await listTenants(ports)).tenants : [input.tenantId];
    let worst: ReturnType<typeof exitOf> = EXIT.ok;
    for (const id of ids) {
      const found = await readTenant(id, ports).catch((error: unknown) => {
        // One that was named is an error; of all, one whose item somebody took away is told of and passed over.
        if (input.tenantId !== undefined || !(error instanceof ProtocolError) || error.status !== 404) throw error;
      });
      if (found === undefined) {
        terminal.warn(`The tenant ${id} is in the list and has no item: put it back, or remove it with the API.`);
        continue;
      }
      const { findings } = found;
      if (exitOf(findings) !== EXIT.ok) worst = exitOf(findings);
      const said = findings.length === 0 ? ` ${terminal.paint.green('fine')}` : `\n${findingLines(findings, terminal)}`;
      await terminal.row({ tenantId: id, findings }, () => `${terminal.paint.bold(id)}:${said}`);
    }
    return worst;
  },
});

export const tenantCommands = [tenantList, tenantGet, tenantPut, tenantCheck];
