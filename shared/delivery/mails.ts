import type { NoticeEvent } from '../notices/event.ts';
import { compose, oneLine, type Values } from './compose.ts';
import type { MessageFacts } from './facts.ts';
import type { Kind } from './kinds.ts';
import { humanSpan, utcTime } from './language.ts';
import { type MailTenant, textsFor } from './texts.ts';

/** A mail ready to send. `text` and `html` say the same; neither needs images or scripts. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly facts: MessageFacts;
}

/** Who speaks, and to whom. */
export interface MailContext {
  readonly appName: string;
  /** Where people go, as they read it: `auth.example.com`. */
  readonly publicHost: string;
  /** Its name, looks and words. */
  readonly tenant?: MailTenant | undefined;
  /** What the reader wants: see languageFor. */
  readonly language?: string | undefined;
}

/**
 * The mail that carries a one-time code.
 *
 * The code is not in the subject, which lock screens show; in the text it stands alone on its line.
 */
export const otpEmail = (
  input: MailContext & {
    readonly code: string;
    readonly lifeSeconds: number;
    /** What the code is for; `set-up` proves a contact that becomes a second step. */
    readonly purposeText?: 'sign-in' | 'set-up';
    readonly isFirstFactor?: boolean;
  },
): Mail => {
  const { code, lifeSeconds, isFirstFactor = false } = input;
  return mail(input.purposeText === 'set-up' ? 'otp-set-up' : 'otp-sign-in', input, {
    code,
    lifeSeconds,
    isFirstFactor,
  });
};

/**
 * A mail whose link does something, once. What it does, the page behind the link asks again before it does it.
 *
 * `magic` and `magic-code` sign in; `revert` goes to the old address and takes a change back; `sign-up-exists` answers a sign-up with an address that has an account.
 */
export const linkEmail = (
  input: MailContext & {
    readonly kind: LinkKind;
    readonly link: string;
    readonly lifeSeconds: number;
    /** `magic-code` only. */
    readonly code?: string;
    /** `revert` only: masked. */
    readonly contact?: string;
    readonly ip?: string;
    readonly user?: MessageFacts['user'];
    readonly isFirstFactor?: boolean;
  },
): Mail => {
  const { kind, link, lifeSeconds, code, user, isFirstFactor } = input;
  const facts = { link, lifeSeconds, code, user, isFirstFactor };
  return mail(kind, input, facts, { contact: input.contact, ip: input.ip });
};

export type LinkKind = 'magic' | 'magic-code' | 'reset' | 'verify' | 'revert' | 'sign-up-exists';

/** Tells what happened to an account: what, when, where from, what to do. `at` is epoch milliseconds. */
export const noticeEmail = (
  input: MailContext & {
    readonly event: NoticeEvent;
    readonly at: number;
    readonly ip?: string | undefined;
    /** Ends every session and asks for a new password. */
    readonly notMeLink?: string | undefined;
    readonly user?: MessageFacts['user'];
  },
): Mail => {
  const { event, at, notMeLink: link, user } = input;
  return mail(event, input, { at, link, user }, { ip: input.ip });
};

function mail(
  kind: Kind,
  context: MailContext,
  facts: Omit<MessageFacts, 'kind' | 'tenantId' | 'language'>,
  others: Values = {},
): Mail {
  const { tenant } = context;
  const { language, texts } = textsFor(kind, context.language ?? '', tenant);
  return {
    ...compose(texts, valuesOf(context, language, facts, others), { language, branding: tenant?.branding ?? {} }),
    facts: { ...facts, kind, language, tenantId: tenant?.tenantId ?? 'public' },
  };
}

/** Everything a text may speak of, as people read it. */
export function valuesOf(
  { appName, publicHost, tenant }: MailContext,
  language: string,
  { code, link, lifeSeconds, at }: Pick<MessageFacts, 'code' | 'link' | 'lifeSeconds' | 'at'>,
  others: Values = {},
): Values {
  const app = oneLine(tenant?.branding.name ?? appName);
  const name = oneLine(tenant?.name ?? '');
  return {
    ...others,
    app,
    place: name === '' || name === app ? app : `${app} (${name})`,
    host: publicHost,
    code,
    link,
    life: lifeSeconds === undefined ? undefined : humanSpan(lifeSeconds, language),
    time: at === undefined ? undefined : utcTime(at, language),
  };
}
