import type { FieldErrors } from '../account/form-fields.ts';
import type { Tenant } from '../account/tenant.ts';
import { readContact } from '../otp/destination.ts';
import { openDevice, type SendDeps, type SendOutcome } from '../otp/send-code.ts';
import { badRequest } from '../protocol-error.ts';
import { sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import type { Session } from '../session/session.ts';
import { type ChangeKind, fieldOf, hasContact, presentContact } from './contact-methods.ts';
import { requireFreshProof } from './fresh-proof.ts';

export type RequestChangeOutcome =
  | Extract<SendOutcome, { readonly status: 'OK' | 'GENERAL_ERROR' }>
  | { readonly status: 'FIELD_ERROR'; readonly formFields: FieldErrors };

/**
 * Sends a code to the address that is to take the present one's place. Nothing changes until it is typed in, in this
 * very session; whether the address is somebody else's shows only to whoever reads it.
 *
 * @throws 403 `st-mfa` without a fresh proof; 400 for an account that has no contact of the kind.
 */
export async function requestChange(
  input: {
    readonly session: Session;
    readonly tenant: Tenant;
    readonly client: Client;
    readonly kind: ChangeKind;
    readonly value: string;
  },
  deps: SendDeps,
): Promise<RequestChangeOutcome> {
  const { session, tenant, client, kind, value } = input;
  const context = await sessionContext(input, deps);
  requireFreshProof(context);
  const { user } = context;
  if (presentContact(user, session, kind) === undefined) throw badRequest('there is nothing of this kind to change');
  const contact = await readContact(kind === 'email' ? { email: value } : { phoneNumber: value });
  const fault =
    'message' in contact
      ? contact.message
      : hasContact(user, kind, contact.value)
        ? 'This is yours already'
        : undefined;
  if ('message' in contact || fault !== undefined) {
    return { status: 'FIELD_ERROR', formFields: [{ id: fieldOf(kind), error: fault ?? '' }] };
  }
  return openDevice({ session, tenant, client, user, contact, purpose: 'change' }, deps);
}
