import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { EVERYBODY, itemsUnder, OPEN, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { passCode } from './steps.ts';

const stepgate = useStepgate();

const NOT_ALLOWED = { status: 'SIGN_IN_UP_NOT_ALLOWED', reason: expect.stringContaining('(ERR_CODE_017)') };

/** Who signed in by code once has an account of the mailbox's own. */
async function mailboxAccount(email: string) {
  const page = stepgate.browser();
  const { body } = await page.enterCode((await page.startCode({ email })).body, stepgate.lastCode(email));
  stepgate.clock.advance(1_000);
  return { page, userId: body.user.id as string };
}

describe.each<Mode>(['cookie', 'header'])('a code first, a password later (%s mode)', (mode) => {
  beforeAll(() => stepgate.tenant('public', EVERYBODY));

  it('makes one account of the two, once the password’s owner shows the mailbox', async () => {
    const email = `both-${mode}@example.com`;
    await stepgate.tenant('public', OPEN);
    const alone = await mailboxAccount(email);
    await stepgate.tenant('public', EVERYBODY);
    const userId = await stepgate.user(email);
    const page = stepgate.browser(mode);
    await page.signIn(email, 'correct horse battery staple');
    const linked = await passCode(stepgate, page, { email });
    expect(linked.body).toMatchObject({
      status: 'OK',
      createdNewRecipeUser: false,
      user: { id: userId, isPrimaryUser: true },
    });
    expect(
      linked.body.user.loginMethods.map((method: { recipeUserId: string }) => method.recipeUserId).toSorted(),
    ).toEqual([userId, alone.userId].toSorted());
    expect((await page.me()).status).toBe(200);

    // Of the other nothing is left to sign in with, and its sessions are over.
    expect(await stepgate.app().users.load(alone.userId)).toBeUndefined();
    expect((await alone.page.mfaInfo()).status).toBe(401);
    expect((await itemsUnder(stepgate, 'MEMBER#')).map(({ sk }) => sk)).not.toContain(alone.userId);
    expect((await mailboxAccount(email)).userId).toBe(userId);
  });

  it.each<[string, (userId: string) => Promise<unknown>]>([
    ['a role', (userId) => stepgate.app().userAdmin.setRole(userId, 'public', 'editor', true)],
    ['facts', (userId) => stepgate.app().userAdmin.patch(userId, { metadata: { plan: 'paid' } })],
    ['a factor to do', (userId) => stepgate.app().users.setRequiredFactor(userId, 'otp-phone', true)],
    ['been disabled', (userId) => stepgate.app().userAdmin.patch(userId, { status: 'disabled' })],
  ])('takes nothing from an account that has %s', async (what, furnish) => {
    const email = `kept-${what.replaceAll(' ', '-')}-${mode}@example.com`;
    const alone = await mailboxAccount(email);
    await furnish(alone.userId);
    await stepgate.user(email);
    const page = await signedIn(stepgate, email);
    expect((await passCode(stepgate, page, { email })).body).toMatchObject(NOT_ALLOWED);
    expect((await stepgate.app().users.load(alone.userId))?.loginMethods).toHaveLength(1);
  });

  it('takes no mailbox that is not the password’s own', async () => {
    const email = `anothers-${mode}@example.com`;
    await stepgate.tenant('public', OPEN);
    const alone = await mailboxAccount(email);
    await stepgate.user(`taker-${email}`);
    const page = await signedIn(stepgate, `taker-${email}`);
    expect((await passCode(stepgate, page, { email })).body).toMatchObject(NOT_ALLOWED);
    expect((await mailboxAccount(email)).userId).toBe(alone.userId);
    await stepgate.tenant('public', EVERYBODY);
  });
});
