/** Tenants that the front ends sign in at, as far as they differ from the sample's. */
export const ADMINS = {
  mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
};
export const EVERYBODY = { mfaPolicy: { rules: [{ id: 'everybody', require: ['otp-email'] }] } };
/** Everybody at acme is asked for a code, by mail or by text message. */
export const ACME = { firstFactors: ['emailpassword'], requiredSecondaryFactors: ['otp-email', 'otp-phone'] };
/** What the admin API refuses to save, and somebody wrote by hand: no screen of this service can do `webauthn`. */
export const IMPOSSIBLE = { mfaPolicy: { rules: [{ id: 'all', require: ['webauthn'] }] } };
export const IMPOSSIBLE_SAYS = 'Your account needs webauthn, which cannot be set up here. Please contact support.';
/** Everybody is asked for an authenticator app. */
export const APPS = { mfaPolicy: { rules: [{ id: 'all', require: ['totp'] }] } };
