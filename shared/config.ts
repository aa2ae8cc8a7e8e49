import * as v from 'valibot';

/**
 * The environment contract: every variable a function reads, once, at start.
 *
 * The stack passes exactly this object (`ConfigInput`), so a variable that the code reads and the stack forgets
 * does not compile. All spans are whole seconds; bounds are those of security.md §1.9 from above and one second
 * from below, so that a test can run a whole life in seconds.
 */
const seconds = (max: number, fallback: number, min = 1) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,9}$/, 'must be a whole number of seconds'),
      v.transform(Number),
      v.minValue(min, `must be at least ${min} seconds`),
      v.maxValue(max, `must be at most ${max} seconds`),
    ),
    String(fallback),
  );

const origin = v.pipe(
  v.string(),
  v.check(
    (value) => URL.canParse(value) && new URL(value).origin === value && /^https?:/.test(value),
    'must be an origin such as https://auth.example.com: scheme and host, no path, no trailing slash',
  ),
);

const domain = v.pipe(
  v.string(),
  v.regex(/^\.?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain name'),
  v.check((value) => !/\.\d+$/.test(value), 'must be a domain name, not an address'),
);

/** In full, so that it names account and region: the right to call it is a right to this function alone. */
const functionArn = v.optional(
  v.pipe(
    v.string(),
    v.regex(
      /^(arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}(:[\w$-]{1,128})?)?$/,
      'must be the ARN of a Lambda function',
    ),
  ),
  '',
);

const DAY = 86_400;
const ANTI_CSRF_MODES = ['NONE', 'VIA_CUSTOM_HEADER', 'VIA_TOKEN'] as const;

const Schema = v.object({
  TABLE_NAME: v.pipe(v.string(), v.minLength(3, 'must be the name of a table')),
  KMS_KEY_ID: v.pipe(v.string(), v.minLength(1, 'must be the id, alias or ARN of a KMS key')),
  /** What browsers see. Decides cookie attributes and `iss`. */
  PUBLIC_URL: origin,
  /** Default: NONE where cookies are Lax, VIA_CUSTOM_HEADER where they are None. */
  ANTI_CSRF: v.optional(v.picklist(ANTI_CSRF_MODES, `must be one of ${ANTI_CSRF_MODES.join(', ')}`)),
  /** None: pages of another site may use the API with cookies. */
  COOKIE_SAME_SITE: v.optional(v.picklist(['Lax', 'None'], 'must be Lax or None'), 'Lax'),
  /** hardened: cookie names with the prefixes that browsers hold to this host and https. */
  COOKIE_PROFILE: v.optional(v.picklist(['plain', 'hardened'], 'must be plain or hardened'), 'plain'),
  COOKIE_DOMAIN: v.optional(domain),
  /** What COOKIE_DOMAIN was before: its cookies are cleared where a browser still sends both. */
  OLDER_COOKIE_DOMAIN: v.optional(domain),
  ACCESS_TOKEN_SECONDS: seconds(900, 900),
  REFRESH_IDLE_SECONDS: seconds(7 * DAY, 7 * DAY),
  REFRESH_ABSOLUTE_SECONDS: seconds(30 * DAY, 30 * DAY),
  REFRESH_GRACE_SECONDS: seconds(300, 30, 0),
  OTP_SECONDS: seconds(600, 600),
  TOTP_PERIOD_SECONDS: seconds(30, 30),
  KEY_ROTATION_SECONDS: seconds(90 * DAY, 30 * DAY),
  /** How long a container may go on with a tenant or role as it read it. */
  TENANT_CACHE_SECONDS: seconds(60, 5, 0),
  /** Widens send and per-IP limits and the resend cool-down for a local run. Guess budgets never widen. */
  LIMIT_SCALE: v.optional(
    v.pipe(v.string(), v.regex(/^([1-9]|1\d|20)$/, 'must be a whole number from 1 to 20'), v.transform(Number)),
    '1',
  ),
  /** `Stepgate <no-reply@example.com>`: who mails come from. */
  MAIL_FROM: v.pipe(v.string(), v.regex(/^[^\r\n]*@[^\r\n]+$/, 'must be a mail address')),
  /** Empty where mails need none. */
  SES_CONFIGURATION_SET: v.optional(v.string(), ''),
  /** What sends mails in place of SES: docs/own-sender.md. */
  EMAIL_SENDER_ARN: functionArn,
  /** What sends text messages in place of SNS. */
  SMS_SENDER_ARN: functionArn,
  /** Countries an SMS may go to where the tenant names none: `HU,DE`, or `*` for all. Empty: nowhere. */
  SMS_COUNTRIES: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(\*|([A-Z]{2}(,[A-Z]{2})*)?)$/, 'must be country codes such as HU,DE, or *'),
      v.transform((value) => (value === '' ? [] : value.split(','))),
    ),
    '',
  ),
  /** The product's name in mails, messages and one-time-code lines. */
  APP_NAME: v.optional(v.pipe(v.string(), v.regex(/^.{1,20}$/su, 'must be 1 to 20 characters')), 'Stepgate'),
  /** SHA-256, in hex, of the tokens by which the distribution in front is known, such as today's and the next. */
  EDGE_TOKEN_SHA256: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^([0-9a-f]{64}(,[0-9a-f]{64})*)?$/, 'must be SHA-256 hashes in hex, with commas between'),
      v.transform((value) => (value === '' ? [] : value.split(','))),
    ),
    '',
  ),
  /** `true`: public routes answer only what came through that distribution. */
  EDGE_ONLY: v.optional(
    v.pipe(
      v.picklist(['true', 'false'], 'must be true or false'),
      v.transform((is) => is === 'true'),
    ),
    'false',
  ),
  /** Whether that distribution says which country a request is from. Not set: nothing is known of it. */
  EDGE_COUNTRY: v.optional(
    v.pipe(
      v.picklist(['true', 'false'], 'must be true or false'),
      v.transform((is) => is === 'true'),
    ),
  ),
});

