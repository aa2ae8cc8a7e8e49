import { endpoints as account } from './account/endpoints.ts';
import { endpoints as admin } from './admin/endpoints.ts';
import { endpoints as factors } from './factors/endpoints.ts';
import { endpoints as firstFactor } from './first-factor/endpoints.ts';
import { endpoints as jwks } from './jwks/endpoints.ts';
import { endpoints as otpConsume } from './otp-consume/endpoints.ts';
import { endpoints as otpSend } from './otp-send/endpoints.ts';
import { endpoints as preflight } from './preflight/endpoints.ts';
import { endpoints as recovery } from './recovery/endpoints.ts';
import { endpoints as session } from './session/endpoints.ts';
import { endpoints as totp } from './totp/endpoints.ts';
import { endpoints as thirdParty } from './third-party/endpoints.ts';

/**
 * The whole API on one page: a directory, a Lambda, a set of rights. Paths with a tenant also exist without, for `public`.
 *
 * | function     | offers                                                                                           |
 * | ------------ | ------------------------------------------------------------------------------------------------ |
 * | first-factor | POST signup, signin · GET loginmethods, emailpassword/email/exists                               |
 * |              | GET passwordless/email/exists, passwordless/phonenumber/exists                                   |
 * |              | GET signup/email/exists, signup/phonenumber/exists, their older names                            |
 * | third-party  | GET authorisationurl · POST signinup, callback/apple                                             |
 * | otp-send     | POST signinup/code, signinup/code/resend                                                         |
 * | otp-consume  | POST signinup/code/consume                                                                       |
 * | factors      | PUT mfa/info · GET mfa/factors · PUT, DELETE mfa/factors/{factorId}                              |
 * | totp         | POST totp/device, totp/device/remove, totp/device/verify, totp/verify · GET totp/device/list ·   |
 * |              | POST mfa/backup-codes, mfa/backup-codes/verify · GET mfa/backup-codes                            |
 * | recovery     | POST user/password/reset/token, user/password/reset, user/password/change                        |
 * |              | POST user/email/verify/token, user/email/verify · GET user/email/verify                          |
 * |              | POST account/email, account/email/confirm, account/phone, account/phone/confirm, account/revert, |
 * |              | account/not-me                                                                                   |
 * | account      | GET account/login-methods, DELETE account/login-methods/{recipeUserId}                           |
 * | session      | POST session/refresh, signout · GET sessions, DELETE sessions/{handle} · GET devices,            |
 * |              | DELETE devices/{id} · GET tenants, POST session/tenant · GET /me                                 |
 * | jwks         | GET jwt/jwks.json, .well-known/openid-configuration                                              |
 * | preflight    | OPTIONS, everywhere · GET mfa/policy-epoch                                                       |
 * | admin        | /admin: tenants; their policies: validate, simulate, versions, rollback; users, their tenants,   |
 * |              | roles, factors, exemptions, devices, links, sessions, decisions; import, export; IAM-authorised  |
 *
 * Without a route are `keys`, which makes the signing keys when the stack is deployed and rotates them on a schedule;
 * `policies`, which makes versions of policies that were edited by hand, within seconds and once a day; and `authorizer`,
 * which guards routes of one's own.
 */
export const functions = {
  'first-factor': firstFactor,
  'third-party': thirdParty,
  'otp-send': otpSend,
  'otp-consume': otpConsume,
  factors,
  totp,
  recovery,
  account,
  session,
  jwks,
  preflight,
  admin,
};

export type FunctionName = keyof typeof functions;
