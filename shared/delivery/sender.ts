import type { Kind } from './kinds.ts';

/**
 * What a sender of one's own is called with, in place of SES or SNS: `stepgate/sender`.
 *
 * The fields beside `stepgate` are those SuperTokens gives to a custom delivery, so that code written for it goes on;
 * `stepgate` has the words we would have sent, and what else there is to know. Codes and links are secrets: do not log
 * an event.
 *
 * @see wire.md §15
 */
export type EmailEvent =
  | (Login & { readonly email: string } & FromUs<EmailContent>)
  | {
      readonly type: 'PASSWORD_RESET';
      readonly user: { readonly id: string; readonly recipeUserId?: string; readonly email: string };
      readonly passwordResetLink: string;
      readonly tenantId: string;
      readonly stepgate: FromUs<EmailContent>['stepgate'];
    }
  | {
      readonly type: 'EMAIL_VERIFICATION';
      readonly user: { readonly id: string; readonly recipeUserId: string; readonly email: string };
      readonly emailVerifyLink: string;
      readonly tenantId: string;
      readonly stepgate: FromUs<EmailContent>['stepgate'];
    }
  | {
      /** Mails that SuperTokens does not know: `stepgate.kind` says which. */
      readonly type: 'OTHER';
      readonly email: string;
      readonly tenantId: string;
      readonly link?: string;
      /** Epoch milliseconds. */
      readonly at?: number;
      readonly user?: { readonly id: string; readonly recipeUserId?: string };
      readonly stepgate: FromUs<EmailContent>['stepgate'];
    };

export type SmsEvent = Login & { readonly phoneNumber: string } & FromUs<SmsContent>;

interface Login {
  readonly type: 'PASSWORDLESS_LOGIN';
  readonly userInputCode?: string;
  readonly urlWithLinkCode?: string;
  /** Milliseconds. */
  readonly codeLifetime: number;
  readonly preAuthSessionId: string;
  readonly isFirstFactor: boolean;
  readonly tenantId: string;
}

interface FromUs<Content> {
  readonly stepgate: {
    /** Of this payload. A new number means that something which is here is not there any more. */
    readonly version: 1;
    /** Of this message. We never repeat one; where your provider takes an idempotency key, this is it. */
    readonly id: string;
    readonly kind: Kind;
    /** As SES and SNS would have been tagged: `second-factor`, `enrol`, `notice`, … */
    readonly purpose: string;
    /** What `content` is written in, such as `hu`. */
    readonly language: string;
    /** Ready to send. */
    readonly content: Content;
  };
}

export interface EmailContent {
  /** `mailFrom` of the deployment: `Acme <no-reply@example.com>`. */
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface SmsContent {
  /** Ends in `@host #code` where there is a code; change nothing there, or browsers do not fill it in. */
  readonly text: string;
}

/**
 * What it answers: nothing or `OK` once the provider has taken the message, within 4 seconds.
 *
 * `UNDELIVERABLE`: never to this address, and the person is told to take another way. Anything else, and anything
 * thrown, means not now: the person is told to try again. Nothing is sent by another way instead.
 */
export type SenderReply = void | undefined | null | { readonly status: 'OK' | 'UNDELIVERABLE' };

export type EmailSender = (event: EmailEvent) => Promise<SenderReply>;
export type SmsSender = (event: SmsEvent) => Promise<SenderReply>;
