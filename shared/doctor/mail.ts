import {
  GetAccountCommand,
  GetEmailIdentityCommand,
  type GetAccountCommandOutput,
  ListSuppressedDestinationsCommand,
} from '@aws-sdk/client-sesv2';
import type { DoctorDeps } from './deps.ts';
import { type DoctorFinding, info, ok, problem, unknown, warning } from './finding.ts';
import { unanswered } from './unanswered.ts';

type Deps = Pick<DoctorDeps, 'clients' | 'config' | 'clock'>;

/** SES sends for the sender to whoever wants to sign in, and how near its limits it is. */
export async function checkMail(deps: Deps): Promise<readonly DoctorFinding[]> {
  if (deps.config.EMAIL_SENDER_ARN !== '') {
    return [info('mail-own-sender', 'a function of yours sends the mails; SES is not asked')];
  }
  const account = await deps.clients.ses.send(new GetAccountCommand({}));
  return [sandbox(account), standing(account), await identity(deps), await suppression(account, deps)];
}

function sandbox({ ProductionAccessEnabled: isOut, SendQuota: quota }: GetAccountCommandOutput): DoctorFinding {
  const perDay = quota?.Max24HourSend ?? 0;
  const sent = quota?.SentLast24Hours ?? 0;
  if (isOut !== true) {
    return problem(
      'mail-sandbox',
      `SES is in its sandbox: ${perDay} mails a day, to verified addresses only`,
      'Ask for production access in the SES console; until then deploy with -c sesSandbox=true.',
    );
  }
  // -1 is no limit.
  if (perDay > 0 && sent >= 0.8 * perDay) {
    return warning(
      'mail-sandbox',
      `${sent} of ${perDay} mails of the last 24 hours are used up`,
      'Raise the sending quota of SES in Service Quotas: at the limit nobody gets a code.',
    );
  }
  return ok('mail-sandbox', `SES sends to everybody, ${perDay < 0 ? 'without a limit' : `${perDay} mails a day`}`);
}

function standing({ EnforcementStatus: status, SendingEnabled: isOn }: GetAccountCommandOutput): DoctorFinding {
  if (isOn !== true || status === 'SHUTDOWN') {
    return problem(
      'mail-account',
      'SES has stopped sending for this account',
      'Read the case that AWS opened in the SES console.',
    );
  }
  if (status === 'PROBATION') {
    return warning(
      'mail-account',
      'SES has this account under review: too many bounces or complaints',
      'Bring them below 5 % and 0.1 %: do not mail addresses that bounced, and look at who asks for codes.',
    );
  }
  return ok('mail-account', 'SES is content with this account');
}

const addressOf = (mailFrom: string): string => /<([^<>]+)>\s*$/.exec(mailFrom)?.[1] ?? mailFrom.trim();

/** The address itself, or its domain: SES takes either. */
async function identity(deps: Deps): Promise<DoctorFinding> {
  const address = addressOf(deps.config.MAIL_FROM);
  const domain = address.slice(address.lastIndexOf('@') + 1);
  try {
    const states = await Promise.all([stateOf(domain, deps), stateOf(address, deps)]);
    const verified = states.find((state) => state?.isVerified === true);
    const known = verified ?? states.find((state) => state !== undefined);
    const dns = 'Put the MailDnsRecord outputs of the stack into DNS (docs/operations.md).';
    if (known === undefined) return problem('mail-identity', `SES does not know the sender ${address}`, dns);
    if (verified === undefined) return problem('mail-identity', `SES has not verified the sender ${address} yet`, dns);
    if (verified.dkim !== 'SUCCESS') {
      const next = `${dns} Without DKIM many mailboxes put codes among the junk.`;
      return warning('mail-identity', `mails of ${address} are not signed (DKIM: ${verified.dkim})`, next);
    }
    return ok('mail-identity', `SES sends for ${address}, signed (DKIM)`);
  } catch (error) {
    return unanswered('mail-identity', error);
  }
}

async function stateOf(name: string, { clients }: Deps) {
  try {
    const found = await clients.ses.send(new GetEmailIdentityCommand({ EmailIdentity: name }));
    return { isVerified: found.VerifiedForSendingStatus === true, dkim: found.DkimAttributes?.Status ?? 'NOT_STARTED' };
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return undefined;
    throw error;
  }
}

const MONTH_MS = 30 * 86_400_000;
const PAGE = 1000;

/** Addresses SES accepts and silently sends nothing to: whose owner asks in vain for a code. */
async function suppression(account: GetAccountCommandOutput, { clients, clock }: Deps): Promise<DoctorFinding> {
  const reasons = account.SuppressionAttributes?.SuppressedReasons ?? [];
  if (!reasons.includes('BOUNCE') || !reasons.includes('COMPLAINT')) {
    return warning(
      'mail-suppression',
      'the account goes on mailing addresses that bounced or complained',
      "Switch on the account's suppression list for bounces and complaints in the SES console.",
    );
  }
  try {
    const since = new Date(clock.now() - MONTH_MS);
    const page = await clients.ses.send(new ListSuppressedDestinationsCommand({ StartDate: since, PageSize: PAGE }));
    const count = page.SuppressedDestinationSummaries?.length ?? 0;
    const many = page.NextToken === undefined ? String(count) : `${count} or more`;
    if (count === 0) return ok('mail-suppression', 'no address was suppressed in the last 30 days');
    return info(
      'mail-suppression',
      `${many} addresses were suppressed in the last 30 days: SES sends them nothing`,
      'Where a user misses codes: `aws sesv2 get-suppressed-destination --email-address …`, and delete the entry.',
    );
  } catch (error) {
    const finding = unanswered('mail-suppression', error);
    return finding.level === 'unknown' ? finding : unknown('mail-suppression', finding.says);
  }
}
