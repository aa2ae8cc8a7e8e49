import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RemovalPolicy, Token } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { FunctionName } from '../../functions/index.ts';
import { type ConfigInput, readConfig } from '../../shared/config.ts';
import type { HostedPagesProps } from './hosted-pages.ts';

/** Requests per second, and how many may come at once. */
export interface Rate {
  readonly rateLimit: number;
  readonly burstLimit: number;
}

export interface StepgateProps {
  /** Who mails come from: `no-reply@example.com` or `Acme <no-reply@example.com>`. */
  readonly mailFrom: string;
  /** What browsers see, such as `https://auth.example.com`. Default: the API's own address. */
  readonly publicUrl?: string | undefined;
  /**
   * A domain or address that SES knows already in this account and region; it is used and left alone.
   * Default: an identity for `mailFrom`'s domain is made, and its DKIM records are outputs of the stack.
   */
  readonly sesIdentity?: string | undefined;
  /** While the account is in the SES sandbox, SES asks for a right to the recipient's identity as well. */
  readonly sesSandbox?: boolean | undefined;
  /** Sends mails in place of SES: docs/own-sender.md. Default: SES. */
  readonly emailSender?: IFunction | undefined;
  /** Sends text messages in place of SNS. Default: SNS. */
  readonly smsSender?: IFunction | undefined;
  /** The product's name in mails and messages, up to 20 characters. Default: `Stepgate`. */
  readonly appName?: string | undefined;
  /** `['HU', 'DE']`, or `['*']` for all: where SMS may go when the tenant does not say. Default: nowhere. */
  readonly smsCountries?: readonly string[] | undefined;
  /** Default: `NONE`, and `VIA_CUSTOM_HEADER` where `cookieSameSite` is `None`. */
  readonly antiCsrf?: NonNullable<ConfigInput['ANTI_CSRF']> | undefined;
  /** Shares the session among the subdomains of `publicUrl`'s domain. Default: the cookie is the host's alone. */
  readonly cookieDomain?: string | undefined;
  /** What `cookieDomain` was before; its cookies are cleared where a browser still sends both. */
  readonly olderCookieDomain?: string | undefined;
  /** Whose pages, beside `publicUrl`'s, may change something with a cookie on routes of your own. Default: nobody's. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** `None` where front ends of other sites use cookies. Default: `Lax`. */
  readonly cookieSameSite?: ConfigInput['COOKIE_SAME_SITE'];
  /** `hardened`: cookie names that browsers hold to this host and https. Default: `plain`. */
  readonly cookieProfile?: ConfigInput['COOKIE_PROFILE'];
  /** What happens to table, key and logs when the stack goes. Anything but RETAIN also lifts deletion protection. */
  readonly removalPolicy?: RemovalPolicy | undefined;
  /** Default: three months. */
  readonly logRetention?: RetentionDays | undefined;
  /** Who is told of an alarm. They get one mail from AWS and have to confirm it. */
  readonly alarmEmail?: string | undefined;
  /** Where alarms go instead of a topic of our own. */
  readonly alarmTopic?: ITopic | undefined;
  /** For each route. Default: 100 a second, 200 at once. */
  readonly throttle?: Rate | undefined;
  /** For each route that sends codes, which cost money. Default: 20 a second, 40 at once. */
  readonly sendThrottle?: Rate | undefined;
  /** Reads and writes a second at which the table refuses rather than costs more. Default: 20 per request allowed. */
  readonly tableLimit?: { readonly reads: number; readonly writes: number } | undefined;
  /** By function, such as `{ session: 50 }`. None by default: a new account has ten in all and can reserve nothing. */
  readonly reservedConcurrency?: Readonly<Partial<Record<FunctionName, number>>> | undefined;
  /** US dollars of SMS a month; the alarm rings at 80 %. Default: 1, which is also AWS's quota for a new account. */
  readonly smsBudget?: number | undefined;
  /** The pages, and the API with them, behind CloudFront: `publicUrl` is then that address. Default: the API alone. */
  readonly hostedPages?: HostedPagesProps | undefined;
}

/** The props with every default in place, checked. */
export type Settings = ReturnType<typeof settingsOf>;

/**
 * Fills in the defaults and refuses what cannot work.
 *
 * @throws Error with one line per wrong property, before anything is synthesised.
 */
export function settingsOf(props: StepgateProps) {
  const throttle = props.throttle ?? { rateLimit: 100, burstLimit: 200 };
  const settings = {
    ...props,
    publicUrl: props.publicUrl ?? ownDomain(props.hostedPages),
    appName: props.appName ?? 'Stepgate',
    smsCountries: props.smsCountries ?? [],
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    logRetention: props.logRetention ?? RetentionDays.THREE_MONTHS,
    throttle,
    sendThrottle: props.sendThrottle ?? { rateLimit: 20, burstLimit: 40 },
    tableLimit: props.tableLimit ?? { reads: throttle.rateLimit * 20, writes: throttle.rateLimit * 20 },
    reservedConcurrency: props.reservedConcurrency ?? {},
    smsBudget: props.smsBudget ?? 1,
  };
  const faults = [...formFaults(settings), ...senseFaults(settings)];
  if (faults.length > 0) throw new Error(`Stepgate's props are wrong:\n${faults.map((f) => `  ${f}`).join('\n')}`);
  return settings;
}

/** `no-reply@example.com`, whatever stands around it. */
export const addressOf = (mailFrom: string): string => /<([^<>]*)>\s*$/.exec(mailFrom)?.[1] ?? mailFrom.trim();
export const domainOf = (mailFrom: string): string => addressOf(mailFrom).split('@').at(-1)!;

const ownDomain = (pages: HostedPagesProps | undefined) =>
  pages?.domain === undefined ? undefined : `https://${pages.domain.name}`;

