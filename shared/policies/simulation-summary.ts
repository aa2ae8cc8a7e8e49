import type { Messages } from './cost.ts';
import type { SimulatedUser, Standing } from './simulate-user.ts';

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
  readonly exempt: number;
  readonly inGrace: number;
  /** A rule that only observes matches them. */
  readonly observed: number;
  /** Codes that go out when every user signs in once. */
  readonly otpMessagesNow: Messages;
  readonly otpMessages: Messages;
}

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
  exempt: 0,
  inGrace: 0,
  observed: 0,
  otpMessagesNow: { email: 0, sms: 0 },
  otpMessages: { email: 0, sms: 0 },
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

const withUser = (sum: Summary, { now, after }: SimulatedUser): Summary => ({
  ...sum,
  users: sum.users + 1,
  challengedNow: sum.challengedNow + Number(now.challenged),
  challengedAfter: sum.challengedAfter + Number(after.challenged),
  newlyChallenged: sum.newlyChallenged + Number(after.challenged && !now.challenged),
  lockedOutNow: sum.lockedOutNow + Number(now.lockedOut),
  lockedOut: sum.lockedOut + Number(after.lockedOut),
  newlyLockedOut: sum.newlyLockedOut + Number(after.lockedOut && !now.lockedOut),
  mustEnrol: sum.mustEnrol + Number(after.mustEnrol),
  exempt: sum.exempt + Number(after.exempt),
  inGrace: sum.inGrace + Number(after.inGrace),
  observed: sum.observed + Number(after.observed.length > 0),
  otpMessagesNow: withMessages(sum.otpMessagesNow, now),
  otpMessages: withMessages(sum.otpMessages, after),
});

const withMessages = (sum: Messages, { messages }: Standing): Messages => ({
  email: sum.email + messages.filter((way) => way === 'email').length,
  sms: sum.sms + messages.filter((way) => way === 'sms').length,
});
