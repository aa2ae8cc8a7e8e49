/** An operator says that two accounts are one person's, or that a way in is not. */
import { beforeAll, expect, it } from 'vitest';
import { danglingIn, EVERY_WAY } from '../support/linking.ts';
import { auditOf } from '../support/links.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERY_WAY));

const notices = (to: string) =>
  stepgate.aws
    .inbox()
    .messages(to)
    .filter(({ purpose }) => purpose === 'notice')
    .map(({ subject }) => subject);

const link = (userId: string, from: string) => stepgate.browser().post(`/admin/users/${userId}/link`, { userId: from });

it('joins two accounts: id and roles of the one stay, requirements of the other come along', async () => {
  const [one, two] = [
    await stepgate.user('one@example.com'),
    await stepgate.user('two@example.com', { roles: ['admin'] }),
  ];
  await stepgate.browser().put(`/admin/users/${two}/factors/otp-email`);
  const page = stepgate.browser();
  await page.signIn('two@example.com', PASSWORD);
  const { body } = await link(one, two);
  for (const to of ['one@example.com', 'two@example.com']) {
    expect(notices(to)).toContain('Security notice: a way to sign in was added at Stepgate');
  }
  expect(body).toMatchObject({
    status: 'OK',
    user: {
      id: one,
      isPrimaryUser: true,
      roles: {},
      requiredFactors: ['otp-email'],
      emails: ['one@example.com', 'two@example.com'],
    },
  });
  expect((await page.refresh()).status).toBe(401);
  expect((await stepgate.browser().signIn('two@example.com', PASSWORD)).body.user.id).toBe(one);
  expect(await auditOf(stepgate, one)).toContain('admin.login-methods-linked');
  expect((await stepgate.browser().get(`/admin/users/${two}`)).status).toBe(404);
  expect(await danglingIn(stepgate)).toEqual([]);
});

it('takes a method off, ends the sessions, and never takes the last', async () => {
  const [one, two] = [await stepgate.user('three@example.com'), await stepgate.user('four@example.com')];
  await link(one, two);
  const page = stepgate.browser();
  await page.signIn('three@example.com', PASSWORD);
  const remove = (id: string) => stepgate.browser().delete(`/admin/users/${one}/login-methods/${id}`);
  expect((await remove(two)).body).toMatchObject({ status: 'OK', user: { emails: ['three@example.com'] } });
  for (const to of ['three@example.com', 'four@example.com']) {
    expect(notices(to)).toContain('Security notice: a way to sign in was removed at Stepgate');
  }
  expect((await page.refresh()).status).toBe(401);
  expect((await stepgate.browser().signIn('four@example.com', PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
  expect((await stepgate.browser().signUp('four@example.com', PASSWORD)).body.status).toBe('OK');
  expect((await remove(one)).status).toBe(409);
  expect((await remove('nobody')).status).toBe(404);
  expect(await danglingIn(stepgate)).toEqual([]);
});

it('refuses what makes no sense', async () => {
  const one = await stepgate.user('five@example.com');
  const off = await stepgate.user('six@example.com');
  await stepgate.browser().send('PATCH', `/admin/users/${off}`, { status: 'disabled' });
  expect((await link(one, one)).status).toBe(400);
  expect((await link(one, 'nobody')).status).toBe(404);
  expect((await link(one, off)).status).toBe(409);
  expect((await stepgate.browser().post(`/admin/users/${one}/link`, {})).status).toBe(400);
});
