import * as v from 'valibot';
import { TenantSchema } from '../../shared/account/tenant-schema.ts';
import { lintPolicy } from '../../shared/mfa/lint/lint.ts';
import { checkPolicy } from '../../shared/policies/check.ts';
import { BadTable } from '../../shared/policies/table-schema.ts';
import { runTable, type TableOutcome } from '../../shared/policies/table-tests.ts';
import { readTenant } from '../../shared/admin/tenants.ts';
import { command, flag, type Session, tenantId, tenantOption } from '../command.ts';
import { readDocument } from '../documents.ts';
import { EXIT } from '../exit-codes.ts';
import { badInput, usage } from '../failure.ts';
import { exitOf, type Finding, findingLines } from '../findings.ts';
import { policyOf, policyOption } from '../policy-file.ts';
import type { Terminal } from '../terminal.ts';
import { count, list, plain } from '../text.ts';

type Document = Readonly<Record<string, unknown>>;

const offlineOption = [
  '--offline',
  'ask nothing of AWS; a tenant in the file counts, else one that says nothing',
] as const;

const policyValidate = command({
  name: 'policy validate',
  summary: 'What is wrong with a policy, or probably not meant; nothing is written',
  about: 'Exit code 2 where it could not be saved. Each finding has a section in docs/policy-lint.md.',
  args: [policyOption],
  options: [tenantOption, offlineOption],
  examples: ['policy validate policy.json --tenant acme', 'policy validate acme.json --offline --json'],
  input: v.object({ file: v.string(), tenant: tenantId, offline: flag }),
  run: async (input, session) => {
    const { terminal } = session;
    const document = await readDocument(input.file, session);
    const mfaPolicy = policyOf(document);
    const findings = input.offline
      ? await lintAlone(mfaPolicy, document)
      : (await checkPolicy({ tenantId: input.tenant, mfaPolicy }, await session.operator())).findings;
    await terminal.result({ findings }, () =>
      findings.length === 0 ? terminal.paint.green('Nothing is wrong with it.') : summary(findings, terminal),
    );
    return exitOf(findings);
  },
});

const policyTest = command({
  name: 'policy test',
  summary: 'Runs a table of cases against a policy, and says which rules no case meets',
  about:
    'Exit code 2 where a case fails. With --offline nothing is asked of AWS: for a pipeline that has no credentials. How a\n' +
    'table is written: docs/policy-cookbook.md.',
  args: [['<table>', 'the cases, as JSON; - is stdin']],
  options: [
    tenantOption,
    ['--policy <file>', 'the policy, or a tenant with a policy in it (default: the one in force)'],
    offlineOption,
  ],
  examples: [
    'policy test policy.test.json --policy policy.json --offline',
    'policy test policy.test.json --tenant acme --json',
  ],
  input: v.object({ table: v.string(), policy: v.optional(v.string()), tenant: tenantId, offline: flag }),
  run: async (input, session) => {
    const { terminal } = session;
    if (input.offline && input.policy === undefined)
      throw usage('--offline needs --policy: there is none in force to read.');
    const table = await readDocument(input.table, session);
    const given = input.policy === undefined ? {} : await readDocument(input.policy, session);
    const stored = input.offline ? aroundPolicy(given) : await storedTenant(input.tenant, session);
    const mfaPolicy = input.policy === undefined ? stored['mfaPolicy'] : policyOf(given);
    const outcome = await runTable(
      table,
      mfaPolicy,
      input.offline ? stored : { ...stored, tenantId: input.tenant },
    ).catch((error: unknown) => {
      throw error instanceof BadTable ? badInput(`${input.table}: ${error.faults.join('; ')}.`) : error;
    });
    await terminal.result(outcome, () => tableText(outcome, terminal));
    return outcome.failed > 0 ? EXIT.findings : EXIT.ok;
  },
});

const storedTenant = async (id: string, session: Session): Promise<Document> =>
  (await readTenant(id, await session.operator())).tenant;

/** What a tenant's document says beside its policy; a policy by itself has nothing around it. */
function aroundPolicy(document: Document): Document {
  const { mfaPolicy: _, policyState: __, ...rest } = document;
  return policyOf(document) === document ? {} : rest;
}

function tableText({ cases, passed, failed, uncovered }: TableOutcome, { paint }: Terminal): string {
  return [
    ...cases.map(({ name, faults }) =>
      faults.length === 0
        ? `${paint.green('passed')} ${plain(name)}`
        : `${paint.red('failed')} ${plain(name)}${faults.map((fault) => `\n       ${plain(fault)}`).join('')}`,
    ),
    `${passed} passed, ${failed} failed.${uncovered.length === 0 ? ' Every rule is met by a case.' : ''}`,
    ...(uncovered.length === 0 ? [] : [paint.yellow(`No case meets: ${list(uncovered)}.`)]),
  ].join('\n');
}

const summary = (findings: readonly Finding[], terminal: Parameters<typeof findingLines>[1]): string => {
  const [errors, warnings] = ['error', 'warning'].map((level) => findings.filter((one) => one.level === level).length);
  return `${findingLines(findings, terminal)}\n${count(errors ?? 0, 'error')}, ${count(warnings ?? 0, 'warning')}`;
};

/** The tenant around a policy in one document is the one it is checked for. */
async function lintAlone(mfaPolicy: unknown, document: Document): Promise<readonly Finding[]> {
  const tenant = await v.safeParseAsync(TenantSchema, aroundPolicy(document));
  return lintPolicy(mfaPolicy, tenant.success ? tenant.output : {}, { now: Date.now() });
}

export const policyCheckCommands = [policyValidate, policyTest];
