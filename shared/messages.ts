import type { NoticeEvent } from './notices/event.ts';

/** A mail ready to send. `text` and `html` say the same; neither needs images, links or scripts. */
export type Mail = { readonly subject: string; readonly text: string; readonly html: string };

type OtpEmail = {
  readonly appName: string;
  readonly code: string;
  readonly lifeSeconds: number;
  /** What the code is for; `set-up` proves a contact that becomes a second step. */
  readonly purposeText?: 'sign-in' | 'set-up';
  readonly tenantName?: string;
  /** Where the code is to be typed, as people read it: `auth.example.com`. */
  readonly publicHost: string;
};

/**
 * The mail that carries a one-time code.
 *
 * The code is not in the subject, which lock screens show; in the text it stands alone on its line.
 */
export function otpEmail(input: OtpEmail): Mail {
  const { code, lifeSeconds, publicHost, purposeText = 'sign-in' } = input;
  const app = oneLine(input.appName);
  const place = input.tenantName === undefined ? app : `${app} (${oneLine(input.tenantName)})`;
  const isSetUp = purposeText === 'set-up';
  return mail(isSetUp ? `Confirm your email address for ${app}` : `Your sign-in code for ${app}`, [
    isSetUp
      ? `Enter this code at ${publicHost} to use this address when you sign in to ${place}:`
      : `Enter this code at ${publicHost} to sign in to ${place}:`,
    { code },
    `It works once, for ${humanSpan(lifeSeconds)}. Nobody from ${app} will ever ask you for it.`,
    'Not you? Give this code to no one. If you use a password here, somebody else may know it: change it.',
  ]);
}

/** What happened, for people, by event; `session.theft` has a mail of its own. */
const HAPPENED: Readonly<Record<Exclude<NoticeEvent, 'session.theft'>, string>> = {
  'password.changed': 'your password was changed',
  'password.reset': 'your password was reset',
  'factor.enabled': 'a second step was switched on',
  'factor.disabled': 'a second step was switched off',
  'factor.added': 'a second step was added',
  'factor.removed': 'a second step was removed',
  'email.changed': 'your email address was changed',
  'phone.changed': 'your phone number was changed',
  'backup-codes.created': 'new backup codes were made',
  'backup-code.used': 'a backup code was used',
  'login-method.linked': 'a way to sign in was added',
  'login-method.unlinked': 'a way to sign in was removed',
  'device.trusted': 'a device was remembered',
};

/**
 * Tells what happened to an account: what, when, where from, what to do.
 *
 * `at` is epoch milliseconds.
 */
export function noticeEmail(input: {
  readonly event: NoticeEvent;
  readonly appName: string;
  readonly at: number;
  readonly ip?: string;
}): Mail {
  if (input.event === 'session.theft') return theftNotice(input);
  const app = oneLine(input.appName);
  const what = HAPPENED[input.event];
  return mail(`Security notice: ${what} at ${app}`, [
    `On ${utcTime(input.at)}, ${what} at ${app}.`,
    ...(input.ip === undefined ? [] : [`The request came from the address ${input.ip}.`]),
    `Was it you? Then there is nothing to do. If not, open ${app} the way you always do, change your password, and sign out everywhere.`,
  ]);
}

/**
 * A mail whose link signs in, once, and a code beside it where one is given.
 *
 * Opening the link uses nothing up: the page behind it asks first.
 */
export function linkEmail(input: {
  readonly kind: 'magic' | 'magic-code';
  readonly appName: string;
  readonly link: string;
  readonly lifeSeconds: number;
  readonly publicHost: string;
  readonly code?: string;
  readonly tenantName?: string;
}): Mail {
  const { link, code, publicHost, lifeSeconds } = input;
  const app = oneLine(input.appName);
  const place = input.tenantName === undefined ? app : `${app} (${oneLine(input.tenantName)})`;
  return mail(`Sign in to ${app}`, [
    `Open this link to sign in to ${place}:`,
    { link },
    ...(code === undefined ? [] : [`Or enter this code at ${publicHost}:`, { code }]),
    `It works once, for ${humanSpan(lifeSeconds)}. Nobody from ${app} will ever ask you for it.`,
    'Not you? Then do nothing: without this mail nobody gets in.',
  ]);
}

/** A text message whose link signs in, and a code beside it where one is given. Long links take several segments. */
export function linkSms(input: {
  readonly appName: string;
  readonly link: string;
  readonly lifeSeconds: number;
  readonly host: string;
  readonly code?: string;
}): string {
  const { link, code, host, lifeSeconds } = input;
  const name = inGsm7(oneLine(input.appName));
  const text = `Sign in${name === '' ? '' : ` to ${name}`}: ${link}`;
  const life = `It works for ${humanSpan(lifeSeconds)}.`;
  return code === undefined ? `${text}\n${life}` : `${text}\nor with the code ${code}. ${life}\n\n@${host} #${code}`;
}

/**
 * The notice after a copied sign-in was used: what happened, what was done, what to do.
 *
 * Holds no link: whoever reads it finds the way themselves, and nobody learns to follow links in such mails. `at` is
 * epoch milliseconds.
 */
export function theftNotice(input: { readonly appName: string; readonly at: number }): Mail {
  const app = oneLine(input.appName);
  return mail(`Security notice: we signed you out of ${app}`, [
    `On ${utcTime(input.at)}, a sign-in of yours at ${app} was used from two places at once. One of them may have been a copy in somebody else's hands.`,
    'We ended that sign-in everywhere, so neither place can go on.',
    `Please open ${app} the way you always do, sign in again and change your password. If this keeps happening, check your devices for unwanted software.`,
  ]);
}

