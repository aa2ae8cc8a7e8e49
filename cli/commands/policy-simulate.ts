import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { costOf } from '../../shared/policies/cost.ts';
import { policyHash } from '../../shared/policies/hash.ts';
import { type SimulatedUser, simulateAll, type Summary } from '../../shared/policies/simulate.ts';
import { isIP } from 'node:net';
import { momentOf } from '../../shared/mfa/moment.ts';
import { command, flag, price, type Session, tenantId, tenantOption, whole } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { rate, rateOption } from '../gentle.ts';
import { readPolicyFile } from '../policy-file.ts';
import { keepState } from '../simulation-state.ts';
import { unlessStopped } from '../stopping.ts';
import type { Terminal } from '../terminal.ts';
import { columns, list, plain } from '../text.ts';

const moment = v.pipe(
  v.string(),
  v.transform((text) => momentOf(text)),
  v.number('must be a date (2027-01-31, midnight UTC) or a time with its offset (2027-01-31T08:00:00+01:00)'),
);

const address = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0, 'must be an address such as 203.0.113.7'),
);

const policySimulate = command({
  name: 'policy simulate',
  summary: 'What a policy would do to the users that are there: asked, must enrol, locked out, messages and their cost',
  about:
    'Puts each user of the tenant through a sign-in that does not happen, by the evaluator of sign-in itself. Prints the\n' +
    'users for whom something changes or is wrong, then the sums; with --json a line each (NDJSON), the sums last. Exit\n' +
    'code 2 when anybody would be locked out. Without a file: the policy in force.',
  args: [['[file]', 'the policy as JSON, or a tenant with a policy in it; - is stdin']],
  options: [
    tenantOption,
    rateOption,
    ['--all', 'print every user'],
    ['--state <file>', 'remember in this file how far it came, and go on from there'],
    ['--at <time>', 'when they sign in: a date, or a time with its offset from UTC (default: now)'],
    ['--ip <address>', 'where from (default: nowhere that a rule knows)'],
    ['--user-agent <text>', 'by which browser (default: none that a rule knows)'],
    ['--email-usd <price>', 'price of a mail (default: 0.0001)'],
    ['--sms-usd <price>', 'price of a text message, of each part of a long one'],
    ['--sign-ins <count>', 'sign-ins a user makes in a day (default: 1)'],
    ['--remembered <percent>', 'how many of these on devices that were remembered (default: 0)'],
  ],
  examples: [
    'policy simulate policy.json --tenant acme',
    'policy simulate policy.json --rate 0 --state run.json --json > users.ndjson',
    'policy simulate policy.json --sms-usd 0.05 --sign-ins 2 --remembered 80',
    'policy simulate policy.json --at 2027-01-31 --ip 203.0.113.7',
  ],
  input: v.object({
    file: v.optional(v.string()),
    tenant: tenantId,
    rate,
    all: flag,
    state: v.optional(v.string()),
    emailUsd: v.optional(price, '0.0001'),
    smsUsd: v.optional(price),
    signIns: v.optional(price, '1'),
    remembered: v.optional(whole(0, 100), '0'),
    at: v.optional(moment),
    ip: v.optional(address),
    userAgent: v.optional(v.string()),
  }),
  run: async (input, session) => {
    const { terminal } = session;
    const policy = input.file === undefined ? {} : { mfaPolicy: await readPolicyFile(input.file, session) };
    const { at, ip, userAgent } = input;
    const circumstances = { at, request: { ip, userAgent } };
    const about = { tenantId: input.tenant, ...policy, ...circumstances };
    const state = await keepState(
      input.state,
      {
        tenantId: input.tenant,
        policy: policyHash(about.mfaPolicy),
        circumstances: policyHash(circumstances),
      },
      session,
    );
    const summary = await walk({ ...about, ...state.start, rate: input.rate, all: input.all }, state.save, session);
    await state.done();
    const { smsUsd } = input;
    const cost =
      smsUsd === undefined && summary.otpMessages.sms > 0
        ? undefined
        : costOf(summary, {
            emailUsd: input.emailUsd,
            smsUsd: smsUsd ?? 0,
            signInsPerUserPerDay: input.signIns,
            rememberedPercent: input.remembered,
          });
    await terminal.row({ summary, ...(cost === undefined ? {} : { cost }) }, () =>
      [sums(summary, terminal), cost === undefined ? COST_UNKNOWN : costLine(cost)].join('\n'),
    );
    return summary.lockedOut > 0 ? EXIT.findings : EXIT.ok;
  },
});

