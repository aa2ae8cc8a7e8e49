import { VERIFY } from '../../shared/policies/entering.ts';
import type { Browser } from './browser.ts';
import type { Furnishing } from './furnished.ts';
import type { useHostileIdp } from './hostile-idp.ts';
import { askReset, askVerification, lastLink, redeemReset, redeemVerification } from './links.ts';
import { PASSWORD, type Stepgate } from './stepgate.ts';
import { begin as beginAtProvider, finish, goodClaims } from './third-party.ts';
import { calls, codeAt } from './totp.ts';

/** What the owner of an account knows and has. */
export type Owner = Furnishing & { readonly userId: string; readonly secret: string; readonly code: string };

let fresh = 0;
export const freshPhone = (prefix: string): string => {
  const n = (fresh += 1);
  if (prefix === 'landline') return `+361${String(2_000_000 + n)}`;
  return prefix === '+3630' ? `+3630${String(2_000_000 + n)}` : `+4915112${String(100_000 + n).slice(-6)}`;
};

const mailOf = ({ email, password, byMail, provider }: Furnishing): string | undefined =>
  (password ?? byMail) === undefined && (provider ?? 'silent') === 'silent' ? undefined : email;
const phoneOf = ({ byPhone, phone }: Furnishing): string | undefined => (byPhone === undefined ? undefined : phone);

const isOk = ({ body }: Awaited<ReturnType<Browser['post']>>): boolean => body?.status === 'OK';

/** A person with every account there is of one mailbox, who does all that a person can, over HTTP. */
export function person(stepgate: Stepgate, idp: ReturnType<typeof useHostileIdp>, accounts: Map<string, Owner>) {
  const ownerOf = (page: Browser): Owner => accounts.get(page.claims().sub)!;

  /** With the first factor that a simulation names, as the owner of the account it is about. */
  async function begin(page: Browser, firstFactor: string, own: Furnishing): Promise<boolean> {
    const { email, phone, tenantId } = own;
    if (firstFactor === 'emailpassword') {
      if (own.unset === true && !(await resetPassword(email!, tenantId))) return false;
      return isOk(await page.signIn(email!, PASSWORD));
    }
    if (firstFactor === 'thirdparty') return enterByProvider(page, own);
    const contact = firstFactor.endsWith('phone') ? { phoneNumber: phone! } : { email: email! };
    const { body } = await page.startCode(contact);
    if (body.status !== 'OK') return false;
    const to = 'email' in contact ? contact.email : contact.phoneNumber;
    return isOk(
      firstFactor.startsWith('link')
        ? await page.enterLink(stepgate.lastLink(to))
        : await page.enterCode(body, stepgate.lastCode(to)),
    );
  }

  async function resetPassword(email: string, tenantId: string): Promise<boolean> {
    const page = stepgate.browser('header', tenantId);
    if (!isOk(await askReset(page, email, tenantId))) return false;
    const { token } = lastLink(stepgate, email);
    return isOk(await redeemReset(page, token, PASSWORD, tenantId));
  }

  async function enterByProvider(page: Browser, { tenantId, email, provider, subject }: Furnishing): Promise<boolean> {
    const started = await beginAtProvider(page, { tenantId });
    const now = Math.floor(stepgate.clock.now() / 1000);
    const said = provider === 'silent' ? {} : { email, email_verified: provider === 'verified' };
    idp.says(await idp.token(goodClaims(started, idp.issuer(), { iat: now, exp: now + 300, sub: subject, ...said })));
    return isOk(await finish(page, started, { code: 'c' }));
  }

  /** Follows the link to the mailbox that the session began with. */
  async function verify(page: Browser): Promise<boolean> {
    const { email, tenantId } = ownerOf(page);
    if (email === undefined || !isOk(await askVerification(page))) return false;
    return isOk(await redeemVerification(page, lastLink(stepgate, email).token, tenantId));
  }

  /** Does a factor in every way there is. @returns how it was done; undefined where none worked. */
  async function attempt(page: Browser, factor: string): Promise<'shown' | 'set-up' | undefined> {
    stepgate.clock.advance(31_000);
    if (factor === VERIFY) return (await verify(page)) ? 'shown' : undefined;
    const own = ownerOf(page);
    const remember = { rememberDevice: true };
    const app = calls(page);
    if (factor === 'totp') {
      const code = (secret: string) => codeAt(secret, stepgate.clock.now());
      const show = { totp: code(own.secret), ...remember };
      if (own.app === true && isOk(await page.post('/auth/totp/verify', show))) return 'shown';
      const made = await app.create();
      if (!isOk(made)) return undefined;
      const { deviceName, secret } = made.body;
      const typed = { deviceName, totp: code(secret), ...remember };
      if (!isOk(await page.post('/auth/totp/device/verify', typed))) return undefined;
      accounts.set(own.userId, { ...own, app: true, secret });
      return 'set-up';
    }
    if (factor === 'backup-code') return isOk(await app.useCode(own.code)) ? 'shown' : undefined;
    const isMail = factor === 'otp-email';
    const info = (await page.mfaInfo()).body;
    const listed: readonly string[] = (isMail ? info.emails : info.phoneNumbers)?.[factor] ?? [];
    const known = [...accounts.values()].flatMap((one) => (isMail ? mailOf(one) : phoneOf(one)) ?? []);
    const added = isMail ? `new-${(fresh += 1)}@example.org` : freshPhone('+3630');
    for (const contact of new Set([...listed, ...known, added])) {
      const sent = await page.sendCode(isMail ? { email: contact } : { phoneNumber: contact });
      if (!isOk(sent)) continue;
      const done = await page.consume(sent.body, stepgate.lastCode(contact), remember);
      if (isOk(done)) return contact === added ? 'set-up' : 'shown';
    }
    return undefined;
  }

  /**
   * Whatever is offered is done, something else first each time, and what stands in the way is proven. One sign-in: what
   * it leaves behind may let the next one in, as where it showed a factor that was owed.
   *
   * @returns whether that led in.
   */
  async function getsIn(firstFactor: string, own: Furnishing, device?: string): Promise<boolean> {
    const page = stepgate.browser('header', own.tenantId);
    page.setDevice(device);
    if (!(await begin(page, firstFactor, own))) return false;
    const turn = (fresh += 1);
    for (let step = 0; step < 6 && !isIn(page); step += 1) {
      const next: readonly string[] = (await page.mfaInfo()).body.factors?.next ?? [];
      let done: string | undefined;
      for (let i = 0; i < next.length; i += 1) done ??= await attempt(page, next[(i + turn) % next.length]!);
      done ??= await attempt(page, VERIFY);
      if (done === undefined) break;
    }
    return isIn(page);
  }

  return { begin, attempt, getsIn };
}

/** Nothing is owed any more: what protected routes ask for. */
export const isIn = (page: Browser): boolean => page.claims().scope === 'mfa';