/** The environment of every function, but for what only the deployed resources know. */
export function environmentOf(
  settings: Settings,
  deployed: Pick<ConfigInput, 'TABLE_NAME' | 'KMS_KEY_ID' | 'PUBLIC_URL'> & { SES_CONFIGURATION_SET: string },
  edge: Pick<ConfigInput, 'EDGE_TOKEN_SHA256' | 'EDGE_ONLY' | 'EDGE_COUNTRY'> = { EDGE_COUNTRY: 'false' },
): ConfigInput {
  return {
    ...deployed,
    ...edge,
    MAIL_FROM: settings.mailFrom,
    SMS_COUNTRIES: settings.smsCountries.join(','),
    APP_NAME: settings.appName,
    ...given('EMAIL_SENDER_ARN', settings.emailSender?.functionArn),
    ...given('SMS_SENDER_ARN', settings.smsSender?.functionArn),
    ...given('ANTI_CSRF', settings.antiCsrf),
    ...given('COOKIE_SAME_SITE', settings.cookieSameSite),
    ...given('COOKIE_PROFILE', settings.cookieProfile),
    ...given('COOKIE_DOMAIN', settings.cookieDomain),
    ...given('OLDER_COOKIE_DOMAIN', settings.olderCookieDomain),
  };
}

const given = <Name extends keyof ConfigInput>(name: Name, value: ConfigInput[Name]): Partial<ConfigInput> =>
  value === undefined ? {} : { [name]: value };

/** What the functions would refuse at their start, said now and in the props' own names. */
function formFaults(settings: Settings): readonly string[] {
  const known = { TABLE_NAME: 'table', KMS_KEY_ID: 'key', SES_CONFIGURATION_SET: 'mail' };
  const { emailSender: _, smsSender: __, ...literals } = settings;
  const environment = environmentOf(literals, { ...known, PUBLIC_URL: literal(settings.publicUrl) ?? EXAMPLE });
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    const [, ...lines] = String(error).split('\n');
    return lines.map((line) => line.trim().replace(/^[A-Z_]+/, camelCase));
  }
}

const EXAMPLE = 'https://stepgate.example.com';
const literal = (value: string | undefined) => (Token.isUnresolved(value) ? undefined : value);
const camelCase = (name: string) => name.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** What has the right form and still cannot work. */
function senseFaults(settings: Settings): readonly string[] {
  const url = literal(settings.publicUrl);
  const checks: readonly (readonly [boolean, string])[] = [
    [url === undefined || url.startsWith('https:'), 'publicUrl: must be https, or browsers drop the session cookies'],
    ...(settings.allowedOrigins ?? []).map(
      (origin) =>
        [
          URL.canParse(origin) && new URL(origin).origin === origin,
          `allowedOrigins: ${origin} is no origin such as https://app.example.com`,
        ] as const,
    ),
    ...(['cookieDomain', 'olderCookieDomain'] as const).map(
      (name) =>
        [settings[name] === undefined || url !== undefined, `${name}: cannot be set without publicUrl`] as const,
    ),
    [isAddress(addressOf(settings.mailFrom)), 'mailFrom: must hold one mail address, such as no-reply@example.com'],
    [settings.alarmEmail === undefined || isAddress(settings.alarmEmail), 'alarmEmail: must be a mail address'],
    [
      settings.alarmEmail === undefined || settings.alarmTopic === undefined,
      'alarmEmail: subscribe it to alarmTopic yourself, or leave alarmTopic out',
    ],
    ...Object.entries({ throttle: settings.throttle, sendThrottle: settings.sendThrottle }).map(
      ([name, rate]) =>
        [rate.rateLimit >= 1 && rate.burstLimit >= 1, `${name}: both limits must be 1 or more`] as const,
    ),
    [settings.tableLimit.reads >= 1 && settings.tableLimit.writes >= 1, 'tableLimit: both must be 1 or more'],
    [settings.smsBudget > 0, 'smsBudget: must be more than 0'],
    ...pagesChecks(settings),
  ];
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}

function pagesChecks({ hostedPages, publicUrl }: Settings): readonly (readonly [boolean, string])[] {
  if (hostedPages === undefined) return [];
  const { directory, domain, webAclArn, edgeTokenGeneration: generation = 1 } = hostedPages;
  return [
    [existsSync(join(directory, 'index.html')), `hostedPages: there is no index.html in ${directory}; build the pages`],
    [
      publicUrl === ownDomain(hostedPages),
      'publicUrl: is what hostedPages says; leave it out, and give hostedPages a domain',
    ],
    [
      isInUsEast1(domain?.certificateArn, 'acm'),
      'hostedPages: the certificate must be one of ACM in us-east-1, where CloudFront looks for it',
    ],
    [isInUsEast1(webAclArn, 'wafv2'), 'hostedPages: webAclArn must be a web ACL of scope CLOUDFRONT, in us-east-1'],
    [Number.isInteger(generation) && generation > 0, 'hostedPages: edgeTokenGeneration must be 1, 2, 3 and so on'],
  ];
}

const isInUsEast1 = (arn: string | undefined, service: string): boolean =>
  arn === undefined || Token.isUnresolved(arn) || new RegExp(`^arn:[a-z-]+:${service}:us-east-1:`).test(arn);

const isAddress = (text: string): boolean => /^[^\s@<>]+@[^\s@<>.]+(\.[^\s@<>.]+)+$/.test(text);

/** What the functions make of the settings: as `readConfig` does where nothing is said. */
export const antiCsrfOf = ({ antiCsrf, cookieSameSite }: Settings): NonNullable<ConfigInput['ANTI_CSRF']> =>
  antiCsrf ?? (cookieSameSite === 'None' ? 'VIA_CUSTOM_HEADER' : 'NONE');
