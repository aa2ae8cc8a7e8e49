import { createHmac } from 'node:crypto';
import type { Answer, Browser } from './browser.ts';
import { fullySignedIn } from './otp.ts';
import type { Stepgate } from './stepgate.ts';

/** An authenticator app, written from RFC 4226 and 6238, not with the service's library. */
export function codeAt(secret: string, ms: number, period = 30): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(ms / 1000 / period)));
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const at = digest[19]! & 0xf;
  return String((digest.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const bits = text
    .split('')
    .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** A tenant where everybody shows an authenticator app, or a backup code in its place. */
export const APPS = {
  mfaPolicy: { rules: [{ id: 'all', require: ['totp'] }] },
  backupCodeReplaces: ['totp'],
};

export const STEP = 30_000;

/** A code of the same length that no step around now has. */
export function wrongCode(secret: string, now: number): string {
  const right = [-2, -1, 0, 1, 2].map((off) => codeAt(secret, now + off * STEP));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code))!;
}

export const calls = (page: Browser) => ({
  create: (deviceName?: string): Promise<Answer> =>
    page.post('/auth/totp/device', { ...(deviceName && { deviceName }) }),
  list: async () => (await page.get('/auth/totp/device/list')).body.devices,
  remove: (deviceName: string) => page.post('/auth/totp/device/remove', { deviceName }),
  enrol: (deviceName: string, totp: string) => page.post('/auth/totp/device/verify', { deviceName, totp }),
  verify: (totp: string) => page.post('/auth/totp/verify', { totp }),
  makeCodes: () => page.post('/auth/mfa/backup-codes', {}),
  countCodes: () => page.get('/auth/mfa/backup-codes'),
  useCode: (code: string) => page.post('/auth/mfa/backup-codes/verify', { code }),
});

/** Enrols an app in a session that may, and lets its first code's step go by. @returns its name and seed. */
export async function enrolApp(stepgate: Stepgate, page: Browser, deviceName?: string) {
  const { create, enrol } = calls(page);
  const begun = await create(deviceName);
  if (begun.body?.status !== 'OK') throw new Error(`no app was begun: ${begun.status} ${JSON.stringify(begun.body)}`);
  const { deviceName: name, secret } = begun.body as { deviceName: string; secret: string };
  const done = await enrol(name, codeAt(secret, stepgate.clock.now()));
  if (done.body?.status !== 'OK') throw new Error(`no app was enrolled: ${done.status} ${JSON.stringify(done.body)}`);
  stepgate.clock.advance(STEP);
  return { name, secret };
}

/** An account with an app, in the session that enrolled it: everything is done there. */
export async function withApp(stepgate: Stepgate, email: string) {
  const userId = await stepgate.user(email);
  const page = await fullySignedIn(stepgate, email);
  return { userId, page, ...(await enrolApp(stepgate, page)) };
}
