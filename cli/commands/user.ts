import * as v from 'valibot';
import { endSessions, userSessions } from '../../shared/admin/sessions.ts';
import { findUsers, patchUser, removeUser } from '../../shared/admin/users.ts';
import { isUserId } from '../../shared/dynamo/keys.ts';
import { command, flag, tenantId, tenantOption, whole } from '../command.ts';
import { usage } from '../failure.ts';
import { columns, count, list, plain, time } from '../text.ts';
import { contactOf, nameOf, userArgument, userOf } from '../who.ts';

const PAGE = 100;
const who = v.object({ user: v.string(), tenant: tenantId });

const userFind = command({
  name: 'user find',
  summary: 'Users by e-mail address, phone number or provider; without any, all members of a tenant',
  about: 'With --json one user a line (NDJSON), so that a tenant of any size streams.',
  args: [['[contact]', 'e-mail address, or phone number with its country (+36…)']],
  options: [
    tenantOption,
    ['--third-party <identity>', 'by provider and subject there, such as google|1234'],
    ['--limit <count>', 'at most so many'],
  ],
  examples: [
    'user find anna@example.com',
    'user find --tenant acme --json | jq -r .id',
    "user find --third-party 'google|1234'",
  ],
  input: v.object({
    contact: v.optional(v.string()),
    tenant: tenantId,
    thirdParty: v.optional(v.pipe(v.string(), v.regex(/^[^|]+\|.+$/, 'must be a provider and a subject: google|1234'))),
    limit: v.optional(whole(1, 100_000_000), '100000000'),
  }),
  run: async ({ contact, tenant, thirdParty, limit }, session) => {
    const by = contact === undefined ? {} : contactOf(contact);
    if (by === undefined)
      throw usage(`${contact} is neither an e-mail address nor a phone number with its country (+36…).`);
    const { terminal } = session;
    const operator = await session.operator();
    const query = { tenantId: tenant, ...by, ...(thirdParty === undefined ? {} : { thirdParty }) };
    let left = limit;
    let cursor: string | undefined;
    do {
      const page = await findUsers(
        { ...query, limit: Math.min(PAGE, left), ...(cursor === undefined ? {} : { cursor }) },
        operator,
      );
      for (const user of page.users.slice(0, left)) {
        const address = list([...user.emails, ...user.phoneNumbers]);
        await terminal.row(user, () => columns([[user.id, plain(address), user.status]]));
      }
      left -= page.users.length;
      cursor = 'cursor' in page ? page.cursor : undefined;
    } while (cursor !== undefined && left > 0);
  },
});

const userGet = command({
  name: 'user get',
  summary: 'Everything about one user that an operator may see',
  about: 'Never a password hash, a seed or a code.',
  args: [userArgument],
  options: [tenantOption],
  examples: ['user get anna@example.com', 'user get 3f1c… --json'],
  input: who,
  run: async (input, session) => {
    const user = await userOf(input.user, input.tenant, await session.operator());
    await session.terminal.result({ user }, () => {
      const methods = user.loginMethods.map(({ recipeId, verified, email, phoneNumber }) => {
        const address = email ?? phoneNumber;
        return `${recipeId}${address === undefined ? '' : ` ${address}${verified ? '' : ' (not proven)'}`}`;
      });
      const roles = Object.entries(user.roles).map(([tenant, names]) => `${tenant}: ${names.join(' ')}`);
      return columns([
        ['id', user.id],
        ['status', user.status],
        ['joined', time(user.timeJoined)],
        ['tenants', list(user.tenantIds)],
        ['signs in by', list(methods)],
        ['roles', list(roles)],
        ['own list of factors', list(user.requiredFactors)],
        ['owes after a reset', list(user.owedFactors)],
        ['remembered devices', String(user.devices.length)],
        ['metadata', plain(JSON.stringify(user.metadata))],
      ]);
    });
  },
});

const userSessionsCommand = command({
  name: 'user sessions',
  summary: 'The live sessions of a user, newest first; --end ends them',
  about: 'A session that was ended is not refreshed any more; its access token is good to its end, 15 minutes at most.',
  args: [userArgument],
  options: [tenantOption, ['--end', 'end all of them; the user may sign in again']],
  examples: ['user sessions anna@example.com', 'user sessions anna@example.com --end --yes'],
  input: v.object({ ...who.entries, end: flag }),
  run: async (input, session) => {
    const { terminal } = session;
    const operator = await session.operator();
    const user = await userOf(input.user, input.tenant, operator);
    if (!input.end) {
      const { sessions } = await userSessions(user.id, operator);
      return terminal.result({ userId: user.id, sessions }, () =>
        sessions.length === 0
          ? `${nameOf(user)} has no session.`
          : columns([
              ['session', 'tenant', 'last used', 'ends', 'factors', 'browser'],
              ...sessions.map((one) => [
                one.sessionHandle,
                one.tenantId,
                time(one.lastUsedAt),
                time(one.expiresAt),
                list(Object.keys(one.completed)),
                plain(one.userAgent),
              ]),
            ]),
      );
    }
    await session.confirm(`End every session of ${nameOf(user)} at ${operator.target.name}?`);
    const { ended } = await endSessions(user.id, operator);
    await terminal.result({ userId: user.id, ended }, () => `${count(ended, 'session')} of ${nameOf(user)} ended.`);
  },
});

const setStatus = (status: 'active' | 'disabled', word: 'enable' | 'disable') =>
  command({
    name: `user ${word}`,
    summary: word === 'disable' ? 'Lets a user in no more, and ends every session' : 'Lets a disabled user in again',
    args: [userArgument],
    options: [tenantOption],
    examples: [`user ${word} anna@example.com`, `user ${word} 3f1c… --yes --json`],
    input: who,
    run: async (input, session) => {
      const operator = await session.operator();
      const user = await userOf(input.user, input.tenant, operator);
      if (word === 'disable') await session.confirm(`Disable ${nameOf(user)} at ${operator.target.name}?`);
      await patchUser(user.id, { status }, operator);
      await session.terminal.result({ userId: user.id, status }, () => `${nameOf(user)} is ${status}.`);
    },
  });

const userErase = command({
  name: 'user erase',
  summary: 'Removes a user for good, with everything that hangs on them',
  about: 'Addresses are free again at once. The history of the user stays until it expires. There is no way back.',
  args: [userArgument],
  options: [tenantOption],
  examples: ['user erase anna@example.com', 'user erase 3f1c… --yes'],
  input: who,
  run: async (input, session) => {
    const operator = await session.operator();
    // One that broke off on its way was confirmed then, and is ended.
    if (isUserId(input.user) && (await operator.userAdmin.finishRemoval(input.user))) {
      return session.terminal.result({ userId: input.user, erased: true }, () => `${input.user} is erased.`);
    }
    const user = await userOf(input.user, input.tenant, operator);
    await session.confirm(`Erase ${nameOf(user)} at ${operator.target.name}, for good?`);
    await removeUser(user.id, operator);
    await session.terminal.result({ userId: user.id, erased: true }, () => `${nameOf(user)} is erased.`);
  },
});

export const userCommands = [
  userFind,
  userGet,
  userSessionsCommand,
  setStatus('disabled', 'disable'),
  setStatus('active', 'enable'),
  userErase,
];
