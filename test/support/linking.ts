import { beforeEach } from 'vitest';
import type { Answer, Browser } from './browser.ts';
import { useHostileIdp } from './hostile-idp.ts';
import { askVerification, lastLink, redeemVerification } from './links.ts';
import { everyItem } from './otp.ts';
import { PASSWORD, type Stepgate } from './stepgate.ts';
import { begin, corp, finish, goodClaims } from './third-party.ts';

/** First factors of every kind, nobody asked for a second. */
export const EVERY_WAY = {
  mfaPolicy: { rules: [] },
  flowType: 'USER_INPUT_CODE',
  firstFactors: ['emailpassword', 'thirdparty', 'otp-email', 'otp-phone'],
  emailVerification: 'OPTIONAL',
};
export const LINKED = { ...EVERY_WAY, accountLinking: { automatic: true } };

/** A provider that says what it is told to, and what front ends do with it. */
export function useSocial(stepgate: Stepgate) {
  const idp = useHostileIdp();
  /** By the service's clock, which tests move. */
  const now = () => Math.floor(stepgate.clock.now() / 1000);
  const token = (started: Parameters<typeof goodClaims>[0], claims: object) =>
    idp.token(goodClaims(started, idp.issuer(), { iat: now(), exp: now() + 300, ...claims }));
  beforeEach(() => idp.quiet());
  return {
    provider: () => corp(idp.issuer()),
    /** Signs in, or with `link` links to the page's session. */
    signIn: async (page: Browser, claims: object, link = false): Promise<Answer> => {
      const started = await begin(page);
      idp.says(await token(started, claims));
      return finish(page, started, { code: 'c' }, link ? { shouldTryLinkingWithSessionUser: true } : {});
    },
    /** So many sign-ins at the same time. */
    atOnce: async (claims: readonly object[]): Promise<readonly Answer[]> => {
      const flows = await Promise.all(
        claims.map(async (each) => {
          const page = stepgate.browser('header');
          const started = await begin(page);
          return { page, started, token: await token(started, each) };
        }),
      );
      idp.on('/token', (form) => ({
        body: { access_token: 'at', token_type: 'Bearer', id_token: flows[Number(form.get('code'))]?.token },
      }));
      return Promise.all(flows.map(({ page, started }, i) => finish(page, started, { code: String(i) })));
    },
  };
}

/** Signs up with a password and follows the link to the mailbox in the same browser. */
export async function provenSignUp(stepgate: Stepgate, page: Browser, email: string): Promise<string> {
  const { body } = await page.signUp(email, PASSWORD);
  if (body.status !== 'OK') throw new Error(`no account: ${JSON.stringify(body)}`);
  await askVerification(page);
  const answer = await redeemVerification(page, lastLink(stepgate, email).token);
  if (answer.body.status !== 'OK') throw new Error(`not verified: ${JSON.stringify(answer.body)}`);
  return String(page.claims().sub);
}

/** Signs in with a code to a mailbox or phone as first factor. */
export async function codeSignIn(
  stepgate: Stepgate,
  page: Browser,
  contact: { email: string } | { phoneNumber: string },
): Promise<Answer> {
  stepgate.clock.advance(31_000);
  const { body } = await page.startCode(contact);
  if (body.status !== 'OK') throw new Error(`no code: ${JSON.stringify(body)}`);
  return page.enterCode(body, stepgate.lastCode('email' in contact ? contact.email : contact.phoneNumber));
}

/** With a password, linking it to the page's session. */
export const passwordFor = (page: Browser, way: 'signup' | 'signin', email: string, password = PASSWORD) =>
  page.post(`/auth/${way}`, {
    formFields: [
      { id: 'email', value: email },
      { id: 'password', value: password },
    ],
    shouldTryLinkingWithSessionUser: true,
  });

export const loginMethodsOf = (answer: Answer): readonly string[] =>
  answer.body.user.loginMethods.map(({ recipeId }: { recipeId: string }) => recipeId);

/**
 * What must be true of the table whatever was linked and unlinked: every lookup points to a method that its user has, every
 * method is found by exactly one lookup of its kind, and no user is without its profile.
 */
export async function danglingIn(stepgate: Stepgate): Promise<readonly string[]> {
  const items = await everyItem(stepgate);
  const of = (item: (typeof items)[number], name: string) => String(item[name]);
  const profiles = new Set(items.filter((item) => item['sk'] === 'PROFILE').map((item) => of(item, 'pk')));
  const methods = items.filter((item) => of(item, 'sk').startsWith('LOGIN#'));
  const lookups = items.filter((item) => of(item, 'sk') === 'LOOKUP');
  const members = items.filter((item) => of(item, 'pk').startsWith('MEMBER#') && !of(item, 'pk').includes('~'));
  const names = new Set(methods.map((item) => `${of(item, 'pk')} ${of(item, 'recipeUserId')}`));
  return [
    ...lookups
      .filter((item) => !names.has(`USER#${of(item, 'userId')} ${of(item, 'recipeUserId')}`))
      .map((item) => `lookup of nobody's method: ${of(item, 'userId')} ${of(item, 'recipeUserId')}`),
    ...methods.filter((item) => !profiles.has(of(item, 'pk'))).map((item) => `method of nobody: ${of(item, 'pk')}`),
    ...methods
      .filter((item) => !lookups.some((each) => each['recipeUserId'] === item['recipeUserId']))
      .map((item) => `method that is found by nothing: ${of(item, 'recipeUserId')}`),
    ...members
      .filter((item) => !profiles.has(`USER#${of(item, 'sk')}`))
      .map((item) => `member that is nobody: ${of(item, 'sk')}`),
  ];
}
