import { fill, oneLine } from './compose.ts';
import type { MessageFacts } from './facts.ts';
import { inGsm7, smsSegments } from './gsm.ts';
import { type MailContext, valuesOf } from './mails.ts';
import { textsFor } from './texts.ts';

/** A text message ready to send. */
export interface Sms {
  readonly text: string;
  readonly facts: MessageFacts;
}

type SmsContext = Omit<MailContext, 'publicHost'> & {
  readonly lifeSeconds: number;
  /** The host of the page that asks: no scheme, no port. Browsers fill in the code on that host only. */
  readonly host: string;
};

/**
 * The message that carries a one-time code, in one segment as long as the host leaves room for it.
 *
 * What does not fit gives way: first the advice, then the name and the time, never the code or its line for autofill.
 * A tenant's own words may take two segments, and give way to ours where they do not fit.
 *
 * @returns text that ends in the line `@host #code`.
 * @see WICG "Origin-bound one-time codes delivered via SMS"
 */
export const otpSms = (input: SmsContext & { readonly code: string; readonly isFirstFactor?: boolean }): Sms =>
  sms('otp-sign-in', input, {
    code: input.code,
    lifeSeconds: input.lifeSeconds,
    isFirstFactor: input.isFirstFactor ?? false,
  });

/** A link to sign in with, and a code beside it where one is given. A long link needs more than one segment. */
export function linkSms(input: SmsContext & { readonly link: string; readonly code?: string }): Sms {
  const { link, code, lifeSeconds } = input;
  const facts = { link, lifeSeconds, isFirstFactor: true };
  return code === undefined ? sms('magic', input, facts) : sms('magic-code', input, { ...facts, code });
}

function sms(
  kind: 'otp-sign-in' | 'magic' | 'magic-code',
  context: SmsContext,
  facts: Pick<MessageFacts, 'code' | 'link' | 'lifeSeconds' | 'isFirstFactor'>,
): Sms {
  const { tenant, host } = context;
  const { language, texts, ownSms } = textsFor(kind, context.language ?? '', tenant);
  const values = valuesOf({ ...context, publicHost: host }, language, facts);
  // Half a name is worse than none.
  const short = { ...values, app: oneLine(inGsm7(values.app ?? '') ?? '') };
  const bound = facts.code === undefined ? '' : `\n\n@${host} #${facts.code}`;
  const wordings = [...(texts.sms ?? []), ...(facts.link === undefined ? ['{{code}}'] : [])].map(
    (wording) => fill(wordsInGsm7(wording), short) + bound,
  );
  const fits = (text: string, at: number) => smsSegments(text) <= (at < ownSms ? 2 : 1);
  return {
    text: wordings.find(fits) ?? wordings.at(-1)!,
    facts: { ...facts, kind, language, tenantId: tenant?.tenantId ?? 'public' },
  };
}

/** Placeholders stay: what they stand for, a link above all, is not ours to spell. */
const wordsInGsm7 = (wording: string): string => wording.replaceAll(/[^{}]+/g, (words) => inGsm7(words) ?? words);
