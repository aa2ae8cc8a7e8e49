/** Tenants that were written by hand, and that nobody ever opened, join the list of tenants when they are first used. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { atFirstUse } from '../../../shared/dynamo/first-use.ts';
import { PASSWORD, useStepgate } from '../../support/stepgate.ts';

vi.setConfig({ testTimeout: 30_000 });

const stepgate = useStepgate();
const listed = () => stepgate.app().tenantList.list();
const isListed = (tenantId: string) =>
  vi.waitFor(async () => expect(await listed()).toContain(tenantId), { timeout: 20_000, interval: 20 });
/** Whatever was begun for this tenant has ended, since what came after it has. */
const settled = async () => {
  const marker = `marker-${(markers += 1)}`;
  await stepgate.tenant(marker, {});
  await stepgate.browser('header', marker).signIn('nobody@example.com', PASSWORD);
  await isListed(marker);
};
let markers = 0;

describe('a tenant that was written by hand', () => {
  it.each<[string, object, (tenantId: string) => Promise<unknown>]>([
    ['by a sign-in', {}, (id) => stepgate.browser('header', id).signIn('nobody@example.com', PASSWORD)],
    ['by a sign-up', {}, (id) => stepgate.browser('header', id).signUp(`new-${id}@example.com`, PASSWORD)],
    [
      'by its ways to sign in',
      { mfaPolicy: { rules: [] } },
      (id) => stepgate.browser().get(`/auth/${id}/loginmethods`),
    ],
    [
      'though it is malformed',
      { requiredSecondaryFactor: ['totp'] },
      (id) => stepgate.browser('header', id).signIn('nobody@example.com', PASSWORD),
    ],
  ])('is listed at its first use: %s', async (title, item, use) => {
    const tenantId = title.replaceAll(' ', '-');
    await stepgate.tenant(tenantId, { ...item });
    expect(await listed()).not.toContain(tenantId);
    await use(tenantId);
    await isListed(tenantId);
  });

  it('is listed once, however many use it at once, and told of once', async () => {
    await stepgate.tenant('crowded', {});
    await Promise.all(
      Array.from({ length: 8 }, () => stepgate.browser('header', 'crowded').signIn('nobody@example.com', PASSWORD)),
    );
    await isListed('crowded');
    await settled();
    expect((await listed()).filter((id) => id === 'crowded')).toHaveLength(1);
    const told = ({ event, fields }: { event: string; fields: object }) =>
      event === 'tenant.enlisted' && 'tenantId' in fields && fields.tenantId === 'crowded';
    expect(stepgate.logged.filter(told)).toHaveLength(1);
  });

  it('is not what is not there: nobody makes an entry by asking', async () => {
    for (const id of ['nowhere', 'nowhere-2']) {
      const reply = await stepgate.browser('header', id).signIn('nobody@example.com', PASSWORD);
      expect(reply.status).toBe(404);
      await stepgate.browser().get(`/auth/${id}/loginmethods`);
    }
    await settled();
    expect((await listed()).filter((id) => id.startsWith('nowhere'))).toEqual([]);
    expect(await stepgate.app().tenantList.enlist('nowhere')).toBe(false);
    expect(await listed()).not.toContain('nowhere');
  });
});

describe('atFirstUse', () => {
  let sent: string[];
  beforeAll(() => stepgate.tenant('counted', {}));

  const counting = (fails = false) => {
    sent = [];
    const { table } = stepgate.app();
    const send = (command: { readonly constructor: { readonly name: string } }) => {
      sent.push(command.constructor.name);
      return fails ? Promise.reject(new Error('no')) : table.db.send(command as never);
    };
    const told: string[] = [];
    const log = { info: (event: string) => void told.push(event), error: (event: string) => void told.push(event) };
    const db = Object.assign(Object.create(table.db), { send });
    return { onRead: atFirstUse({ ...table, db }, log), told };
  };

  it('asks DynamoDB once per tenant and process, whatever comes of it', async () => {
    const { onRead, told } = counting(true);
    for (let i = 0; i < 5; i += 1) onRead('counted', {});
    await vi.waitFor(() => expect(told).toEqual(['tenant.not-enlisted']), { timeout: 20_000 });
    onRead('counted', {});
    await settled();
    expect(sent).toHaveLength(1);
  });

  it('asks nothing for a tenant whose policy was recorded, nor for `public`', async () => {
    const { onRead, told } = counting();
    onRead('recorded', { policyState: { version: 1, hash: 'x', activatedAt: 1 } });
    onRead('public', {});
    onRead('counted', {});
    await vi.waitFor(() => expect(told).toEqual(['tenant.enlisted']), { timeout: 20_000 });
    expect(sent).toHaveLength(1);
  });
});
