import { domainToASCII, domainToUnicode } from 'node:url';

/** Longer input is refused unread: normalising may grow a text, and no address needs this much. */
const MAX_INPUT = 1024;

/** RFC 5321 dot-atom: what is left when quoting is refused. */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** No top-level domain is a number, so no IP address in any spelling passes. */
const TOP_LEVEL = /^[a-z][a-z0-9-]*[a-z0-9]$/;

/**
 * The one spelling of an address that is stored, compared and written to.
 *
 * Normalises first and judges what came out, so no later step can find an `@` or a comma that this one did not see.
 * Upper and lower case are one address. Letters outside ASCII count in the domain only, and there become an A-label;
 * a local part that only Unicode folding makes ASCII (KELVIN SIGN, full-width letters) is refused, for it would be
 * somebody else's. Gmail's dots and tags stay: they are different addresses.
 *
 * @returns ASCII, lower-cased, at most 254 bytes; `undefined` for what is not one deliverable address.
 * @see security.md §3.2; RFC 5321 §4.5.3.1; UTS 46
 */
export function canonicalEmail(input: string): string | undefined {
  if (input.length > MAX_INPUT) return undefined;
  const normalised = input.normalize('NFKC').replace(/^ +| +$/g, '');
  const [local, domain, ...more] = normalised.split('@');
  if (local === undefined || domain === undefined || more.length > 0) return undefined;
  if (!LOCAL_PART.test(local) || local.length > 64 || !input.trimStart().startsWith(local)) return undefined;
  const host = canonicalDomain(domain);
  if (host === undefined) return undefined;
  const email = `${local.toLowerCase()}@${host}`;
  return email.length > 254 || isMadeUp(email) ? undefined : email;
}

function canonicalDomain(domain: string): string | undefined {
  // domainToASCII reads a URL's host: it cuts at `/?#`, decodes `%41` and drops what is invisible.
  if (/[\p{ASCII}--[A-Za-z0-9.\-]]|\p{C}/v.test(domain)) return undefined;
  const labels = domainToASCII(domain).split('.');
  if (labels.length < 2 || !labels.every(isLabel) || !TOP_LEVEL.test(labels.at(-1)!)) return undefined;
  return labels.join('.');
}

/** An `xn--` label that decodes to nothing is a name no registry gives out. */
function isLabel(label: string): boolean {
  return LABEL.test(label) && !domainToUnicode(label).startsWith('xn--');
}

/** Addresses SuperTokens makes up for users without one. @see wire.md §4.2 */
function isMadeUp(email: string): boolean {
  return email.endsWith('@stfakeemail.supertokens.com') || email.endsWith('.fakeemail.com');
}

/**
 * The one spelling of a mobile number: E.164, with the country it belongs to (`HU`).
 *
 * Takes international numbers only, with `+` or `00`, in any digits NFKC turns into ASCII and with the punctuation
 * people type. Letters and extensions are refused, and so is whatever cannot be proven a mobile line: premium, short,
 * toll-free, unassigned, and satellite and other numbers without a country (`+881`, `+870`).
 *
 * The first call of a process loads the numbering plans (about 60 ms).
 *
 * @see security.md §3.2
 */
export async function canonicalPhone(input: string): Promise<{ number: string; country: string } | undefined> {
  const international = internationalDigits(input);
  if (international === undefined) return undefined;
  // `mobile` (136 KB) tells the same numbers from the rest as `max` (194 KB): compared over 735,000 numbers of all
  // countries, they differ on one island's fixed lines, which `mobile` refuses.
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/mobile');
  const phone = parsePhoneNumberFromString(international, { extract: false });
  if (phone?.country === undefined || !phone.isValid()) return undefined;
  const type = phone.getType();
  if (type !== 'MOBILE' && type !== 'FIXED_LINE_OR_MOBILE') return undefined;
  return { number: phone.number, country: phone.country };
}

/** `+` and digits, or `undefined` where the text holds anything else but punctuation. */
function internationalDigits(input: string): string | undefined {
  if (input.length > MAX_INPUT) return undefined;
  const text = input.normalize('NFKC').trim();
  if (!/^(\+|00)[\d ().\u2010-\u2013-]{7,40}$/.test(text)) return undefined;
  return `+${text.replace(/^00/, '').replace(/\D/g, '')}`;
}

/** Calling codes of ITU E.164: one digit, two digits, and the rest three. */
const CALLING_CODE = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/**
 * A contact its owner recognises and nobody else learns: `a•••@example.com`, `+36 •••• 567`.
 *
 * Shows at most the first letter of the local part, or the country and the last three digits; the number of dots
 * says nothing about the length.
 */
export function maskContact(kind: 'email' | 'phone', value: string): string {
  return kind === 'email' ? maskEmail(value) : maskPhone(value);
}

function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return at < 1 ? '•••' : `${String.fromCodePoint(email.codePointAt(0)!)}•••${email.slice(at)}`;
}

function maskPhone(number: string): string {
  const callingCode = CALLING_CODE.exec(number)?.[0] ?? '';
  const rest = number.slice(callingCode.length);
  return `${callingCode} •••• ${rest.length > 3 ? rest.slice(-3) : ''}`.trim();
}

/**
 * Who an abuse counter counts: one name for the many addresses that reach one mailbox.
 *
 * Never an identity, and never an address to write to: two different people may share it.
 */
export function subjectOfAbuse(email: string): string {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1).toLowerCase();
  const local = email.slice(0, Math.max(at, 0)).toLowerCase();
  const untagged = local.replace(/(?<=.)\+.*$/s, '');
  const isGmail = domain === 'gmail.com' || domain === 'googlemail.com';
  return isGmail ? `${untagged.replaceAll('.', '')}@gmail.com` : `${untagged}@${domain}`;
}
