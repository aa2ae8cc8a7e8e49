import * as v from 'valibot';

/**
 * The environment contract: every variable a function reads, once, at start.
 *
 * The stack passes exactly this object (`ConfigInput`), so a variable that the code reads and the stack forgets
 * does not compile. All spans are whole seconds; bounds are those of security.md §1.9 from above and one second
 * from below, so that a test can run a whole life in seconds.
 */
const seconds = (max: number, fallback: number) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,9}$/, 'must be a whole number of seconds'),
      v.transform(Number),
      v.minValue(1, 'must be at least 1 second'),
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

const DAY = 86_400;

const Schema = v.object({
  TABLE_NAME: v.pipe(v.string(), v.minLength(3)),
  KMS_KEY_ID: v.pipe(v.string(), v.minLength(1)),
  /** What browsers see. Decides cookie attributes and `iss`. */
  PUBLIC_URL: origin,
  ANTI_CSRF: v.optional(v.picklist(['NONE', 'VIA_CUSTOM_HEADER', 'VIA_TOKEN']), 'NONE'),
  COOKIE_DOMAIN: v.optional(v.pipe(v.string(), v.regex(/^\.?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain name'))),
  ACCESS_TOKEN_SECONDS: seconds(900, 900),
  REFRESH_IDLE_SECONDS: seconds(7 * DAY, 7 * DAY),
  REFRESH_ABSOLUTE_SECONDS: seconds(30 * DAY, 30 * DAY),
  REFRESH_GRACE_SECONDS: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,3}$/, 'must be a whole number of seconds'), v.transform(Number), v.maxValue(300)),
    '30',
  ),
  OTP_SECONDS: seconds(600, 600),
  TOTP_PERIOD_SECONDS: seconds(30, 30),
  KEY_ROTATION_SECONDS: seconds(90 * DAY, 30 * DAY),
  /** How long a container may go on with a tenant or role as it read it. */
  TENANT_CACHE_SECONDS: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,2}$/, 'must be a whole number of seconds'), v.transform(Number), v.maxValue(60)),
    '60',
  ),
  /** Widens send and per-IP limits and the resend cool-down for a local run. Guess budgets never widen. */
  LIMIT_SCALE: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,2}$/), v.transform(Number), v.minValue(1), v.maxValue(20)),
    '1',
  ),
  /** `Stepgate <no-reply@example.com>`: who mails come from. */
  MAIL_FROM: v.pipe(v.string(), v.regex(/^[^\r\n]*@[^\r\n]+$/, 'must be a mail address')),
  /** Empty where mails need none. */
  SES_CONFIGURATION_SET: v.optional(v.string(), ''),
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
  APP_NAME: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(20)), 'Stepgate'),
});

export type Config = v.InferOutput<typeof Schema>;
/** The same contract as strings, for whoever sets the environment. */
export type ConfigInput = v.InferInput<typeof Schema>;

/**
 * Reads the environment once.
 *
 * @throws Error with one line per wrong or missing variable. Values are not repeated: a variable may hold a secret.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const known = Object.fromEntries(
    Object.keys(Schema.entries).flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  const result = v.safeParse(Schema, known);
  if (result.success) return result.output;
  const lines = result.issues.map((issue) => `  ${v.getDotPath(issue)}: ${issue.message.split(': Expected')[0]}`);
  throw new Error(`Stepgate's settings are wrong:\n${lines.join('\n')}`);
}
