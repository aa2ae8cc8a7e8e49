import { describe, expect, it } from 'vitest';
import { parseTenant } from '../../../shared/account/parse-tenant.ts';
import { newAccount } from '../../../shared/account/sign-up.ts';
import { deriveSecrets } from '../../../shared/keys/secrets.ts';
import { type RememberedDevice, trustOf } from '../../../shared/trusted-devices/device.ts';
import { deviceTokenHash } from '../../../shared/trusted-devices/device-token.ts';
import { rememberDevice } from '../../../shared/trusted-devices/remember.ts';
import { NOW, SECONDS } from '../mfa/facts.ts';

const DAY = 86_400_000;
const secrets = deriveSecrets('r1', Buffer.alloc(32, 7));
const tenant = await parseTenant('public', { rememberDevice: { days: 7, max: 3 } });
const client = { ip: '192.0.2.1', userAgent: 'test/1.0', country: '', authMode: 'cookie' };
const { user } = newAccount({ tenant, email: 'a@example.com', passwordHash: '', now: NOW - DAY });

const device = (id: string, about: Partial<RememberedDevice> = {}): RememberedDevice => ({
  id,
  tenantId: 'public',
  tokenHash: 'hash',
  epoch: 0,
  createdAt: NOW - DAY,
  rotatedAt: NOW - DAY,
  expiresAt: NOW + DAY,
  fingerprint: '',
  userAgent: '',
  trusted: {},
  ...about,
});

const plan = (about: Partial<Parameters<typeof rememberDevice>[0]> = {}) =>
  rememberDevice(
    {
      user,
      tenant,
      client: { ...client, rememberDevice: true },
      firstFactor: 'emailpassword',
      completed: { emailpassword: SECONDS, 'otp-email': SECONDS },
      device: undefined,
      now: NOW,
      ...about,
    },
    secrets,
  );

describe('a sign-in that owes nothing any more', () => {
  it('leaves a trusted device where its owner wants it: only a hash, and only second factors', () => {
    const planned = plan()!;
    expect(planned.change).toMatchObject({ put: { trusted: { 'otp-email': SECONDS }, epoch: 0 }, drop: [] });
    expect(planned.change.put.tokenHash).toBe(deviceTokenHash(planned.handout.token));
    expect(planned.carried).toEqual({ id: planned.change.put.id, isNew: true });
  });

  it('leaves a known device otherwise', () => {
    expect(plan({ client })!.change.put.trusted).toEqual({});
    expect(plan({ completed: { emailpassword: SECONDS } })!.change.put.trusted).toEqual({});
    const byBackupCode = { emailpassword: SECONDS, 'backup-code': SECONDS };
    expect(plan({ completed: byBackupCode })!.change.put.trusted).toEqual({});
  });

  it('never trusts where the tenant only knows devices, and leaves nothing where it remembers none', async () => {
    const claims = { fresh: 'session.isNewDevice' };
    expect(plan({ tenant: await parseTenant('public', { claims }) })!.change.put.trusted).toEqual({});
    expect(plan({ tenant: await parseTenant('public', {}) })).toBeUndefined();
  });

  it('leaves a known device as it is', () => {
    const on = { user: { ...user, devices: [device('known')] }, device: { id: 'known', isNew: false } };
    expect(plan({ ...on, client })).toBeUndefined();
  });

  it('makes a trusted one of a known one by a new record, with what the old one still had', () => {
    const trusted = { totp: SECONDS - 3_600, 'otp-phone': SECONDS - 8 * 86_400 };
    const on = { user: { ...user, devices: [device('known', { trusted })] }, device: { id: 'known', isNew: false } };
    const planned = plan(on)!;
    expect(planned.change.drop).toEqual(['known']);
    expect(planned.change.put.id).not.toBe('known');
    expect(planned.change.put.trusted).toEqual({ totp: SECONDS - 3_600, 'otp-email': SECONDS });
    expect(planned.carried.isNew).toBe(false);
  });

  it.each([
    ['of another tenant', { tenantId: 'beta' }],
    ['of before all sessions were ended', { epoch: -1 }],
    ['that ran out', { expiresAt: NOW }],
  ])('takes nothing over from a device %s', (_, about) => {
    const old = device('old', { trusted: { totp: SECONDS }, ...about });
    const planned = plan({ user: { ...user, devices: [old] }, device: { id: 'old', isNew: false } })!;
    expect(planned.change.put.trusted).toEqual({ 'otp-email': SECONDS });
  });

  it('makes room: what is dead first, then what was not used for longest', () => {
    const devices = [
      device('oldest', { rotatedAt: NOW - 5 * DAY }),
      device('dead', { epoch: 4 }),
      device('older', { rotatedAt: NOW - 4 * DAY }),
      device('newest', { rotatedAt: NOW - DAY }),
    ];
    const dropped = (of: readonly RememberedDevice[]) => plan({ user: { ...user, devices: of } })!.change.drop;
    expect(dropped(devices)).toEqual(['oldest', 'dead']);
    expect(dropped(devices.filter(({ id }) => id !== 'oldest'))).toEqual(['dead']);
    expect(dropped([devices[0]!])).toEqual([]);
  });
});

describe('what a device is trusted for', () => {
  const trusted = { 'otp-email': SECONDS - 3 * 86_400, totp: SECONDS };

  it.each([
    ['each factor for so many days', { days: 4 }, trusted],
    ['by the days as they are now', { days: 2 }, { totp: SECONDS }],
    ['to the very end of them', { days: 3 }, { totp: SECONDS }],
    ['nothing once the tenant has none', { days: undefined }, {}],
    ['no factor of the first one’s kind', { days: 4, firstFactor: 'link-email' }, { totp: SECONDS }],
  ])('%s', (_, about, expected) => {
    expect(trustOf(device('a', { trusted }), { now: NOW, ...about })).toEqual(expected);
  });
});
