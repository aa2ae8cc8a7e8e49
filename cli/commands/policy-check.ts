import * as v from 'valibot';
import { TenantSchema } from '../../shared/account/tenant-schema.ts';
import { lintPolicy } from '../../shared/mfa/lint/lint.ts';
import { checkPolicy } from '../../shared/policies/check.ts';
import { command, flag, tenantId, tenantOption } from '../command.ts';
import { readDocument } from '../documents.ts';
import { exitOf, type Finding, findingLines } from '../findings.ts';
import { policyOf, policyOption } from '../policy-file.ts';
import { count } from '../text.ts';

export const offlineOption = [
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

const summary = (findings: readonly Finding[], terminal: Parameters<typeof findingLines>[1]): string => {
  const [errors, warnings] = ['error', 'warning'].map((level) => findings.filter((one) => one.level === level).length);
  return `${findingLines(findings, terminal)}\n${count(errors ?? 0, 'error')}, ${count(warnings ?? 0, 'warning')}`;
};

/** The tenant around a policy in one document is the one it is checked for. */
async function lintAlone(mfaPolicy: unknown, document: Readonly<Record<string, unknown>>): Promise<readonly Finding[]> {
  const { mfaPolicy: _, policyState: __, ...rest } = document;
  const tenant = mfaPolicy === document ? undefined : await v.safeParseAsync(TenantSchema, rest);
  return lintPolicy(mfaPolicy, tenant?.success === true ? tenant.output : {}, { now: Date.now() });
}

export const policyCheckCommands = [policyValidate];
