import { demandsOf } from '../mfa/demands.ts';
import type { FactorId } from '../mfa/factor.ts';
import type { Tenant } from '../account/tenant.ts';
import type { WayIn } from './way-in.ts';

/** What a sign-in of a user comes to under one policy. */
export interface Standing {
  /** Something is asked beyond the first factor. */
  readonly challenged: boolean;
  /** What is asked first. */
  readonly next: readonly FactorId[];
  /** The sign-in cannot be finished. */
  readonly lockedOut: boolean;
  /** It can be finished only by setting something up. */
  readonly mustEnrol: boolean;
  /** It can be finished only by following the link to the mailbox it began with. */
  readonly mustVerify: boolean;
  /**
   * What is done to get in, or as far as it goes; of several factors that would do, the first that leads on. The link that
   * proves an address is `verify-email`.
   */
  readonly steps: readonly FactorId[];
  /** Codes that sends, in order. */
  readonly messages: readonly ('email' | 'sms')[];
  /** The account it goes on as, where it is linked to another one. */
  readonly goesOnAs?: string;
  /** An exemption stands for something the policy demands. */
  readonly exempt: boolean;
  /** A grace does. */
  readonly inGrace: boolean;
  /** Ids of rules that only observe and would ask for something. */
  readonly observed: readonly string[];
}

/** Of a user who has nothing to begin with. */
export const NO_WAY: Standing = {
  challenged: false,
  next: [],
  lockedOut: true,
  mustEnrol: false,
  mustVerify: false,
  steps: [],
  messages: [],
  exempt: false,
  inGrace: false,
  observed: [],
};

/** @param userId whose sign-in it is. */
export function standingOf(
  { facts, evaluation, isOpen, mustEnrol, mustVerify, steps }: WayIn,
  userId: string,
): Standing {
  const { waivers, observed } = evaluation.decision;
  return {
    challenged: !evaluation.claim.v,
    next: evaluation.next,
    lockedOut: !isOpen,
    mustEnrol,
    mustVerify,
    steps: steps.map(({ factor }) => factor),
    messages: messagesOf(steps),
    ...(facts.user.id === userId ? {} : { goesOnAs: facts.user.id }),
    exempt: waivers.some(({ by }) => by === 'exemption'),
    inGrace: waivers.some(({ by }) => by === 'grace'),
    observed,
  };
}

const messagesOf = (steps: WayIn['steps']): Standing['messages'] =>
  steps.flatMap(({ factor }) => (factor === 'otp-email' ? ['email'] : factor === 'otp-phone' ? ['sms'] : []));

/** Rules that demand something of a user who is asked; those that match and demand nothing are not behind it. */
export const rulesBehind = ({ policy }: Tenant, { facts, evaluation }: WayIn): readonly string[] =>
  policy.rules.flatMap(({ rule }) =>
    evaluation.next.length > 0 && evaluation.decision.because.includes(rule.id) && demandsOf(rule, facts).length > 0
      ? [rule.id]
      : [],
  );

/** In the words of a sentence that says `it would be …`. */
export const wordOf = ({ lockedOut, mustEnrol, mustVerify, challenged }: Standing): string => {
  if (lockedOut) return 'would be locked out';
  if (mustEnrol) return 'would have to set something up';
  if (mustVerify) return 'would have to prove its e-mail address';
  return challenged ? 'would be asked for a second factor' : 'would be let in at once';
};
