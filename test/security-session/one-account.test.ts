/**
 * One address is one account per tenant, however many sign up with it at a time and however they spell it; and a free
 * address is free at once.
 *
 * Why: "look first, write then" makes two accounts of one person under parallel requests (security.md §3.8), and two
 * spellings of an address are one mailbox.
 */
import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { NOBODY } from './mfa.ts';

const stepgate = useStepgate();

beforeAll(async () => {
  await stepgate.tenant('public', NOBODY);
  await stepgate.tenant('t2', NOBODY);
});

const spellings = (email: string): readonly string[] => [
  email,
  email.toUpperCase(),
  ` ${email} `,
  email.replace(/^./, (letter) => letter.toUpperCase()),
  email.replace('example.com', 'EXAMPLE.COM'),
];

const EXISTS = {
  status: 'FIELD_ERROR',
  formFields: [{ id: 'email', error: 'This email already exists. Please sign in instead.' }],
};

/** Items that say of an address whose it is. */
async function lookups(userIds: ReadonlySet<string>): Promise<number> {
  const { db, name } = stepgate.app().table;
  const { Items = [] } = await db.send(new ScanCommand({ TableName: name }));
  return Items.filter((item) => String(item['pk']).startsWith('LOOKUP#') && userIds.has(String(item['userId']))).length;
}

describe('SEC-77: sign-up', () => {
  it('gives one of twenty parallel calls the account, and the same at another tenant', async () => {
    const email = 'crowd@example.com';
    const variants = spellings(email);
    const at = (tenantId: string | undefined) =>
      Array.from({ length: 20 }, (_, i) =>
        stepgate.browser('header', tenantId).signUp(variants[i % variants.length]!, PASSWORD),
      );
    const [here, there] = await Promise.all([Promise.all(at(undefined)), Promise.all(at('t2'))]);
    const made = [here, there].map((answers) => answers.filter(({ body }) => body.status === 'OK'));
    expect(made.map(({ length }) => length)).toEqual([1, 1]);
    for (const { status, body } of [...here, ...there].filter((answer) => answer.body.status !== 'OK')) {
      expect([status, body]).toEqual([200, EXISTS]);
    }
    const ids = made.flat().map(({ body }) => body.user.id);
    expect(new Set(ids).size).toBe(2);
    expect(made.flat().map(({ body }) => body.user.emails)).toEqual([[email], [email]]);
    expect(await lookups(new Set(ids))).toBe(2);
  });

  it.each(spellings('spelt@example.com'))('finds the account that another spelling made: %j', async (spelling) => {
    await stepgate.browser().signUp('spelt@example.com', PASSWORD);
    expect((await stepgate.browser('header').signUp(spelling, PASSWORD)).body).toEqual(EXISTS);
    expect((await stepgate.browser('header').signIn(spelling, PASSWORD)).body).toMatchObject({
      status: 'OK',
      user: { emails: ['spelt@example.com'] },
    });
  });

  it('leaves a taken address its password', async () => {
    const email = 'owner@example.com';
    await stepgate.browser().signUp(email, PASSWORD);
    await stepgate.browser().signUp(email, 'another horse battery staple');
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('OK');
    expect((await stepgate.browser().signIn(email, 'another horse battery staple')).body.status).toBe(
      'WRONG_CREDENTIALS_ERROR',
    );
  });

  it('works at once with an address whose account was deleted, and makes another account', async () => {
    const email = 'again@example.com';
    const first = await stepgate.browser().signUp(email, PASSWORD);
    const { id } = first.body.user;
    expect((await stepgate.browser().delete(`/admin/users/${id}`)).body).toEqual({ status: 'OK' });
    const page = stepgate.browser();
    const second = await page.signUp(email, PASSWORD);
    expect(second.body).toMatchObject({ status: 'OK', user: { emails: [email] } });
    expect(second.body.user.id).not.toBe(id);
    expect((await page.me()).status).toBe(200);
    expect((await stepgate.browser().get(`/admin/users/${id}`)).status).toBe(404);
  });

  it('leaves nothing of a deleted account behind but its audit trail', async () => {
    const made = await stepgate.browser().signUp('trace@example.com', PASSWORD);
    const { id } = made.body.user;
    await stepgate.browser().delete(`/admin/users/${id}`);
    const { db, name } = stepgate.app().table;
    const { Items = [] } = await db.send(new ScanCommand({ TableName: name }));
    const left = Items.filter((item) => JSON.stringify(item).includes(id));
    expect(left.filter((item) => !String(item['pk']).startsWith('AUDIT#'))).toEqual([]);
  });

  it('is whole or not at all: an account whose lookup is lost does not sign in', async () => {
    const email = 'half@example.com';
    const made = await stepgate.browser().signUp(email, PASSWORD);
    const { db, name } = stepgate.app().table;
    const { Items = [] } = await db.send(new ScanCommand({ TableName: name }));
    for (const { pk, sk, userId } of Items) {
      if (!String(pk).startsWith('LOOKUP#') || userId !== made.body.user.id) continue;
      await db.send(new DeleteCommand({ TableName: name, Key: { pk, sk } }));
    }
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    expect((await stepgate.browser().signUp(email, PASSWORD)).body.status).toBe('OK');
  });
});
