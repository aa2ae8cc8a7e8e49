import { subjectOfAbuse } from '../account/contact.ts';
import { belongsToAnother, linkByAddress, type LinkDeps } from '../account/link-accounts.ts';
import { mayEnter, tooMany } from '../account/sign-in.ts';
import { newAccount } from '../account/sign-up.ts';
import type { Tenant } from '../account/tenant.ts';
import { isEmailVerified } from '../account/user.ts';
import type { Config } from '../config.ts';
import { codesForUser, emailsTo, redeemPerIp } from '../limits.ts';
import type { AuditStore, LimitStore, TokenStore, UserStore, VerificationStore } from '../ports.ts';
import { ProtocolError } from '../protocol-error.ts';
import { type ContextDeps, type SessionContext, sessionContext } from '../session/context.ts';
import type { Client } from '../session/client.ts';
import { type IssueDeps, type IssuedTokens, reissueTokens } from '../session/issue.ts';
import type { Session } from '../session/session.ts';
import { startSession, type StartDeps } from '../session/start.ts';
import { type LinkMailDeps, mailLink } from './link-mail.ts';
import { LINK_SECONDS, type LinkToken, newToken, tokenHash } from './token.ts';

export type VerifyDeps = ContextDeps &
  StartDeps &
  LinkDeps &
  LinkMailDeps & {
    readonly config: Pick<Config, 'LIMIT_SCALE'>;
    readonly limits: Pick<LimitStore, 'spend'>;
    readonly users: Pick<UserStore, 'create'>;
    readonly tokens: TokenStore;
    readonly verifications: VerificationStore;
    readonly audit: AuditStore;
  };

type Caller = { readonly session: Session; readonly tenant: Tenant; readonly client: Client };
/** Present when the session's claims were out of date. Not part of the body. */
type WithTokens = { readonly tokens?: IssuedTokens };

export type RequestVerificationOutcome =
  | { readonly status: 'OK' }
  | ({ readonly status: 'EMAIL_ALREADY_VERIFIED_ERROR' } & WithTokens)
  | { readonly status: 'GENERAL_ERROR'; readonly message: string; readonly retryAfterMs?: number };

/**
 * Mails a link that proves the address the session began with. An earlier link is good for nothing any more.
 *
 * @see FDI /user/email/verify/token
 */
export async function requestVerification(
  input: Caller & { readonly origin: string | undefined },
  deps: VerifyDeps,
): Promise<RequestVerificationOutcome> {
  const { session, tenant } = input;
  const context = await sessionContext(input, deps);
  const { user } = context;
  const method = user.loginMethods.find(({ recipeUserId }) => recipeUserId === session.recipeUserId);
  if (method?.email === undefined || isEmailVerified(user, session.recipeUserId)) {
    return { status: 'EMAIL_ALREADY_VERIFIED_ERROR', ...(await claimsNow(context, deps)) };
  }
  const now = deps.clock.now();
  const scale = deps.config.LIMIT_SCALE;
  const counted = await Promise.all([
    deps.limits.spend(emailsTo(tenant.tenantId, subjectOfAbuse(method.email), scale), now),
    deps.limits.spend(codesForUser(tenant.tenantId, user.userId, scale), now),
  ]);
  const limited = counted.find(({ allowed }) => !allowed);
  if (limited !== undefined) return tooMany(limited);

  const { token, hash } = newToken();
  const { recipeUserId, email } = method;
  await deps.tokens.issue({
    tenantId: tenant.tenantId,
    hash,
    purpose: 'verify',
    userId: user.userId,
    recipeUserId,
    contact: email,
    createdAt: now,
    expiresAt: now + LINK_SECONDS.verify * 1000,
  });
  const { origin } = input;
  const sent = await mailLink({ purpose: 'verify', to: email, user, recipeUserId, tenant, token, origin }, deps);
  return sent === 'sent' ? { status: 'OK' } : { status: 'GENERAL_ERROR', message: NOT_SENT[sent] };
}

const NOT_SENT = {
  undeliverable: 'We could not send a mail to this address. Please contact support.',
  failed: "We couldn't send the mail right now. Please try again in a minute.",
} as const;

export type VerifyOutcome =
  | ({ readonly status: 'OK' } & WithTokens)
  | { readonly status: 'EMAIL_VERIFICATION_INVALID_TOKEN_ERROR' }
  | ReturnType<typeof tooMany>;

const INVALID = { status: 'EMAIL_VERIFICATION_INVALID_TOKEN_ERROR' } as const;

