import { hashSync } from 'bcryptjs';
import { argon2Sync, scryptSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIREBASE, imported, lines } from '../support/importing.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { calls, codeAt, STEP } from '../support/totp.ts';

const stepgate = useStepgate();
const now = () => stepgate.clock.now();
const bare = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
const SALT = Buffer.from('0123456789abcdef');
const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

const argon2 = (name: 'argon2i' | 'argon2d' | 'argon2id') => {
  const tag = argon2Sync(name, {
    message: PASSWORD,
    nonce: SALT,
    memory: 256,
    passes: 1,
    parallelism: 2,
    tagLength: 32,
  });
  return `$${name}$v=19$m=256,t=1,p=2$${bare(SALT)}$${bare(tag)}`;
};
const scrypt = (salt: Buffer | string) => scryptSync(PASSWORD, salt, 64, { N: 1024, r: 8, p: 1 });

const FB = {
  hash: 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  salt: '42xEC+ixf3L2lw==',
};

const HASHES: readonly (readonly [string, unknown, string?])[] = [
  ['bcrypt 2a', hashSync(PASSWORD, 4).replace('$2b$', '$2a$')],
  ['bcrypt 2b', hashSync(PASSWORD, 4)],
  ['bcrypt 2y', hashSync(PASSWORD, 4).replace('$2b$', '$2y$')],
  ['argon2i', argon2('argon2i')],
  ['argon2d', argon2('argon2d')],
  ['argon2id of other parameters', argon2('argon2id')],
  ['argon2id with padding', argon2('argon2id').replace(/\$([^$]+)$/, '$$$1=')],
  ['scrypt, PHC', `$scrypt$ln=10,r=8,p=1$${bare(SALT)}$${bare(scrypt(SALT))}`],
  ['scrypt, Werkzeug', `scrypt:1024:8:1$pepperandsalt$${scrypt('pepperandsalt').toString('hex')}`],
  ['scrypt, Java', `$s0$a0801$${SALT.toString('base64')}$${scrypt(SALT).toString('base64')}`],
  [
    'scrypt, in parts',
    {
      algorithm: 'scrypt',
      N: 1024,
      r: 8,
      p: 1,
      salt: SALT.toString('hex'),
      saltEncoding: 'hex',
      hash: scrypt(SALT).toString('hex'),
      hashEncoding: 'hex',
    },
  ],
  ['Firebase', { algorithm: 'firebase-scrypt', ...FB }, 'user1password'],
  ['Firebase with its own parameters', { algorithm: 'firebase-scrypt', ...FB, ...FIREBASE }, 'user1password'],
  ['Firebase by SuperTokens', `$f_scrypt$${FB.hash}$${FB.salt}$m=14$r=8$s=Bw==`, 'user1password'],
];

const emailOf = (i: number) => `hash-${i}@example.com`;
const storedHash = async (id: string) => (await stepgate.app().users.load(id))?.loginMethods[0]?.passwordHash;

