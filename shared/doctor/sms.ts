import {
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  ListOriginationNumbersCommand,
} from '@aws-sdk/client-sns';
import { parseTenant } from '../account/parse-tenant.ts';
import { listTenants } from '../admin/tenants.ts';
import type { DoctorDeps } from './deps.ts';
import { type DoctorFinding, info, ok, problem, warning } from './finding.ts';
import { unanswered } from './unanswered.ts';

type Deps = Pick<DoctorDeps, 'clients' | 'config' | 'tenantAdmin'>;

/** Countries that carriers take no message to without a registered number. */
const NUMBER_NEEDED = ['US', 'CA', 'PR'];

/** SNS reaches phones, and its spend quota is not below what tenants may spend. */
export async function checkSms(deps: Deps): Promise<readonly DoctorFinding[]> {
  if (deps.config.SMS_SENDER_ARN !== '') {
    return [info('sms-own-sender', 'a function of yours sends the messages; SNS is not asked')];
  }
  const use = await useOfSms(deps);
  if (use.countries.size === 0) {
    const next = 'Name countries with -c smsCountries=HU,DE, or in a tenant, when you want codes by SMS.';
    return [info('sms-unused', 'no country is named that a message may go to: no SMS is sent', next)];
  }
  return [await sandbox(deps), await sender(use, deps), ...(await spend(use, deps))];
}

interface Use {
  readonly countries: ReadonlySet<string>;
  /** What all tenants together may spend in a day, US dollars. */
  readonly dailyBudgetUsd: number;
}

async function useOfSms({ tenantAdmin, config }: Deps): Promise<Use> {
  const { tenants } = await listTenants({ tenantAdmin });
  const countries = new Set<string>();
  let dailyBudgetUsd = 0;
  for (const tenantId of tenants) {
    const document = (await tenantAdmin.read(tenantId)) ?? {};
    // A malformed tenant sends nothing, and is told of elsewhere.
    const tenant = await parseTenant(tenantId, document).catch(() => undefined);
    const allowed = tenant === undefined ? [] : (tenant.smsCountries ?? config.SMS_COUNTRIES);
    for (const country of allowed) countries.add(country);
    if (tenant !== undefined && allowed.length > 0) dailyBudgetUsd += tenant.smsDailyBudget / 1e6;
  }
  return { countries, dailyBudgetUsd };
}

async function sandbox({ clients }: Deps): Promise<DoctorFinding> {
  try {
    const { IsInSandbox: isIn } = await clients.sns.send(new GetSMSSandboxAccountStatusCommand({}));
    if (isIn === false) return ok('sms-sandbox', 'SNS sends to every number');
    return problem(
      'sms-sandbox',
      'SNS is in its sandbox: messages reach ten verified numbers, and nobody else',
      'Ask to leave it: SNS console, Text messaging (docs/operations.md).',
    );
  } catch (error) {
    return unanswered('sms-sandbox', error);
  }
}

async function sender({ countries }: Use, { clients }: Deps): Promise<DoctorFinding> {
  try {
    const { PhoneNumbers: numbers = [] } = await clients.sns.send(
      new ListOriginationNumbersCommand({ MaxResults: 30 }),
    );
    const active = numbers.filter(({ Status: status }) => status?.toUpperCase() === 'ACTIVE');
    const covered = new Set(active.map(({ Iso2CountryCode: country }) => country));
    const missing = NUMBER_NEEDED.filter((country) => countries.has(country) && !covered.has(country));
    const next = 'Register a number or a toll-free sender in AWS End User Messaging; carriers there drop the rest.';
    if (missing.length > 0)
      return problem('sms-sender', `${missing.join(', ')} take no message without a number of yours`, next);
    if (countries.has('*') && active.length === 0) {
      const says = 'no origination number is registered, and messages may go everywhere';
      return warning('sms-sender', says, `${next} Or name the countries you serve.`);
    }
    return active.length > 0
      ? ok('sms-sender', `${active.length} origination ${active.length === 1 ? 'number is' : 'numbers are'} active`)
      : info('sms-sender', 'no origination number is registered: the countries named do without, from a shared sender');
  } catch (error) {
    return unanswered('sms-sender', error);
  }
}

const DAYS = 30;

async function spend({ dailyBudgetUsd }: Use, { clients }: Deps): Promise<readonly DoctorFinding[]> {
  try {
    const { attributes = {} } = await clients.sns.send(new GetSMSAttributesCommand({}));
    // Unset is the default of every account.
    const quota = Number(attributes['MonthlySpendLimit'] ?? '1');
    const raise = 'Raise it in Service Quotas and in SNS, Text messaging preferences; tell the stack by smsBudget.';
    const transactional = attributes['DefaultSMSType'] ?? 'Promotional';
    return [
      quota <= 1
        ? problem('sms-spend', `SNS stops after US$${quota} a month, which is the default of a new account`, raise)
        : ok(
            'sms-spend',
            `SNS may spend US$${quota} a month (default type ${transactional}; codes are sent as transactional)`,
          ),
      ...(quota > 1 && dailyBudgetUsd * DAYS > quota
        ? [
            warning(
              'sms-budget',
              `tenants may spend US$${Math.round(dailyBudgetUsd * DAYS)} a month together, SNS stops at US$${quota}`,
              `${raise} Or lower smsDailyBudgetUsd of the tenants.`,
            ),
          ]
        : []),
    ];
  } catch (error) {
    return [unanswered('sms-spend', error)];
  }
}