/**
 * Uses a link up and marks its address as proven. A session of the same login method hears of it at once; any other is
 * left as it is.
 *
 * Where the address links accounts, and another account has proven it, only the session of the account itself proves it:
 * whoever merely opens the link has shown the mailbox, and not that the password beside it is theirs. The account is then
 * the other one's, and a new session of that one is begun, which owes what its policy asks.
 *
 * @see FDI /user/email/verify
 */
export async function verifyEmail(
  input: {
    readonly tenant: Tenant;
    readonly client: Client;
    readonly session: Session | undefined;
    readonly token: string;
  },
  deps: VerifyDeps,
): Promise<VerifyOutcome> {
  const { tenant, client, session } = input;
  const now = deps.clock.now();
  const address = await deps.limits.spend(redeemPerIp(client.ip, deps.config.LIMIT_SCALE), now);
  if (!address.allowed) return tooMany(address);
  const token = await deps.tokens.find(tenant.tenantId, tokenHash(input.token));
  if (token === undefined || token.expiresAt <= now) return INVALID;
  if (token.pending !== undefined) return makeAccount({ token, tenant, now }, token.pending, deps);
  if (token.purpose !== 'verify') return INVALID;
  const user = await deps.users.load(token.userId);
  if (user === undefined || !mayEnter(user, tenant)) return INVALID;
  const method = user.loginMethods.find((own) => own.recipeUserId === token.recipeUserId);
  if (method === undefined) return INVALID;
  const own = session?.userId === user.userId && session.recipeUserId === method.recipeUserId ? session : undefined;
  if (own === undefined && (await belongsToAnother({ user, method, tenant }, deps))) return INVALID;
  if ((await deps.verifications.verify({ token, now })) !== 'OK') return INVALID;
  const { userId, tenantId, recipeUserId } = token;
  await deps.audit.write({ userId, tenantId, at: now, event: 'email.verified', details: { recipeUserId } });
  const firstFactor = own?.payload.firstFactor ?? 'emailpassword';
  const proven = { ...method, verified: true };
  const loginMethods = user.loginMethods.map((each) => (each === method ? proven : each));
  const entry = { user: { ...user, loginMethods }, method: proven, tenant, client, firstFactor };
  const after = await linkByAddress(entry, deps);
  if (own === undefined) return { status: 'OK' };
  if (after.userId === userId) return { status: 'OK', ...(await claimsOfLive({ session: own, tenant, client }, deps)) };
  return { status: 'OK', tokens: await startSession({ user: after, recipeUserId, tenant, firstFactor, client }, deps) };
}

/** The link of a sign-up by mail: the account is made by whoever reads the address. It begins no session. */
async function makeAccount(
  { token, tenant, now }: { readonly token: LinkToken; readonly tenant: Tenant; readonly now: number },
  { passwordHash, metadata }: NonNullable<LinkToken['pending']>,
  { users }: Pick<VerifyDeps, 'users'>,
): Promise<VerifyOutcome> {
  const { user, method } = newAccount({ tenant: token, email: token.contact, passwordHash, now, metadata });
  // The reader need not be who chose the password: where the address joins accounts, it would open the other one.
  if (await belongsToAnother({ user, method, tenant }, { users })) return INVALID;
  const isMade = await users.create(user, { ...method, verified: true }, token);
  return isMade ? { status: 'OK' } : INVALID;
}

/** The address is proven whatever became of the session. */
async function claimsOfLive(caller: Caller, deps: VerifyDeps): Promise<WithTokens> {
  try {
    return await claimsNow(await sessionContext(caller, deps), deps);
  } catch (error) {
    if (error instanceof ProtocolError) return {};
    throw error;
  }
}

/**
 * Whether the address the session began with is proven; its claim says so from now on.
 *
 * @see FDI GET /user/email/verify
 */
export async function verificationState(
  input: Caller,
  deps: ContextDeps & IssueDeps,
): Promise<{ readonly status: 'OK'; readonly isVerified: boolean } & WithTokens> {
  const context = await sessionContext(input, deps);
  const isVerified = isEmailVerified(context.user, input.session.recipeUserId);
  // Also when nothing changed: the client asks again 10 seconds after the time in a claim that says no.
  const always = !isVerified && input.tenant.emailVerification !== 'OFF';
  return { status: 'OK', isVerified, ...(await claimsNow(context, deps, always)) };
}

async function claimsNow(
  { session, user, tenant, facts }: SessionContext,
  deps: IssueDeps,
  always = false,
): Promise<WithTokens> {
  const { payload } = session;
  const tokens = await reissueTokens({ payload, user, tenant, facts, epoch: user.epoch, always }, deps);
  return tokens === undefined ? {} : { tokens };
}
