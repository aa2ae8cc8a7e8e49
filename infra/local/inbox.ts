import { randomUUID } from 'node:crypto';
import { findCode, findLink } from './read-message.ts';

export { inboxRoutes } from './inbox-routes.ts';

/** What a sink received. Texts are as sent; `html` and `subject` are empty for an SMS. */
export type Received = {
  readonly channel: 'email' | 'sms';
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Why it was sent, as the sender tagged it; empty where it did not. */
  readonly purpose: string;
  readonly preAuthSessionId?: string;
};

/** One message as `GET /__local/inbox` shows it. `sentAt` is epoch milliseconds. */
export type InboxMessage = Received & {
  readonly id: string;
  readonly sentAt: number;
  readonly code?: string;
  readonly link?: string;
};

export type Inbox = {
  /** Oldest first; of one address (letter case aside) where `to` is given. */
  readonly messages: (to?: string) => readonly InboxMessage[];
  readonly add: (received: Received) => InboxMessage;
  readonly clear: () => void;
};

const CAPACITY = 500;

/** Keeps what was sent, the newest 500 of it, and reads the code and the link out of each text. */
export function createInbox(): Inbox {
  let kept: readonly InboxMessage[] = [];
  return {
    messages: (to) => (to === undefined ? kept : kept.filter((message) => isSameAddress(message.to, to))),
    add: (received) => {
      const message = toMessage(received);
      kept = [...kept, message].slice(-CAPACITY);
      return message;
    },
    clear: () => {
      kept = [];
    },
  };
}

const isSameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function toMessage(received: Received): InboxMessage {
  // A notice holds dates and addresses, and never a code.
  const code = received.purpose === 'notice' ? undefined : findCode(received.text);
  const link = findLink(received.text);
  return {
    id: randomUUID(),
    ...received,
    sentAt: Date.now(),
    ...(code === undefined ? {} : { code }),
    ...(link === undefined ? {} : { link }),
  };
}