describe('a password hashed elsewhere', () => {
  beforeAll(async () => {
    await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
    const records = HASHES.map(([, passwordHash], i) => ({
      id: `hash-${i}`,
      loginMethods: [{ recipeId: 'emailpassword', email: emailOf(i), passwordHash }],
    }));
    const { summary, reports } = await imported(stepgate.app(), lines(records));
    if (summary.created !== HASHES.length) throw new Error(JSON.stringify(reports));
  });

  it.each(HASHES.map(([name, , password = PASSWORD], i) => [name, password, i] as const))(
    '%s: lets its owner in, nobody else, and is hashed anew with argon2id',
    async (_, password, i) => {
      const before = await storedHash(`hash-${i}`);
      expect(before).not.toMatch(/^\$argon2id\$v=19\$m=19456/);
      const page = stepgate.browser();
      expect((await page.signIn(emailOf(i), `${password}!`)).body).toEqual({ status: 'WRONG_CREDENTIALS_ERROR' });
      expect(await storedHash(`hash-${i}`)).toBe(before);
      expect((await page.signIn(emailOf(i), password)).body.status).toBe('OK');
      expect(await storedHash(`hash-${i}`)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect((await stepgate.browser().signIn(emailOf(i), password)).body.status).toBe('OK');
    },
  );

  it('is known where it is changed', async () => {
    const record = {
      id: 'changes',
      loginMethods: [
        { recipeId: 'emailpassword', email: 'changes@example.com', passwordHash: hashSync('x'.repeat(80), 4) },
      ],
    };
    await imported(stepgate.app(), lines([record]));
    const page = stepgate.browser();
    // Longer than bcrypt reads: it stays as it is, and is what the change of password meets.
    await page.signIn('changes@example.com', 'x'.repeat(80));
    expect(await storedHash('changes')).toMatch(/^\$2b\$/);
    const change = (currentPassword: string) =>
      page.post('/auth/user/password/change', { currentPassword, newPassword: 'a wholly different sentence' });
    expect((await change('x'.repeat(70))).body.status).toBe('WRONG_CREDENTIALS_ERROR');
    expect((await change('x'.repeat(80))).body.status).toBe('OK');
    expect((await stepgate.browser().signIn('changes@example.com', 'a wholly different sentence')).body.status).toBe(
      'OK',
    );
  });

  it('of a user without any lets nobody in until it is reset', async () => {
    const record = {
      id: 'resets',
      loginMethods: [{ recipeId: 'emailpassword', email: 'resets@example.com', verified: true }],
    };
    const { reports } = await imported(stepgate.app(), lines([record]));
    expect(reports[0]?.notes).toEqual(['loginMethods.0: has no password, its owner sets one by a reset']);
    const page = stepgate.browser();
    for (const guess of ['', ' ', 'undefined', PASSWORD]) {
      expect((await page.signIn('resets@example.com', guess)).body.status).not.toBe('OK');
    }
    await page.post('/auth/user/password/reset/token', { formFields: [{ id: 'email', value: 'resets@example.com' }] });
    const token = new URL(stepgate.lastLink('resets@example.com')).searchParams.get('token');
    const { body } = await page.post('/auth/user/password/reset', {
      method: 'token',
      token,
      formFields: [{ id: 'password', value: PASSWORD }],
    });
    expect(body.status).toBe('OK');
    expect((await page.signIn('resets@example.com', PASSWORD)).body.status).toBe('OK');
  });
});

describe('factors that came along', () => {
  it('are asked for: the app shows its codes, and the own list holds', async () => {
    await stepgate.tenant('apps', {
      secondFactors: ['otp-email', 'totp'],
      mfaPolicy: { rules: [{ id: 'own', requireFrom: 'user' }] },
    });
    const record = {
      id: 'with-app',
      requiredFactors: ['totp'],
      roles: ['admin'],
      totpDevices: [{ name: 'old phone', secret: SEED }],
      loginMethods: [
        { recipeId: 'emailpassword', email: 'app@example.com', verified: true, passwordHash: hashSync(PASSWORD, 4) },
      ],
    };
    const { reports } = await imported(stepgate.app(), lines([record]), { tenantId: 'apps' });
    expect(reports).toEqual([{ line: 1, id: 'with-app', status: 'created' }]);

    const page = stepgate.browser('cookie', 'apps');
    await page.signIn('app@example.com', PASSWORD);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['totp']);
    expect((await page.me()).status).toBe(403);
    const { verify } = calls(page);
    expect((await verify(codeAt(SEED, now() - 10 * STEP))).body.status).toBe('INVALID_TOTP_ERROR');
    expect((await verify(codeAt(SEED, now()))).body.status).toBe('OK');
    expect((await page.me()).body).toMatchObject({ userId: 'with-app', roles: ['admin'], mfa: { satisfied: true } });
  });
});