const utcTime = (at: number) =>
  `${new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(at)} UTC`;

/**
 * A span as people say it, rounded down so that it never promises too much: `45 seconds`, `10 minutes`, `1.5 hours`.
 *
 * @see wire.md §15
 */
export function humanSpan(seconds: number): string {
  if (seconds < 60) return counted(Math.floor(seconds), 'second');
  if (seconds < 3600) return counted(Math.floor(seconds / 60), 'minute');
  return counted(Math.floor(seconds / 360) / 10, 'hour');
}

const counted = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** A name may not end the line it stands in: a subject is a header. */
const oneLine = (name: string) => name.replace(/[\p{Cc}\p{Z}]+/gu, ' ').trim();

type Part = string | { readonly code: string } | { readonly link: string };

function mail(subject: string, parts: readonly Part[]): Mail {
  const text = parts
    .map((part) => (typeof part === 'string' ? part : 'code' in part ? part.code : part.link))
    .join('\n\n');
  return { subject, text: `${text}\n`, html: page(subject, parts.map(toHtml).join('\n')) };
}

function toHtml(part: Part): string {
  if (typeof part === 'string') return `<p style="margin:0 0 16px">${escapeHtml(part)}</p>`;
  return 'link' in part
    ? `<p style="margin:0 0 16px;word-break:break-all"><a href="${escapeHtml(part.link)}">${escapeHtml(part.link)}</a></p>`
    : `<p style="margin:0 0 16px;padding:16px;border:1px solid #8a8f98;border-radius:8px;font:700 32px/1.2 ui-monospace,Consolas,monospace;letter-spacing:6px;text-align:center">${escapeHtml(part.code)}</p>`;
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Where a mail program drops the style sheet, the inline colours stay readable in light and inverted in dark. */
const page = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark }
@media (prefers-color-scheme: dark) { .back { background: #16181d !important } .card { background: #22252c !important; color: #f2f3f5 !important } }
</style>
</head>
<body class="back" style="margin:0;background:#f2f3f5">
<table role="presentation" class="back" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f2f3f5"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:480px;background:#ffffff;color:#1b1d21;border-radius:12px"><tr><td style="padding:24px 24px 8px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif">
${body}
</td></tr></table>
</td></tr></table>
</body>
</html>
`;

type OtpSms = {
  readonly appName: string;
  readonly code: string;
  readonly lifeSeconds: number;
  /** The host of the page that asks: no scheme, no port. Browsers fill in the code on that host only. */
  readonly host: string;
};

/**
 * The message that carries a one-time code, in one segment as long as the host leaves room for it.
 *
 * What does not fit gives way: first the advice, then the name and the time, never the code or its line for autofill.
 *
 * @returns ends in the line `@host #code`.
 * @see WICG "Origin-bound one-time codes delivered via SMS"
 */
export function otpSms({ appName, code, lifeSeconds, host }: OtpSms): string {
  const bound = `\n\n@${host} #${code}`;
  const name = inGsm7(oneLine(appName));
  const bare = `Your code is ${code}.`;
  const full = `${name === '' ? 'Your' : `Your ${name}`} code is ${code}. It works for ${humanSpan(lifeSeconds)}.`;
  const wordings = [`${full} Never share it.`, full, bare, code].map((wording) => wording + bound);
  return wordings.find((text) => smsSegments(text) === 1) ?? `${code}${bound}`;
}

/** GSM 03.38, default alphabet: one septet each. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** GSM 03.38, extension table: an escape and a septet. */
const EXTENDED = new Set('\f^{}\\[~]|€');

/**
 * How many messages the network sends and bills: 160 septets or 70 UTF-16 units in one, 153 or 67 in each of several.
 *
 * One character outside GSM-7 makes the whole text UCS-2. No character is split between two messages.
 *
 * @see 3GPP TS 23.038 §6, TS 23.040 §9.2.3.24.1
 */
export function smsSegments(text: string): number {
  const characters = Array.from(text);
  return characters.every(isGsm7)
    ? packed(
        characters.map((character) => (EXTENDED.has(character) ? 2 : 1)),
        160,
        153,
      )
    : packed(
        characters.map((character) => character.length),
        70,
        67,
      );
}

const isGsm7 = (character: string) => BASIC.has(character) || EXTENDED.has(character);

function packed(sizes: readonly number[], alone: number, each: number): number {
  if (sizes.reduce((sum, size) => sum + size, 0) <= alone) return 1;
  let segments = 1;
  let used = 0;
  for (const size of sizes) {
    const fits = used + size <= each;
    used = fits ? used + size : size;
    segments += fits ? 0 : 1;
  }
  return segments;
}

/** Letters without a decomposition, and signs word processors put in names. */
const PLAIN: Readonly<Record<string, string>> = { Ł: 'L', ł: 'l', Đ: 'D', đ: 'd', ı: 'i', œ: 'oe', '’': "'", '–': '-' };

/**
 * A name in letters one septet each; signs it lacks are left out.
 *
 * @returns empty where a letter has no counterpart: half a name is worse than none.
 */
function inGsm7(name: string): string {
  const characters = Array.from(name.normalize('NFC'), plain);
  return characters.includes(undefined) ? '' : oneLine(characters.join(''));
}

function plain(character: string): string | undefined {
  const candidates = [character, PLAIN[character], character.normalize('NFKD').replace(/\p{M}/gu, '')];
  const found = candidates.find(
    (text) => text !== undefined && text !== '' && Array.from(text).every((c) => BASIC.has(c)),
  );
  return found ?? (/[\p{L}\p{N}]/u.test(character) ? undefined : '');
}
