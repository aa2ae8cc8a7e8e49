import * as v from 'valibot';
import { coverageOf } from '../../shared/admin/coverage.ts';
import { endExemption, exempt } from '../../shared/admin/exemptions.ts';
import { resetFactors } from '../../shared/admin/reset-factors.ts';
import { setFactor } from '../../shared/admin/users.ts';
import { momentOf } from '../../shared/mfa/moment.ts';
import { command, flag, tenantId, tenantOption } from '../command.ts';
import { usage } from '../failure.ts';
import { rate, rateOption } from '../gentle.ts';
import { unlessStopped } from '../stopping.ts';
import { columns, list, time } from '../text.ts';
import { nameOf, userArgument, userOf } from '../who.ts';

const who = v.object({ user: v.string(), tenant: tenantId });
const setRequired = (required: boolean) =>
  command({
    name: required ? 'mfa require' : 'mfa unrequire',
    summary: required
      ? 'Puts a factor on the list of a user: from the next sign-in on it is asked for'
      : 'Takes a factor off the list of a user; what a policy asks for stays',
    about:
      'The owner is told by mail. It counts where the policy reads the list (requireFrom: user), as the default does.',
    args: [userArgument, ['<factor>', 'otp-email, otp-phone or totp']],
    options: [tenantOption],
    examples: [`mfa ${required ? 'require' : 'unrequire'} anna@example.com otp-email`],
    input: v.object({ ...who.entries, factor: v.string() }),
    run: async (input, session) => {
      const operator = await session.operator();
      const found = await userOf(input.user, input.tenant, operator);
      const { user } = await setFactor({ userId: found.id, factorId: input.factor, required }, operator);
      const { requiredFactors } = user;
      await session.terminal.result(
        { userId: user.id, requiredFactors },
        () => `${nameOf(user)} has on the list now: ${list(requiredFactors)}.`,
      );
    },
  });

const WHEN = 'must be a date (2027-01-31) or a time with its offset (2027-01-31T08:00:00Z)';

const mfaExempt = command({
  name: 'mfa exempt',
  summary: 'Spares a user what the policy of a tenant asks, until a date; --end takes it back',
  about:
    'For 366 days at most. What is owed after a password reset is asked all the same. Sessions see it at their next refresh.',
  args: [userArgument],
  options: [
    tenantOption,
    ['--until <date>', 'the end: 2027-01-31, or 2027-01-31T08:00:00Z'],
    ['--reason <text>', 'why; it stands in the history'],
    ['--end', 'the policy asks again, from the next sign-in or refresh on'],
  ],
  examples: [
    "mfa exempt anna@example.com --until 2027-01-31 --reason 'New phone is on its way'",
    'mfa exempt anna@example.com --end',
  ],
  input: v.object({
    ...who.entries,
    until: v.optional(v.pipe(v.string(), v.transform(momentOf), v.number(WHEN))),
    reason: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1, 'is empty'), v.maxLength(500, 'is too long'))),
    end: flag,
  }),
  run: async ({ tenant, until, reason, end, ...input }, session) => {
    const operator = await session.operator();
    const { by } = operator;
    const { id: userId } = await userOf(input.user, tenant, operator);
    if (end) {
      const { user } = await endExemption({ userId, tenantId: tenant, by }, operator);
      return session.terminal.result(
        { userId, tenantId: tenant, exemption: null },
        () => `${nameOf(user)} is asked again.`,
      );
    }
    if (until === undefined || reason === undefined)
      throw usage('--until and --reason belong to an exemption; or give --end.');
    const exemption = { until, reason, by };
    const { user } = await exempt({ userId, tenantId: tenant, exemption }, operator);
    await session.terminal.result(
      { userId, tenantId: tenant, exemption },
      () => `${nameOf(user)} is spared what the policy of ${tenant} asks until ${time(until)}.`,
    );
  },
});

const mfaReset = command({
  name: 'mfa reset',
  summary: 'For an owner who has lost everything: removes every second factor, lock, remembered device and session',
  about:
    'Make sure who it is first, by a way that was agreed on before. Passwords and providers stay; what the policy asks\n' +
    'for is asked for as before, and the next sign-in leads to enrolment. The owner is told by mail.',
  args: [userArgument],
  options: [tenantOption],
  examples: ['mfa reset anna@example.com', 'mfa reset 3f1c… --yes --json'],
  input: who,
  run: async (input, session) => {
    const operator = await session.operator();
    const user = await userOf(input.user, input.tenant, operator);
    await session.confirm(`Remove every second factor of ${nameOf(user)} at ${operator.target.name}?`);
    const { removed } = await resetFactors(user.id, operator);
    await session.terminal.result({ userId: user.id, removed }, () =>
      removed.length === 0
        ? `${nameOf(user)} had no second factor; locks, remembered devices and sessions are gone.`
        : `Removed from ${nameOf(user)}: ${list(removed)}.`,
    );
  },
});

const mfaCoverage = command({
  name: 'mfa coverage',
  summary: 'How many users of a tenant have which factor, and of how many one is asked',
  about: 'Walks all users of the tenant, gently; it changes nothing.',
  options: [tenantOption, rateOption],
  examples: ['mfa coverage --tenant acme', 'mfa coverage --rate 0 --json'],
  input: v.object({ tenant: tenantId, rate }),
  run: async (input, session) => {
    const { terminal } = session;
    const operator = await session.operator();
    const progress = terminal.progress('users');
    const stopping = session.stopping();
    const counted = coverageOf(
      { tenantId: input.tenant, rate: input.rate, onProgress: progress.update, stopping },
      operator,
    ).finally(progress.stop);
    const coverage = await unlessStopped(counted, stopping, 'What was counted is not kept: start it again.');
    await terminal.result({ tenantId: input.tenant, ...coverage }, () => {
      const active = coverage.users - coverage.disabled;
      const of = (n: number) => (active === 0 ? '' : `${((n / active) * 100).toFixed(1)} %`);
      const row = (name: string, n: number) => [name, String(n), of(n)];
      return columns([
        ['users', String(coverage.users), `${coverage.disabled} disabled`],
        ...Object.entries(coverage.setUp).map(([factor, n]) => row(`have ${factor}`, n)),
        row('have no second factor', coverage.withoutAny),
        ...Object.entries(coverage.requiredByOwn).map(([factor, n]) => row(`list ${factor} themselves`, n)),
        row('are asked by the policy', coverage.asked),
        row('  and have to set one up first', coverage.mustEnrol),
      ]);
    });
  },
});

export const mfaCommands = [setRequired(true), setRequired(false), mfaExempt, mfaReset, mfaCoverage];
