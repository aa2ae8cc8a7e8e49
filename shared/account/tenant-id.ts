/** What the edge needs to know of tenants, without the weight of their schema. */

const RESERVED_SEGMENTS = new Set(
  (
    'signin signup signinup signout session mfa totp user jwt callback authorisationurl loginmethods emailpassword ' +
    'passwordless recipe webauthn oauth sessions tenants devices factors me admin auth'
  ).split(' '),
);

/** Lower-case letters, digits and hyphens, and never a word that begins one of our own paths. */
export const isTenantId = (value: string): boolean =>
  /^[a-z0-9][a-z0-9-]{0,62}$/.test(value) && !RESERVED_SEGMENTS.has(value);

/** A stored tenant that cannot be used: that tenant answers 503 until somebody mends it, and no other. */
export class MalformedTenant extends Error {
  readonly tenantId: string;
  /** One line per fault, naming the attribute, never a value. */
  readonly faults: readonly string[];
  constructor(tenantId: string, faults: readonly string[]) {
    super(`tenant ${tenantId} is malformed: ${faults.join('; ')}`);
    this.name = 'MalformedTenant';
    this.tenantId = tenantId;
    this.faults = faults;
  }
}
