import * as v from 'valibot';
import { checkPolicy } from '../../shared/policies/check.ts';
import { comparePolicies, type Compared } from '../../shared/policies/compare.ts';
import { pretty } from '../../shared/policies/diff.ts';
import { listVersions, readPolicy, readVersion, rollbackPolicy, savePolicy } from '../../shared/policies/versions.ts';
import { agreed, painted } from '../agreed.ts';
import { command, type Session, tenantId, tenantOption, whole } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { exitOf, findingLines } from '../findings.ts';
import type { Operator } from '../operator.ts';
import { policyOption, readPolicyFile } from '../policy-file.ts';
import type { Terminal } from '../terminal.ts';
import { columns, plain, time } from '../text.ts';

const NEWEST = 50;
const version = whole(1, 999_999);
const reason = v.pipe(
  v.string('must say why: it stands in the version for good'),
  v.trim(),
  v.nonEmpty('must say why'),
);
const reasonOption = ['--reason <text>', 'why; it stands in the version for good'] as const;

const policyList = command({
  name: 'policy list',
  summary: 'The versions of a policy, newest first: who, when, why',
  about: 'The first one is in force. With --json one version a line (NDJSON).',
  options: [tenantOption, ['--limit <count>', `the newest so many (default: ${NEWEST})`]],
  examples: ['policy list', 'policy list --tenant acme --limit 5 --json'],
  input: v.object({ tenant: tenantId, limit: v.optional(whole(1, 999_999), String(NEWEST)) }),
  run: async (input, session) => {
    const operator = await session.operator();
    const { terminal } = session;
    let left = input.limit;
    let cursor: string | undefined;
    do {
      const page = await listVersions(
        { tenantId: input.tenant, limit: Math.min(left, 200), ...(cursor === undefined ? {} : { cursor }) },
        operator,
      );
      if (page.active === 0) terminal.note('No version was ever recorded: policy show prints what is in force.');
      for (const one of page.versions) {
        const how = `${one.via}${one.from === undefined ? '' : ` of ${one.from}`}`;
        const what = `${plain(one.by)} (${how}${one.isInvalid === true ? ', has errors' : ''}): ${plain(one.reason)}`;
        await terminal.row({ ...one, active: one.version === page.active }, () =>
          columns([[String(one.version).padStart(6), time(one.at), one.hash, what]]),
        );
      }
      left -= page.versions.length;
      ({ cursor } = page);
    } while (cursor !== undefined && left > 0);
  },
});

const policyShow = command({
  name: 'policy show',
  summary: 'A policy as a document, such as the other commands take it',
  args: [['[version]', 'one of policy list; default: the one in force']],
  options: [tenantOption],
  examples: ['policy show > policy.json', 'policy show 3 --tenant acme'],
  input: v.object({ version: v.optional(version), tenant: tenantId }),
  run: async (input, session) => {
    const operator = await session.operator();
    const { status: _, ...found } =
      input.version === undefined
        ? await readPolicy({ tenantId: input.tenant }, operator)
        : await readVersion({ tenantId: input.tenant, version: input.version }, operator);
    if (found.mfaPolicy === null) session.terminal.note('There is none, and the default holds.');
    await session.terminal.result(found, () => pretty(found.mfaPolicy).trimEnd());
  },
});

const policyDiff = command({
  name: 'policy diff',
  summary: 'What is different between two policies: versions, files, or the one in force',
  about: 'One version is compared with the policy in force; the policy in force is compared with one file.',
  args: [
    ['<before>', 'a version, or a file with a policy; - is stdin'],
    ['[after]', 'the same; default: the policy in force, or the file'],
  ],
  options: [tenantOption],
  examples: ['policy diff policy.json', 'policy diff 3', 'policy diff 3 5 --tenant acme --json'],
  input: v.object({ before: v.string(), after: v.optional(v.string()), tenant: tenantId }),
  run: async (input, session) => {
    const [one, other] = [await comparedOf(input.before, session), await comparedOf(input.after, session)];
    const isFileAlone = input.after === undefined && typeof one !== 'number';
    const [before, after] = isFileAlone ? [undefined, one] : [one, other];
    const { changes, text } = await comparePolicies(
      {
        tenantId: input.tenant,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      },
      await session.operator(),
    );
    await session.terminal.result({ tenantId: input.tenant, changes, text }, () =>
      text === '' ? 'No difference.' : painted(text, session.terminal.paint),
    );
  },
});

