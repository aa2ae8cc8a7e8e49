/**
 * SEC-28, for passwords and contacts: each change is one notice to every address that was proven before, one line in the
 * history, and no secret in either.
 */
import { beforeAll, expect, it } from 'vitest';
import { askReset, auditOf, changeContact, lastLink, redeemReset } from '../support/links.ts';
import { everyItem, OPEN, proveEmail, provePhone, signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const [MAIN, SECOND, NEXT] = ['main@example.com', 'second@example.com', 'next@example.com'];
const NEW = 'a lantern beside the quiet harbour';
const secrets: string[] = [PASSWORD, NEW];
let userId = '';

beforeAll(async () => {
  await stepgate.tenant('public', OPEN);
  userId = await stepgate.user(MAIN);
  const page = await signedIn(stepgate, MAIN);
  await proveEmail(stepgate, page, MAIN);
  await proveEmail(stepgate, page, SECOND);
  await provePhone(stepgate, page, '+36301234581');
});

/** Notices to each address that an act brought about, and the lines of history. */
async function toldBy(act: () => Promise<unknown>) {
  const of = (to: string) =>
    stepgate.aws
      .inbox()
      .messages(to)
      .filter(({ purpose }) => purpose === 'notice').length;
  const before = [of(MAIN), of(SECOND), of(NEXT)] as const;
  const history = (await auditOf(stepgate, userId)).length;
  await act();
  return {
    notices: [of(MAIN) - before[0], of(SECOND) - before[1], of(NEXT) - before[2]],
    events: (await auditOf(stepgate, userId)).slice(history),
  };
}

it('SEC-28: a reset', async () => {
  const { notices, events } = await toldBy(async () => {
    await askReset(stepgate.browser(), MAIN);
    const { token } = lastLink(stepgate, MAIN);
    secrets.push(token);
    await redeemReset(stepgate.browser(), token, NEW);
  });
  expect(notices).toEqual([1, 1, 0]);
  expect(events).toEqual(['password.reset']);
});

it('SEC-28: a change of password', async () => {
  const page = stepgate.browser();
  await page.signIn(MAIN, NEW);
  await proveEmail(stepgate, page, MAIN);
  const told = await toldBy(() =>
    page.post('/auth/user/password/change', { currentPassword: NEW, newPassword: PASSWORD }),
  );
  expect(told).toEqual({ notices: [1, 1, 0], events: ['password.changed'] });
});

it('SEC-28: a change of phone and of address', async () => {
  const page = await signedIn(stepgate, MAIN);
  await proveEmail(stepgate, page, MAIN);
  const phone = await toldBy(() => changeContact(stepgate, page, { phoneNumber: '+36301234582' }));
  expect(phone).toEqual({ notices: [1, 1, 0], events: ['phone.changed'] });
  const email = await toldBy(() => changeContact(stepgate, page, { email: NEXT }));
  expect(email).toEqual({ notices: [1, 1, 0], events: ['email.changed'] });
});

it('SEC-28: no secret is in a notice, the history or the log', async () => {
  const history = (await everyItem(stepgate)).filter((item) => String(item['pk']).startsWith('AUDIT#'));
  const notices = stepgate.aws
    .inbox()
    .messages()
    .filter(({ purpose }) => purpose === 'notice');
  const text = JSON.stringify([history, notices.map(({ subject, text: body }) => [subject, body]), stepgate.logged]);
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(JSON.stringify(history)).not.toContain(NEXT);
});
