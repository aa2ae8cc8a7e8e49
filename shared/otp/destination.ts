import { canonicalEmail, canonicalPhone } from '../account/contact.ts';
import type { Tenant } from '../account/tenant.ts';
import { emailsOf, otpMethod, phonesOf, type User } from '../account/user.ts';
import { type Evaluation, setupRefusal } from '../mfa/evaluate.ts';
import type { Facts } from '../mfa/facts.ts';
import type { OtpFactor } from '../mfa/factor.ts';
import { isStale, STALE } from '../mfa/freshness.ts';

/** An address as a client names it: canonical, or refused with the words the FDI's screens show. */
export type Contact =
  | { readonly factorId: OtpFactor; readonly value: string; readonly country?: string }
  | { readonly message: string };

export async function readContact(input: { email?: string; phoneNumber?: string }): Promise<Contact> {
  if (input.email !== undefined) {
    const value = canonicalEmail(input.email);
    return value === undefined ? { message: 'Email is invalid' } : { factorId: 'otp-email', value };
  }
  const phone = await canonicalPhone(input.phoneNumber ?? '');
  return phone === undefined
    ? { message: 'Phone number is invalid' }
    : { factorId: 'otp-phone', value: phone.number, country: phone.country };
}

export type Destined =
  /** An address the account has: proved before, or about to be. */
  | { readonly purpose: 'second-factor' }
  /** A new one, and it may be set up. */
  | { readonly purpose: 'enrol' }
  /** 403 `st-mfa` with this reason. */
  | { readonly refused: 'claim'; readonly reason: string | Readonly<Record<string, unknown>> }
  /** The address is not one this session may choose: `SIGN_IN_UP_NOT_ALLOWED`. */
  | { readonly refused: 'destination' }
  | { readonly refused: 'method' };

/** The session began with the mailbox or phone that this code would go to. */
const REPEATED = {
  message: 'This session began with the same mailbox or phone. Another factor is needed',
} as const;

/**
 * May a code of this session go to this address? The second factor's destination is the server's choice, not the
 * client's: what the account has always qualifies, anything new needs proof beyond the first factor.
 *
 * @see wire.md §12.6, §13
 * @see security.md §3.7
 */
export function destine(about: {
  readonly user: User;
  readonly tenant: Tenant;
  readonly facts: Facts;
  readonly evaluation: Evaluation;
  readonly factorId: OtpFactor;
  readonly contact: string;
}): Destined {
  const { user, tenant, facts, evaluation, factorId, contact } = about;
  // A proof goes to the account's own mailbox whatever the tenant offers; nothing else gets round the contact method.
  const isProof = factorId === 'otp-email' && evaluation.next.includes(factorId);
  const offered = tenant.secondFactors.includes(factorId) || isProof;
  if (!offered) return { refused: 'method' };
  if (otpMethod(user, factorId, contact) !== undefined) {
    return evaluation.repeated.includes(factorId)
      ? { refused: 'claim', reason: REPEATED }
      : { purpose: 'second-factor' };
  }

  const reason = setupRefusal(evaluation, facts, factorId);
  if (reason !== undefined) return { refused: 'claim', reason };
  if (evaluation.claim.v && isStale(facts)) return { refused: 'claim', reason: STALE };
  const own = (factorId === 'otp-email' ? emailsOf(user) : phonesOf(user)).includes(contact);
  if (own) return { purpose: 'second-factor' };
  return evaluation.mayEnrolAnywhere ? { purpose: 'enrol' } : { refused: 'destination' };
}
