import * as v from 'valibot';
import { exportUser } from '../../shared/import/export-users.ts';
import { momentOf } from '../../shared/mfa/moment.ts';
import { explainNow, explainPast } from '../../shared/policies/explain.ts';
import { command, flag, tenantId, tenantOption, whole } from '../command.ts';
import { columns, plain, time } from '../text.ts';
import { userArgument, userOf } from '../who.ts';

const who = v.object({ user: v.string(), tenant: tenantId });
const MOMENT = 'must be a date (2027-01-31) or a time with its offset (2027-01-31T08:00:00Z)';
const moment = v.optional(v.pipe(v.string(), v.transform(momentOf), v.number(MOMENT)));

const userExplain = command({
  name: 'user explain',
  summary: 'What a user would be asked at a sign-in now, and why; --past: what was decided',
  about:
    'Now: on a device nobody remembers, every rule with the facts it reads. --past: the decisions of the last 90 days,\n' +
    'newest first; with --json one a line (NDJSON). Contacts are masked.',
  args: [userArgument],
  options: [
    tenantOption,
    ['--past', 'what was decided, in place of what would be'],
    ['--from <date>', 'with --past: since then'],
    ['--to <date>', 'with --past: until then'],
    ['--limit <count>', 'with --past: the newest so many (default: 50)'],
  ],
  examples: ['user explain anna@example.com', 'user explain anna@example.com --past --from 2027-01-31 --json'],
  input: v.object({
    ...who.entries,
    past: flag,
    from: moment,
    to: moment,
    limit: v.optional(whole(1, 100_000), '50'),
  }),
  run: async (input, session) => {
    const { terminal } = session;
    const operator = await session.operator();
    const { id: userId } = await userOf(input.user, input.tenant, operator);
    if (!input.past) {
      const { status: _, ...found } = await explainNow({ userId, tenantId: input.tenant }, operator);
      return terminal.result(found, () =>
        [
          plain(found.sentence),
          columns([
            ['rule', 'matched', 'because', 'facts'],
            ...found.because.map(({ ruleId, matched, reason, mode, facts }) => [
              ruleId,
              matched ? 'yes' : 'no',
              mode === 'observe' ? `${reason} (observes)` : reason,
              plain(JSON.stringify(facts)),
            ]),
          ]),
        ].join('\n\n'),
      );
    }
    const span = {
      ...(input.from === undefined ? {} : { from: input.from }),
      ...(input.to === undefined ? {} : { to: input.to }),
    };
    let left = input.limit;
    let cursor: string | undefined;
    do {
      const page = await explainPast(
        { userId, tenantId: input.tenant, ...span, limit: left, ...(cursor === undefined ? {} : { cursor }) },
        operator,
      );
      for (const one of page.decisions) {
        await terminal.row(one, () => columns([[time(one.at), plain(one.sentence)]]));
      }
      left -= page.decisions.length;
      cursor = 'cursor' in page ? page.cursor : undefined;
    } while (cursor !== undefined && left > 0);
  },
});

const userExport = command({
  name: 'user export',
  summary: 'Everything that is held about one person, to be handed to that person, as JSON',
  about: 'Personal data; no hash, seed or token among it. For whole users that an import takes back: stepgate export.',
  args: [userArgument],
  options: [tenantOption],
  examples: ['user export anna@example.com > anna.json'],
  input: who,
  run: async (input, session) => {
    const operator = await session.operator();
    const user = await userOf(input.user, input.tenant, operator);
    const { status: _, ...held } = await exportUser(user.id, operator);
    await session.terminal.result(held, () => JSON.stringify(held, undefined, 2));
  },
});

export const userInsightCommands = [userExplain, userExport];
