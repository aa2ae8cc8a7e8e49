import { beforeAll, describe, expect, it } from 'vitest';
import { newAccount } from '../../shared/account/sign-up.ts';
import { OPEN, proveEmail, provePhone, signedIn } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const users = async (query: string) => (await stepgate.browser().get(`/admin/users${query}`)).body;
const idsOf = (page: { readonly users: readonly { readonly id: string }[] }) => page.users.map(({ id }) => id);

describe('GET /admin/users, page by page', () => {
  const MEMBERS = 130;
  const ids: string[] = [];

  beforeAll(async () => {
    const { users: store, clock } = stepgate.app();
    for (let i = 0; i < MEMBERS; i += 1) {
      const { user, method } = newAccount({
        tenant: { tenantId: 'big' },
        email: `member-${i}@example.com`,
        passwordHash: 'none',
        now: clock.now(),
      });
      await store.create(user, method);
      ids.push(user.userId);
    }
    await stepgate.user('only@example.com', { tenantId: 'small' });
  }, 60_000);

  const walk = async (limit: string) => {
    const pages: string[][] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const page = await users(`?tenantId=big${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      pages.push(idsOf(page));
      cursor = page.cursor;
    }
    return pages;
  };

  it.each([
    ['', 50],
    ['&limit=7', 7],
    ['&limit=100', 100],
    ['&limit=9999', 100],
  ])('with %j reaches every member once, at most %d at a time', async (limit, size) => {
    const pages = await walk(limit);
    const seen = pages.flat();
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(Math.max(...pages.map((page) => page.length))).toBe(size);
    expect(pages.length).toBeLessThanOrEqual(Math.ceil(MEMBERS / size) + 1);
  });

  it('shows the members of the tenant asked for, and of public where none is', async () => {
    expect((await users('?tenantId=small')).users).toMatchObject([{ emails: ['only@example.com'] }]);
    expect(await users('?tenantId=small')).not.toHaveProperty('cursor');
    expect((await users('')).users).toEqual([]);
  });

  it('goes on from a cursor whose member was deleted meanwhile', async () => {
    const first = await users('?tenantId=big&limit=3');
    await stepgate.browser().delete(`/admin/users/${idsOf(first).at(-1)}`);
    const rest = await users(`?tenantId=big&limit=3&cursor=${first.cursor}`);
    expect(idsOf(rest)).toHaveLength(3);
    expect(idsOf(rest).filter((id) => idsOf(first).includes(id))).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=-1',
    'limit=many',
    'cursor=!',
    'cursor=OTk6YQ',
    `cursor=${'x'.repeat(401)}`,
    'tenantId=A',
  ])('refuses %s', async (query) => {
    const refused = await stepgate.browser().get(`/admin/users?tenantId=big&${query}`);
    expect(refused).toMatchObject({ status: 400, body: { message: expect.any(String) } });
  });

  it('shows no password hash', async () => {
    expect(JSON.stringify(await users('?tenantId=big&limit=100'))).not.toMatch(/passwordHash|argon2/);
  });
});

describe('GET /admin/users by contact', () => {
  const email = 'person@example.com';
  const phoneNumber = '+36704567890';
  let userId = '';

  beforeAll(async () => {
    await stepgate.tenant('public', OPEN);
    userId = await stepgate.user(email);
    const page = await signedIn(stepgate, email);
    await proveEmail(stepgate, page, email);
    await provePhone(stepgate, page, phoneNumber);
  });

  it.each([
    ['the address', `email=${email}`],
    ['the address in another spelling', 'email=%20Person@EXAMPLE.com'],
    ['the number', `phone=${encodeURIComponent(phoneNumber)}`],
    ['the number in another spelling', 'phone=0036%2070%20456-7890'],
    ['both', `email=${email}&phone=${encodeURIComponent(phoneNumber)}`],
  ])('finds the user once by %s', async (_, query) => {
    const found = await users(`?${query}`);
    expect(found.status).toBe('OK');
    expect(idsOf(found)).toEqual([userId]);
    expect(JSON.stringify(found)).not.toMatch(/passwordHash|argon2/);
  });

  it('finds nobody of another tenant', async () => {
    expect((await users(`?tenantId=small&email=${email}`)).users).toEqual([]);
    expect((await users('?email=nobody@example.com')).users).toEqual([]);
  });

  it('finds each of two users by its own contact', async () => {
    const other = await stepgate.user('other@example.com');
    const found = await users(`?email=other@example.com&phone=${encodeURIComponent(phoneNumber)}`);
    expect(idsOf(found).toSorted()).toEqual([userId, other].toSorted());
  });

  it.each([
    ['email=nobody', 'email is not an address'],
    ['email=', 'email is not an address'],
    ['phone=12', 'phone is not a phone number'],
  ])('refuses %s', async (query, message) => {
    expect(await stepgate.browser().get(`/admin/users?${query}`)).toMatchObject({ status: 400, body: { message } });
  });
});