const COST_UNKNOWN = 'What it costs: give --sms-usd, the price of a text message where your users are.';

function costLine({ messagesPerDay, usdPerDay, usdPer30Days }: ReturnType<typeof costOf>): string {
  const { email, sms, smsSegments } = messagesPerDay;
  const parts = smsSegments === sms ? '' : ` (billed as ${smsSegments})`;
  const money = `${usd(usdPerDay.total)}; in 30 days ${usd(usdPer30Days)}`;
  return `A day: ${email} mails and ${sms} text messages${parts}, ${money}.`;
}

const usd = (amount: number): string => `US$${amount < 1 ? amount.toFixed(4) : amount.toFixed(2)}`;

async function walk(
  given: Parameters<typeof simulateAll>[0] & { readonly all: boolean },
  save: (progress: { readonly summary: Summary; readonly cursor?: string }) => Promise<void>,
  session: Session,
): Promise<Summary> {
  const { terminal } = session;
  const stopping = session.stopping();
  const progress = terminal.progress('users');
  const operator = await session.operator();
  try {
    const simulated = simulateAll(
      {
        ...given,
        onUser: (user) =>
          given.all || isConcerned(user) ? terminal.row(user, () => lineOf(user, terminal)) : undefined,
        onUnreadable: (userId) => terminal.warn(`What is stored of ${userId} is no user: nobody signs in with it.`),
        onProgress: async (made) => {
          await save(made);
          progress.update(made.summary.users + made.summary.disabled);
          if (made.cursor !== undefined) stopping.throwIfAborted();
        },
      },
      // A page takes ten seconds at the default rate: a stop ends the wait, and the page counts as not begun.
      { ...operator, sleep: (ms) => sleep(ms, undefined, { signal: stopping }) },
    );
    return await unlessStopped(simulated, stopping, 'With --state the same command goes on from here.');
  } finally {
    progress.stop();
  }
}

const isConcerned = ({ now, after, problem }: SimulatedUser): boolean =>
  problem !== undefined || now.challenged !== after.challenged || now.lockedOut !== after.lockedOut;

function lineOf({ userId, contact, now, after, because, problem }: SimulatedUser, { paint }: Terminal): string {
  const word = after.lockedOut
    ? paint.red('locked out')
    : after.mustEnrol
      ? paint.yellow('must enrol')
      : after.mustVerify
        ? paint.yellow('must prove')
        : after.challenged
          ? 'asked     '
          : 'not asked ';
  const change = now.challenged === after.challenged ? '' : now.challenged ? ' no longer' : ' new';
  const as = after.goesOnAs === undefined ? '' : ` as ${after.goesOnAs}`;
  const why = because.length === 0 ? '' : ` (${list(because)})`;
  return columns([
    [word, userId, `${plain(contact)}${as}${change}${why}${problem === undefined ? '' : `: ${problem}`}`],
  ]);
}

function sums(summary: Summary, { paint }: Terminal): string {
  const row = (name: string, now: number | undefined, after: number) => [
    name,
    (now === undefined ? '' : String(now)).padStart(8),
    String(after).padStart(8),
  ];
  return columns([
    ['', '     now', '   after'],
    row('users', summary.users, summary.users),
    row('asked for a second factor', summary.challengedNow, summary.challengedAfter),
    row(summary.lockedOut > 0 ? paint.red('locked out') : 'locked out', summary.lockedOutNow, summary.lockedOut),
    row('must enrol first', undefined, summary.mustEnrol),
    ...(summary.mustVerify === 0 ? [] : [row('must prove their e-mail first', undefined, summary.mustVerify)]),
    ...(summary.mustReset === 0 ? [] : [row('must set a password first', undefined, summary.mustReset)]),
    ...(summary.linked === 0 ? [] : [row('go on as another account', undefined, summary.linked)]),
    row('spared by an exemption', undefined, summary.exempt),
    row('spared for now by grace', undefined, summary.inGrace),
    row('matched by observing rules', undefined, summary.observed),
    row('mails, if all sign in once', summary.otpMessagesNow.email, summary.otpMessages.email),
    row('text messages', summary.otpMessagesNow.sms, summary.otpMessages.sms),
    ...(summary.disabled === 0 ? [] : [row('disabled, not counted', undefined, summary.disabled)]),
    ...(summary.unreadable === 0 ? [] : [row('unreadable, not counted', undefined, summary.unreadable)]),
  ]);
}

export const policySimulateCommands = [policySimulate];
