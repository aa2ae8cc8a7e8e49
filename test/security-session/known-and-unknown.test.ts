/**
 * Signing in tells nobody whether an account exists: known, unknown and disabled addresses get one answer, byte for
 * byte, for the same requests to the table, whatever the password.
 *
 * Why: ASVS 6.3.8. Work is counted here and not timed: a lookup, a counter or a hash that only known addresses pay for
 * shows at any distance, and a test of milliseconds shows the machine it ran on.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { counting } from '../support/counting.ts';
import { form, gateway } from '../support/gateway.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { EVERYBODY, NOBODY } from './mfa.ts';

const stepgate = useStepgate();
const [KNOWN, DISABLED, ELSEWHERE] = ['known@example.com', 'disabled@example.com', 'elsewhere@example.com'];

beforeAll(async () => {
  await stepgate.tenant('public', NOBODY);
  await stepgate.tenant('t2', EVERYBODY);
  await stepgate.user(KNOWN);
  await stepgate.app().userAdmin.patch(await stepgate.user(DISABLED), { status: 'disabled' });
  await stepgate.user(ELSEWHERE, { tenantId: 't2' });
});

let address = 0;
/** Each from an address of its own, so that no limit is in the way. */
const post = (path: string, fields: Readonly<Record<string, string>>) =>
  counting(stepgate, () =>
    gateway(stepgate.app())('POST', path, { body: form(fields), ip: `198.51.100.${(address += 1)}` }),
  );
const signIn = (email: string, password: string) => post('/auth/signin', { email, password });

describe('SEC-55: a sign-in that fails', () => {
  it.each([
    ['a known address and a wrong password', KNOWN, 'wrong'],
    ['an unknown address', 'nobody@example.com', 'wrong'],
    ['an unknown address and somebody’s password', 'nobody@example.com', PASSWORD],
    ['an account of another tenant', ELSEWHERE, PASSWORD],
    ['a disabled account and a wrong password', DISABLED, 'wrong'],
    ['a disabled account and its password', DISABLED, PASSWORD],
    ['a password of 10,000 letters', KNOWN, 'x'.repeat(10_000)],
    ['an address of a made-up domain', 'nobody@nowhere.invalid', 'wrong'],
  ])('%s: costs the same requests and says the same', async (_, email, password) => {
    const reference = await signIn('reference@example.com', 'wrong');
    const { reply, requests } = await signIn(email, password);
    expect(requests).toEqual(reference.requests);
    // The last one: that the account failed, of all that this address tries.
    expect(requests).toEqual([
      'GetItemCommand LOOKUP',
      'GetItemCommand TENANT',
      'QueryCommand USER',
      'UpdateItemCommand LIMIT',
      'UpdateItemCommand LIMIT',
      'UpdateItemCommand LIMIT',
    ]);
    expect(reply).toEqual(reference.reply);
    expect(reply).toMatchObject({ status: 200, body: { status: 'WRONG_CREDENTIALS_ERROR' }, cookies: [] });
  });

  it('says the same once it is limited', async () => {
    const limited = async (email: string) => {
      const call = gateway(stepgate.app());
      for (let i = 0; i < 10; i += 1) {
        await call('POST', '/auth/signin', { body: form({ email, password: 'wrong' }), ip: '203.0.113.1' });
      }
      const body = form({ email, password: PASSWORD });
      return call('POST', '/auth/signin', { body, ip: '203.0.113.1' });
    };
    const { headers, ...known } = await limited(KNOWN);
    const { headers: otherHeaders, ...unknown } = await limited('limited-nobody@example.com');
    expect(known).toMatchObject({ status: 200, body: { status: 'GENERAL_ERROR' } });
    expect(Math.abs(Number(headers['retry-after']) - Number(otherHeaders['retry-after']))).toBeLessThan(60);
    expect({ ...unknown.body, message: '' }).toEqual({ ...known.body, message: '' });
    expect(unknown.body.message.replace(/\d+/, 'n')).toBe(known.body.message.replace(/\d+/, 'n'));
  });
});

describe('SEC-55: a sign-up', () => {
  it('asks the same of the table for a taken address as for a free one, up to the session', async () => {
    const fields = { password: PASSWORD };
    const free = await post('/auth/signup', { email: 'free@example.com', ...fields });
    const taken = await post('/auth/signup', { email: KNOWN, ...fields });
    expect(free.reply.body.status).toBe('OK');
    expect(taken.reply.body.status).toBe('FIELD_ERROR');
    expect([...taken.requests, 'PutItemCommand USER'].toSorted()).toEqual(free.requests);
  });

  it('says of a taken address that it is taken, and nothing of whose it is or in what state', async () => {
    const fields = { password: PASSWORD };
    const active = await post('/auth/signup', { email: KNOWN, ...fields });
    const disabled = await post('/auth/signup', { email: DISABLED, ...fields });
    expect(active.reply).toEqual(disabled.reply);
    expect(active.reply.body).toEqual({
      status: 'FIELD_ERROR',
      formFields: [{ id: 'email', error: 'This email already exists. Please sign in instead.' }],
    });
  });
});

describe('SEC-55: whether an address exists', () => {
  it('costs the same request either way, and says no more than that', async () => {
    const ask = (email: string) =>
      counting(stepgate, () =>
        gateway(stepgate.app())('GET', '/auth/emailpassword/email/exists', {
          query: { email },
          ip: `198.51.100.${(address += 1)}`,
        }),
      );
    const [known, disabled, unknown] = [await ask(KNOWN), await ask(DISABLED), await ask('nobody@example.com')];
    expect(known.requests).toEqual(unknown.requests);
    expect(known.reply.body).toEqual({ status: 'OK', exists: true });
    expect(disabled.reply).toEqual(known.reply);
    expect(unknown.reply.body).toEqual({ status: 'OK', exists: false });
  });
});
