/** POST /admin/users/{userId}/factors/reset: for an owner who has lost every second factor. */
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { auditOf } from '../support/links.ts';
import {
  codeSent,
  everyItem,
  EVERYBODY,
  fullySignedIn,
  guessWrong,
  OPEN,
  proveEmail,
  provePhone,
  signedIn,
} from '../support/otp.ts';
import { rememberMe, REMEMBERING, storedDevices } from '../support/remembered.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { APPS, calls, enrolApp, withApp } from '../support/totp.ts';

const stepgate = useStepgate();
const reset = (userId: string) => stepgate.browser().post(`/admin/users/${userId}/factors/reset`, {});
const notices = (to: string) =>
  stepgate.aws
    .inbox()
    .messages(to)
    .filter(({ purpose }) => purpose === 'notice');
const load = (userId: string) => stepgate.app().users.load(userId);

/** Nobody is asked for anything, and everything is offered. */
const ALL = { ...OPEN, secondFactors: ['otp-email', 'otp-phone', 'totp', 'backup-code'] };

let email = '';
let phone = '';
let users = 0;
beforeEach(async () => {
  users += 1;
  email = `owner-${users}@example.com`;
  phone = `+3630123${5000 + users}`;
  await stepgate.tenant('public', ALL);
});

/** Somebody with an app, backup codes, a proven address and a phone. */
async function withEverything(): Promise<{ readonly userId: string; readonly page: Browser }> {
  const { userId, page } = await withApp(stepgate, email);
  await provePhone(stepgate, page, phone);
  expect((await calls(page).makeCodes()).body.status).toBe('OK');
  return { userId, page };
}

describe('POST /admin/users/{userId}/factors/reset', () => {
  it('removes every second factor and ends every session; the password stays', async () => {
    const { userId, page } = await withEverything();
    const { body } = await reset(userId);
    expect(body.status).toBe('OK');
    expect(body.removed.toSorted()).toEqual(['backup-code', 'otp-email', 'otp-phone', 'totp']);
    expect((await page.refresh()).status).toBe(401);
    expect((await load(userId))?.loginMethods.map(({ recipeId }) => recipeId)).toEqual(['emailpassword']);
    expect(await load(userId)).not.toHaveProperty('totpDevices');
    expect(await load(userId)).not.toHaveProperty('backupCodes');
    expect((await stepgate.browser().signIn(email, PASSWORD)).body.status).toBe('OK');
  });

  it('is told once to the owner’s address, and written down', async () => {
    const { userId } = await withEverything();
    const before = notices(email).length;
    await reset(userId);
    expect(notices(email)).toHaveLength(before + 1);
    expect(notices(email).at(-1)!.link).toContain('/not-me?token=');
    expect(await auditOf(stepgate, userId)).toContain('admin.factors-reset');
  });

  it('leaves the phone to be enrolled again, by this account or another', async () => {
    const { userId } = await withEverything();
    await reset(userId);
    const other = `other-${email}`;
    await stepgate.user(other);
    await provePhone(stepgate, await fullySignedIn(stepgate, other), phone);
    const own = await signedIn(stepgate, email);
    await proveEmail(stepgate, own, email);
    await provePhone(stepgate, own, `+3630123${6000 + users}`);
  });

  it('leads the next sign-in to enrolment, with proof of the account’s own address', async () => {
    const { userId } = await withApp(stepgate, email);
    await stepgate.tenant('public', APPS);
    await reset(userId);
    const page = await signedIn(stepgate, email);
    expect((await page.me()).status).toBe(403);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    expect((await calls(page).create()).status).toBe(403);
    await proveEmail(stepgate, page, email);
    await enrolApp(stepgate, page);
    expect((await page.me()).status).toBe(200);
  });

  it('lifts a lock that time does not lift', async () => {
    await stepgate.tenant('public', EVERYBODY);
    const userId = await stepgate.user(email);
    await guessWrong(stepgate, await fullySignedIn(stepgate, email), email, 1);
    const { table } = stepgate.app();
    const counts = (await everyItem(stepgate)).filter(({ pk }) => /^LIMIT#otp-(user|to)#/.test(String(pk)));
    for (const { pk, sk } of counts) {
      await table.db.send(
        new UpdateCommand({
          TableName: table.name,
          Key: { pk, sk },
          UpdateExpression: 'SET consecutive = :cap, allowance = :none',
          ExpressionAttributeValues: { ':cap': 100, ':none': 0 },
        }),
      );
    }
    stepgate.clock.advance(40 * 86_400_000);
    const locked = await signedIn(stepgate, email);
    const device = await codeSent(locked, { email });
    expect((await locked.consume(device, stepgate.lastCode(email))).body.status).not.toBe('OK');

    await reset(userId);
    stepgate.clock.advance(60_000);
    await proveEmail(stepgate, await signedIn(stepgate, email), email);
  });

  it('forgets remembered devices', async () => {
    await stepgate.tenant('public', REMEMBERING);
    const userId = await stepgate.user(email);
    await rememberMe(stepgate, stepgate.browser(), email);
    expect(await storedDevices(stepgate, userId)).toHaveLength(1);
    await reset(userId);
    expect(await storedDevices(stepgate, userId)).toEqual([]);
  });

  it('leaves the only way in', async () => {
    const userId = await stepgate.user(email);
    const page = await fullySignedIn(stepgate, email);
    await provePhone(stepgate, page, phone);
    await stepgate.tenant('public', { ...OPEN, firstFactors: ['otp-email'] });
    expect((await reset(userId)).body).toEqual({ status: 'OK', removed: [] });
    expect((await load(userId))?.loginMethods).toHaveLength(3);
  });

  it('forgives what is owed of what is gone, and a disabled user stays disabled', async () => {
    const { userId } = await withEverything();
    const { table } = stepgate.app();
    await table.db.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { pk: `USER#${userId}`, sk: 'PROFILE' },
        UpdateExpression: 'SET owedFactors = :owed, #status = :disabled',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':owed': ['totp'], ':disabled': 'disabled' },
      }),
    );
    expect((await reset(userId)).body.status).toBe('OK');
    expect(await load(userId)).toMatchObject({ status: 'disabled' });
    expect(await load(userId)).not.toHaveProperty('owedFactors');
  });

  it('does the same once or many times at once: one notice, and each call says OK', async () => {
    const { userId } = await withEverything();
    const before = notices(email).length;
    const answers = await Promise.all(Array.from({ length: 4 }, () => reset(userId)));
    expect(answers.map(({ body }) => body.status)).toEqual(['OK', 'OK', 'OK', 'OK']);
    expect(answers.filter(({ body }) => body.removed.length > 0)).toHaveLength(1);
    expect(notices(email)).toHaveLength(before + 1);
  });

  it('knows nobody it does not know', async () => {
    expect(await reset('nobody')).toMatchObject({ status: 404, body: { message: 'unknown user' } });
  });
});
