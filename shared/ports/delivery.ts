import type { MessageFacts } from '../delivery/facts.ts';

export interface EmailMessage {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly purpose: string;
  readonly preAuthSessionId?: string;
  /** For a sender of the customer's own. */
  readonly facts?: MessageFacts;
}

export interface SmsMessage {
  readonly to: string;
  readonly text: string;
  readonly purpose: string;
  readonly preAuthSessionId?: string;
  /** For a sender of the customer's own. */
  readonly facts?: MessageFacts;
}

/** `undeliverable`: this address will not work, try another way. `failed`: not now. */
export type DeliveryOutcome = 'sent' | 'undeliverable' | 'failed';

export interface Mailer {
  /** Awaited until SES has taken it; at most 4 seconds. */
  send(message: EmailMessage): Promise<DeliveryOutcome>;
}

export interface Texter {
  /** Published at most once, never repeated by itself: a repeat may deliver twice. */
  send(message: SmsMessage): Promise<DeliveryOutcome>;
}
