/**
 * SEC-54, SEC-58: whoever asks for a new password learns nothing of the address: not by the answer, not by what is
 * asked of the table, not by the time. The mail goes to the address as it is stored, and to one alone.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { counting } from '../support/counting.ts';
import { form, gateway } from '../support/gateway.ts';
import { startNewDay } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate({ config: { LIMIT_SCALE: '1' } });
const [KNOWN, DISABLED, ELSEWHERE, SOCIAL] = ['known', 'disabled', 'elsewhere', 'social'].map(
  (name) => `${name}@example.com`,
) as [string, string, string, string];

beforeAll(async () => {
  startNewDay(stepgate);
  await stepgate.tenant('public', { mfaPolicy: { rules: [] } });
  await stepgate.tenant('t2', { mfaPolicy: { rules: [] } });
  await stepgate.user(KNOWN);
  await stepgate.app().userAdmin.patch(await stepgate.user(DISABLED), { status: 'disabled' });
  await stepgate.user(ELSEWHERE, { tenantId: 't2' });
  const { users } = stepgate.app();
  const social = { recipeUserId: 'social-1', recipeId: 'passwordless', email: SOCIAL, verified: true } as const;
  const now = stepgate.clock.now();
  const method = { ...social, timeJoined: now, tenantIds: ['public'] };
  const user = {
    userId: 'social-1',
    status: 'active',
    epoch: 0,
    version: 0,
    isPrimary: false,
    timeJoined: now,
  } as const;
  const rest = { tenantIds: ['public'], metadata: {}, loginMethods: [method], roles: {}, requiredFactors: [] };
  if (!(await users.create({ ...user, ...rest }, method))) throw new Error('the account exists');
});

let address = 0;
const ask = (email: unknown, ip = `198.51.100.${(address += 1)}`) =>
  counting(stepgate, () =>
    gateway(stepgate.app())('POST', '/auth/user/password/reset/token', {
      body: { formFields: [{ id: 'email', value: email }] },
      ip,
    }),
  );

describe('SEC-54: asking for a new password', () => {
  it.each([
    ['a known address', KNOWN],
    ['an unknown one', 'nobody@example.com'],
    ['one of a disabled account', DISABLED],
    ['one that has an account without a password', SOCIAL],
    ['one of another tenant', ELSEWHERE],
  ])('%s: costs the same requests and says the same', async (_, email) => {
    const reference = await ask(`reference-${address}@example.com`);
    const { reply, requests } = await ask(email);
    expect(reply).toEqual(reference.reply);
    expect(reply).toMatchObject({ status: 200, body: { status: 'OK' }, cookies: [] });
    expect(requests).toEqual(reference.requests);
    expect(requests).toEqual([
      'GetItemCommand LOOKUP',
      'GetItemCommand TENANT',
      'QueryCommand USER',
      'TransactWriteItemsCommand TOKEN',
      'UpdateItemCommand LIMIT',
      'UpdateItemCommand LIMIT',
    ]);
  });

  it('takes longer than a mail does, with and without one', async () => {
    for (const email of [KNOWN, 'nobody@example.com']) {
      const began = performance.now();
      await ask(email);
      expect(performance.now() - began).toBeGreaterThanOrEqual(695);
    }
  });

  it('says the same when the mail cannot be sent', async () => {
    const reference = await ask('nobody@example.com');
    stepgate.aws.failNext('ses', 'MessageRejected');
    expect((await ask(KNOWN)).reply).toEqual(reference.reply);
  });

  it('sends no more than three mails an hour to one address, and says the same after that', async () => {
    stepgate.clock.advance(3_600_000);
    const before = stepgate.aws.inbox().messages(KNOWN).length;
    const replies = [];
    for (let i = 0; i < 5; i += 1) replies.push((await ask(i % 2 === 0 ? KNOWN : KNOWN.toUpperCase())).reply);
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(stepgate.aws.inbox().messages(KNOWN)).toHaveLength(before + 3);
  });

  it('is limited for a client, whoever it asks about', async () => {
    for (let i = 0; i < 10; i += 1) await ask(`nobody-${i}@example.com`, '203.0.113.7');
    const [known, unknown] = [await ask(KNOWN, '203.0.113.7'), await ask('nobody@example.com', '203.0.113.7')];
    expect(known.reply).toEqual(unknown.reply);
    expect(known.reply).toMatchObject({ body: { status: 'GENERAL_ERROR' } });
  }, 20_000);
});

describe('SEC-58: the address of a reset', () => {
  it.each([
    ['a list', [KNOWN, 'thief@example.com']],
    ['an object', { $ne: '' }],
  ])('is one text, not %s', async (_, email) => {
    const before = stepgate.aws.inbox().messages().length;
    expect((await ask(email)).reply.status).toBe(400);
    expect(stepgate.aws.inbox().messages()).toHaveLength(before);
  });

  it.each([
    ['two addresses in one', `${KNOWN},thief@example.com`],
    ['a header', `${KNOWN}\r\nBcc: thief@example.com`],
    ['a quoted one', `"${KNOWN} x"@thief.example`],
    ['a second sign', `known＠thief.example@example.com`],
    ['an angle address', `<${KNOWN}>`],
  ])('is refused as %s', async (_, email) => {
    const before = stepgate.aws.inbox().messages().length;
    expect((await ask(email)).reply.body).toEqual({
      status: 'FIELD_ERROR',
      formFields: [{ id: 'email', error: 'Email is invalid' }],
    });
    expect(stepgate.aws.inbox().messages()).toHaveLength(before);
  });

  it('may not be given twice', async () => {
    const twice = {
      formFields: [...form({ email: KNOWN }).formFields, ...form({ email: 'thief@example.com' }).formFields],
    };
    const reply = await gateway(stepgate.app())('POST', '/auth/user/password/reset/token', { body: twice });
    expect(reply.status).toBe(400);
  });
});