const policyActivate = command({
  name: 'policy activate',
  summary: 'Checks a policy, keeps it as a version and puts it in force',
  about:
    'Shows what changes, and asks. It reaches every function within 5 seconds. A policy with errors is refused with\n' +
    'exit code 2; try it on the users that are there with policy simulate first.',
  args: [policyOption],
  options: [
    tenantOption,
    reasonOption,
    ['--if-version <number>', 'only while this version is in force; 0: while there is none'],
  ],
  examples: [
    "policy activate policy.json --reason 'Admins need a code'",
    "policy activate policy.json --tenant acme --reason 'Ticket 512' --if-version 4 --yes --json",
  ],
  input: v.object({
    file: v.string(),
    tenant: tenantId,
    reason,
    ifVersion: v.optional(whole(0, 999_999)),
  }),
  run: async (input, session) => {
    const mfaPolicy = await readPolicyFile(input.file, session);
    const operator = await session.operator();
    const about = { tenantId: input.tenant };
    await mustBeValid(input.tenant, mfaPolicy, operator);
    const { text } = await comparePolicies({ ...about, after: mfaPolicy }, operator);
    await agreed(text, inForce(input.tenant, operator), session);
    const { reason: why, ifVersion } = input;
    const { status: _, ...saved } = await savePolicy(
      { ...about, mfaPolicy, reason: why, ifVersion, by: operator.by, via: 'cli' },
      operator,
    );
    await tellSaved(saved, about.tenantId, session.terminal);
  },
});

const policyRollback = command({
  name: 'policy rollback',
  summary: 'Puts an earlier version in force again, as a version of its own',
  about: 'It is checked as a new one would be: what was valid once need not be today.',
  args: [['<version>', 'one of policy list']],
  options: [tenantOption, reasonOption],
  examples: [
    "policy rollback 3 --reason 'Locked out the night shift'",
    'policy rollback 3 --tenant acme --reason undo --yes',
  ],
  input: v.object({ version, tenant: tenantId, reason }),
  run: async (input, session) => {
    const operator = await session.operator();
    const about = { tenantId: input.tenant };
    const { text } = await comparePolicies({ ...about, after: input.version }, operator);
    await agreed(text, inForce(input.tenant, operator), session);
    const { status: _, ...saved } = await rollbackPolicy(
      { ...about, version: input.version, reason: input.reason, by: operator.by },
      operator,
    );
    await tellSaved(saved, about.tenantId, session.terminal);
  },
});

const inForce = (tenant: string, { target }: Pick<Operator, 'target'>): string =>
  `Put this in force for the tenant ${tenant} at ${target.name}?`;

/** Before anybody is asked about it. @throws CommandFailure with findings where it could not be saved. */
async function mustBeValid(tenant: string, mfaPolicy: unknown, operator: Operator): Promise<void> {
  const { findings } = await checkPolicy({ tenantId: tenant, mfaPolicy }, operator);
  if (exitOf(findings) === EXIT.ok) return;
  throw new CommandFailure({
    exitCode: EXIT.findings,
    code: 'refused',
    message: 'The policy is not valid.',
    findings: findings.filter(({ level }) => level !== 'info'),
  });
}

const tellSaved = (
  saved: Omit<Awaited<ReturnType<typeof savePolicy>>, 'status'>,
  tenant: string,
  terminal: Terminal,
): Promise<void> =>
  terminal.result({ tenantId: tenant, ...saved }, () =>
    [
      saved.changed
        ? `Version ${saved.version} of the policy of ${tenant} is in force.`
        : `This is the policy of ${tenant} already: version ${saved.version}.`,
      ...(saved.findings.length === 0 ? [] : [findingLines(saved.findings, terminal)]),
    ].join('\n'),
  );

async function comparedOf(what: string | undefined, session: Session): Promise<Compared> {
  if (what === undefined) return undefined;
  return /^\d{1,6}$/.test(what) ? Number(what) : readPolicyFile(what, session);
}

export const policyVersionCommands = [policyList, policyShow, policyDiff, policyActivate, policyRollback];
