import { NOTICE_EVENTS, type NoticeEvent } from '../notices/event.ts';

/** What a mail or message of a kind may speak of, beside `app`, `place` and `host`, which all of them may. */
interface Speaks {
  /** Its text is worthless without. */
  readonly needs: readonly ('code' | 'link')[];
  readonly may: readonly Placeholder[];
  /** Goes out as a text message as well. */
  readonly sms: boolean;
}

export type Placeholder = 'app' | 'place' | 'host' | 'code' | 'link' | 'life' | 'time' | 'ip' | 'contact';

const EVERYWHERE = ['app', 'place', 'host'] as const;

/** What proves an address or opens a door. */
const MESSAGES = {
  'otp-sign-in': { needs: ['code'], may: ['life'], sms: true },
  'otp-set-up': { needs: ['code'], may: ['life'], sms: true },
  magic: { needs: ['link'], may: ['life'], sms: true },
  'magic-code': { needs: ['link', 'code'], may: ['life'], sms: true },
  reset: { needs: ['link'], may: ['life'], sms: false },
  verify: { needs: ['link'], may: ['life'], sms: false },
  /** To the old address: takes the change back. */
  revert: { needs: ['link'], may: ['life', 'ip', 'contact'], sms: false },
  /** To an address somebody tried to sign up with, and that has an account. */
  'sign-up-exists': { needs: [], may: ['link'], sms: false },
} as const satisfies Readonly<Record<string, Speaks>>;

const NOTICE: Speaks = { needs: [], may: ['time', 'ip', 'link'], sms: false };

type MessageKind = keyof typeof MESSAGES;
/** Everything Stepgate sends: those, and a notice for each event. */
export type Kind = MessageKind | NoticeEvent;

const isMessage = (name: string): name is MessageKind => Object.hasOwn(MESSAGES, name);
export const kindNames: readonly Kind[] = [...Object.keys(MESSAGES).filter(isMessage), ...NOTICE_EVENTS];

/** Kinds of earlier versions. A tenant that still has words for one is as good as one without. */
export const RETIRED_KINDS: readonly string[] = ['change'];

export const speaksOf = (kind: Kind): Speaks => (isMessage(kind) ? MESSAGES[kind] : NOTICE);

export const placeholdersOf = (kind: Kind): readonly Placeholder[] => {
  const { needs, may } = speaksOf(kind);
  return [...EVERYWHERE, ...needs, ...may];
};

/** The words of one kind in one language. Paragraphs of `body` have an empty line between them. */
export interface Texts {
  readonly subject: string;
  readonly heading: string;
  readonly body: string;
  /** On the button that stands where `body` has `{{link}}` as a paragraph of its own. */
  readonly button?: string;
  readonly footer?: string;
  /** Longest first: what does not fit into one message gives way to the next. */
  readonly sms?: readonly string[];
}
