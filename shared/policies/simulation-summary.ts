import type { Messages } from './cost.ts';
import type { SimulatedUser } from './simulate-user.ts';
import type { Standing } from './standing.ts';

/** What became of one member. */
export type Outcome =
  | { readonly status: 'simulated'; readonly user: SimulatedUser }
  | { readonly status: 'disabled' }
  | { readonly status: 'gone' }
  | { readonly status: 'unreadable'; readonly userId: string };

/** Numbers of users. Names without a time are of the policy that is tried. */
export interface Summary {
  /** Who could sign in as far as their status goes; the rest is counted below and nowhere else. */
  readonly users: number;
  readonly disabled: number;
  /** What is stored of them is no user. */
  readonly unreadable: number;
  readonly challengedNow: number;
  readonly challengedAfter: number;
  readonly newlyChallenged: number;
  readonly lockedOutNow: number;
  readonly lockedOut: number;
  readonly newlyLockedOut: number;
  readonly mustEnrol: number;
  /** Nobody has proven the address they begin with, and the tenant lets nobody in before that. */
  readonly mustVerify: number;
  /** They have to set a password before they begin. */
  readonly mustReset: number;
  /** They go on as another account, which theirs is linked to. */
  readonly linked: number;
  readonly exempt: number;
  readonly inGrace: number;
  /** A rule that only observes matches them. */
  readonly observed: number;
  /** Codes that go out when every user signs in once. */
  readonly otpMessagesNow: Messages;
  readonly otpMessages: Messages;
  /** Those of the sign-in after that one, on the same device; the same where no device is remembered. */
  readonly otpMessagesRemembered: Messages;
}

const NO_MESSAGES: Messages = { email: 0, sms: 0, smsSegments: 0 };

export const NOBODY: Summary = {
  users: 0,
  disabled: 0,
  unreadable: 0,
  challengedNow: 0,
  challengedAfter: 0,
  newlyChallenged: 0,
  lockedOutNow: 0,
  lockedOut: 0,
  newlyLockedOut: 0,
  mustEnrol: 0,
  mustVerify: 0,
  mustReset: 0,
  linked: 0,
  exempt: 0,
  inGrace: 0,
  observed: 0,
  otpMessagesNow: NO_MESSAGES,
  otpMessages: NO_MESSAGES,
  otpMessagesRemembered: NO_MESSAGES,
};

export function withOutcome(sum: Summary, outcome: Outcome): Summary {
  switch (outcome.status) {
    case 'gone':
      return sum;
    case 'disabled':
      return { ...sum, disabled: sum.disabled + 1 };
    case 'unreadable':
      return { ...sum, unreadable: sum.unreadable + 1 };
    case 'simulated':
      return withUser(sum, outcome.user);
  }
}

function withUser(sum: Summary, { now, after, remembered, smsSegments = 1, mustReset }: SimulatedUser): Summary {
  const withMessages = (before: Messages, { messages }: Pick<Standing, 'messages'>): Messages => {
    const sms = messages.filter((way) => way === 'sms').length;
    return {
      email: before.email + messages.length - sms,
      sms: before.sms + sms,
      smsSegments: before.smsSegments + sms * smsSegments,
    };
  };
  return {
    ...sum,
    users: sum.users + 1,
    challengedNow: sum.challengedNow + Number(now.challenged),
    challengedAfter: sum.challengedAfter + Number(after.challenged),
    newlyChallenged: sum.newlyChallenged + Number(after.challenged && !now.challenged),
    lockedOutNow: sum.lockedOutNow + Number(now.lockedOut),
    lockedOut: sum.lockedOut + Number(after.lockedOut),
    newlyLockedOut: sum.newlyLockedOut + Number(after.lockedOut && !now.lockedOut),
    mustEnrol: sum.mustEnrol + Number(after.mustEnrol),
    mustVerify: sum.mustVerify + Number(after.mustVerify),
    mustReset: sum.mustReset + Number(mustReset ?? false),
    linked: sum.linked + Number(after.goesOnAs !== undefined),
    exempt: sum.exempt + Number(after.exempt),
    inGrace: sum.inGrace + Number(after.inGrace),
    observed: sum.observed + Number(after.observed.length > 0),
    otpMessagesNow: withMessages(sum.otpMessagesNow, now),
    otpMessages: withMessages(sum.otpMessages, after),
    otpMessagesRemembered: withMessages(sum.otpMessagesRemembered, remembered ?? after),
  };
}
