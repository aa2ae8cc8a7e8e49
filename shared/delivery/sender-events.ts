import { randomUUID } from 'node:crypto';
import type { EmailMessage, SmsMessage } from '../ports.ts';
import type { MessageFacts } from './facts.ts';
import type { EmailEvent, SmsEvent } from './sender.ts';

/** @throws Error for a message that nobody gave its facts. */
export function emailEvent(message: EmailMessage, from: string): EmailEvent {
  const { to: email, subject, text, html } = message;
  const facts = factsOf(message);
  const stepgate = about(message, facts, { from, subject, text, html });
  const { kind, tenantId, link = '', at, user } = facts;
  const id = user?.id ?? '';
  const recipeUserId = user?.recipeUserId ?? id;
  if (kind === 'reset') {
    return { type: 'PASSWORD_RESET', user: { ...user, id, email }, passwordResetLink: link, tenantId, stepgate };
  }
  if (kind === 'verify') {
    return { type: 'EMAIL_VERIFICATION', user: { id, recipeUserId, email }, emailVerifyLink: link, tenantId, stepgate };
  }
  if (isLogin(kind)) return { ...login(message, facts), email, stepgate };
  return {
    type: 'OTHER',
    email,
    tenantId,
    ...(link === '' ? {} : { link }),
    ...(at === undefined ? {} : { at }),
    ...(user === undefined ? {} : { user }),
    stepgate,
  };
}

/** @throws Error for a message that nobody gave its facts. */
export function smsEvent(message: SmsMessage): SmsEvent {
  const facts = factsOf(message);
  const stepgate = about(message, facts, { text: message.text });
  return { ...login(message, facts), phoneNumber: message.to, stepgate };
}

const isLogin = (kind: MessageFacts['kind']) => ['otp-sign-in', 'otp-set-up', 'magic', 'magic-code'].includes(kind);

function factsOf({ facts, purpose }: EmailMessage | SmsMessage): MessageFacts {
  if (facts === undefined) throw new Error(`a message for ${purpose} comes without its facts`);
  return facts;
}

const about = <Content>({ purpose }: { readonly purpose: string }, facts: MessageFacts, content: Content) => ({
  version: 1 as const,
  id: randomUUID(),
  kind: facts.kind,
  purpose,
  language: facts.language,
  content,
});

const login = (
  message: EmailMessage | SmsMessage,
  { code, link, lifeSeconds, isFirstFactor, tenantId }: MessageFacts,
) => ({
  type: 'PASSWORDLESS_LOGIN' as const,
  ...(code === undefined ? {} : { userInputCode: code }),
  ...(link === undefined ? {} : { urlWithLinkCode: link }),
  codeLifetime: (lifeSeconds ?? 0) * 1000,
  preAuthSessionId: message.preAuthSessionId ?? '',
  isFirstFactor: isFirstFactor ?? false,
  tenantId,
});