type Parsed = v.InferOutput<typeof Schema>;
export type Config = Omit<Parsed, 'ANTI_CSRF'> & { readonly ANTI_CSRF: (typeof ANTI_CSRF_MODES)[number] };
/** The same contract as strings, for whoever sets the environment. */
export type ConfigInput = v.InferInput<typeof Schema>;

/** Of an environment, what the service reads: the rest of it is nobody's business. */
export const settingsIn = (env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(Schema.entries).flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );

/**
 * Reads the environment once.
 *
 * @throws Error with one line per wrong or missing variable. Values are not repeated: a variable may hold a secret.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const result = v.safeParse(Schema, settingsIn(env));
  const lines = result.success
    ? cookieFaults(result.output)
    : result.issues.map(
        (issue) => `${v.getDotPath(issue)}: ${issue.received === 'undefined' ? 'is missing' : issue.message}`,
      );
  if (!result.success || lines.length > 0) {
    throw new Error(`Stepgate's settings are wrong:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
  const { COOKIE_SAME_SITE, ANTI_CSRF } = result.output;
  return { ...result.output, ANTI_CSRF: ANTI_CSRF ?? (COOKIE_SAME_SITE === 'None' ? 'VIA_CUSTOM_HEADER' : 'NONE') };
}

/** Cookie settings that have the right form each and that no browser would keep together. */
function cookieFaults(config: Parsed): readonly string[] {
  const { hostname, protocol } = new URL(config.PUBLIC_URL);
  const isSecure = protocol === 'https:';
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  const isParent = (name: string) => `.${hostname}`.endsWith(`.${name.replace(/^\./, '')}`);
  const isHardened = config.COOKIE_PROFILE === 'hardened';
  const bare = (name: string | undefined) => name?.replace(/^\./, '');
  const checks: readonly (readonly [boolean, string])[] = [
    [
      config.COOKIE_SAME_SITE === 'None' && !isSecure && !isLocal,
      'COOKIE_SAME_SITE: None needs a PUBLIC_URL with https, or browsers drop the cookies',
    ],
    [
      config.COOKIE_SAME_SITE === 'None' && config.ANTI_CSRF === 'NONE',
      'ANTI_CSRF: must not be NONE where COOKIE_SAME_SITE is None',
    ],
    [
      isHardened && !isSecure,
      'COOKIE_PROFILE: hardened needs a PUBLIC_URL with https, also on localhost: browsers drop prefixed cookies without it',
    ],
    [
      isHardened && config.COOKIE_DOMAIN !== undefined,
      "COOKIE_DOMAIN: must not be set where COOKIE_PROFILE is hardened: its cookies are this host's alone",
    ],
    ...(['COOKIE_DOMAIN', 'OLDER_COOKIE_DOMAIN'] as const).map((name): readonly [boolean, string] => [
      config[name] !== undefined && !isParent(config[name]),
      `${name}: must be the host of PUBLIC_URL or a parent of it`,
    ]),
    [
      config.OLDER_COOKIE_DOMAIN !== undefined && bare(config.OLDER_COOKIE_DOMAIN) === bare(config.COOKIE_DOMAIN),
      'OLDER_COOKIE_DOMAIN: must differ from COOKIE_DOMAIN',
    ],
  ];
  return checks.flatMap(([isWrong, fault]) => (isWrong ? [fault] : []));
}
