import { describe, expect, it } from 'vitest';
import { queryAll } from '../../shared/dynamo/query-all.ts';
import { useCli } from '../support/cli.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate({ config: { MAIL_FROM: 'Stepgate <no-reply@example.com>' } });
const cli = useCli(stepgate);
/** So that owners are told. */
const MAIL = { env: { MAIL_FROM: 'Stepgate <no-reply@example.com>', PUBLIC_URL: 'http://localhost:3001' } };

async function signedIn(email: string) {
  const browser = stepgate.browser();
  await browser.signIn(email, PASSWORD);
  return browser;
}

async function historyOf(userId: string) {
  const items = [];
  const month = new Date(stepgate.clock.now()).toISOString().slice(0, 7);
  for await (const item of queryAll(stepgate.app().table, `AUDIT#${userId}#${month}`)) items.push(item);
  return items;
}

describe('stepgate user', () => {
  it('finds by address and by phone, and streams all members', async () => {
    const id = await stepgate.user('found@example.com', { roles: ['admin'] });
    expect(await cli.ndjson(['user', 'find', 'Found@Example.com'])).toEqual([
      expect.objectContaining({ id, emails: ['found@example.com'], roles: { public: ['admin'] } }),
    ]);
    expect(await cli.ndjson(['user', 'find', '+36201234567'])).toEqual([]);
    await stepgate.user('second@example.com');
    const all = await cli.ndjson(['user', 'find']);
    expect(all.length).toBeGreaterThanOrEqual(2);
    expect(await cli.ndjson(['user', 'find', '--limit', '1'])).toHaveLength(1);
    expect((await cli.run(['user', 'find', 'found@example.com'])).stdout).toBe(`${id}  found@example.com  active\n`);
  });

  it('tells an operator everything but secrets, by id or by address', async () => {
    const id = await stepgate.user('shown@example.com', { metadata: { plan: 'paid' } });
    const byAddress = await cli.run(['user', 'get', 'shown@example.com']);
    expect(byAddress.stdout).toContain(id);
    expect(byAddress.stdout).toContain('{"plan":"paid"}');
    const byId = await cli.json(['user', 'get', id]);
    expect(byId).toMatchObject({ user: { id, status: 'active', metadata: { plan: 'paid' } } });
    expect(byAddress.stdout + JSON.stringify(byId)).not.toMatch(/\$argon2|passwordHash|macs|secret/i);
  });

  it('shows live sessions and ends them', async () => {
    await stepgate.user('sessions@example.com');
    await signedIn('sessions@example.com');
    const { sessions } = await cli.json(['user', 'sessions', 'sessions@example.com']);
    expect(sessions).toMatchObject([{ tenantId: 'public' }]);
    expect(JSON.stringify(sessions)).not.toMatch(/hash|token/i);
    expect((await cli.run(['user', 'sessions', 'sessions@example.com', '--end'])).code).toBe(64);
    expect(await cli.json(['user', 'sessions', 'sessions@example.com', '--end', '--yes'])).toMatchObject({ ended: 1 });
    expect(await cli.json(['user', 'sessions', 'sessions@example.com'])).toMatchObject({ sessions: [] });
  });

  it('disables, enables and erases, and asks before where it ends something', async () => {
    const id = await stepgate.user('leaver@example.com');
    const refused = await cli.run(['user', 'disable', id]);
    expect(refused).toMatchObject({ code: 64, stdout: '' });
    expect(refused.stderr).toContain('--yes');
    expect(await cli.json(['user', 'disable', id, '--yes'])).toEqual({ userId: id, status: 'disabled' });
    expect(await cli.json(['user', 'enable', id])).toEqual({ userId: id, status: 'active' });
    expect((await cli.run(['user', 'erase', id])).code).toBe(64);
    expect(await cli.json(['user', 'erase', id, '--yes'])).toEqual({ userId: id, erased: true });
    const gone = await cli.run(['user', 'get', 'leaver@example.com', '--json']);
    expect(gone).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(gone.stderr)).toMatchObject({ error: { code: 'not-found', exitCode: 1 } });
  });
});

describe('stepgate user explain', () => {
  it('says what would be asked and why, and what was decided', async () => {
    await stepgate.tenant('public', {
      mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
    });
    await stepgate.user('why@example.com', { roles: ['admin'] });
    const now = await cli.json(['user', 'explain', 'why@example.com']);
    expect(now).toMatchObject({ next: ['otp-email'], because: [{ ruleId: 'admins', matched: true }] });
    expect((await cli.run(['user', 'explain', 'why@example.com'])).stdout).toMatch(
      /^Asked for a code by e-mail.*admins/,
    );
    expect(await cli.ndjson(['user', 'explain', 'why@example.com', '--past'])).toEqual([]);
    await signedIn('why@example.com');
    expect(await cli.ndjson(['user', 'explain', 'why@example.com', '--past'])).toMatchObject([
      { result: 'challenged' },
    ]);
    await stepgate.tenant('public', {});
  });
});

describe('stepgate user export', () => {
  it('hands out everything that is held about one person, and nothing that opens the account', async () => {
    const id = await stepgate.user('person@example.com', { metadata: { plan: 'paid' } });
    await signedIn('person@example.com');
    const held = await cli.json(['user', 'export', 'person@example.com']);
    expect(held).toMatchObject({
      user: { id, metadata: { plan: 'paid' }, loginMethods: [{ email: 'person@example.com', hasPassword: true }] },
      sessions: [{ tenantId: 'public' }],
    });
    expect(JSON.stringify(held)).not.toMatch(/\$argon2|refreshTokenHash/);
  });
});

describe('stepgate mfa', () => {
  it('puts a factor on the list of a user and takes it off, tells the owner, and writes down who it was', async () => {
    const id = await stepgate.user('listed@example.com');
    expect(await cli.json(['mfa', 'require', 'listed@example.com', 'otp-email'], MAIL)).toEqual({
      userId: id,
      requiredFactors: ['otp-email'],
    });
    expect(stepgate.aws.inbox().messages('listed@example.com')).toHaveLength(1);
    expect(await cli.json(['mfa', 'unrequire', id, 'otp-email'], MAIL)).toEqual({ userId: id, requiredFactors: [] });
    const { code, stderr } = await cli.run(['mfa', 'require', id, 'otp-pigeon']);
    expect(code).toBe(1);
    expect(stderr).toBe('stepgate: Not a second factor: otp-email, otp-phone, totp.\n');
    expect(await historyOf(id)).toEqual([
      expect.objectContaining({
        event: 'admin.factor-required',
        details: { factorId: 'otp-email', via: 'cli', by: expect.stringMatching(/^.+@.+$/) },
      }),
      expect.objectContaining({ event: 'admin.factor-not-required' }),
    ]);
  });

  it('goes on without the mail, and says so, where it is not known whom mails come from', async () => {
    await stepgate.user('silent@example.com');
    const { code, stderr } = await cli.run(['mfa', 'require', 'silent@example.com', 'otp-email']);
    expect(code).toBe(0);
    expect(stderr).toBe('warning: The owner gets no notice of this: MAIL_FROM and PUBLIC_URL not set.\n');
    expect(stepgate.aws.inbox().messages('silent@example.com')).toEqual([]);
  });

  it('spares a user until a date, and takes it back', async () => {
    const id = await stepgate.user('spared@example.com');
    const until = Math.floor((stepgate.clock.now() + 3 * 86_400_000) / 1000) * 1000;
    const date = new Date(until).toISOString();
    const args = ['mfa', 'exempt', 'spared@example.com', '--until', date, '--reason', 'New phone'];
    expect(await cli.json(args)).toEqual({
      userId: id,
      tenantId: 'public',
      exemption: { until, reason: 'New phone', by: expect.stringMatching(/^.+@.+$/) },
    });
    expect((await stepgate.app().users.load(id))?.exemptions).toMatchObject({ public: { until } });
    expect(await cli.json(['mfa', 'exempt', id, '--end'])).toMatchObject({ exemption: null });
    expect((await stepgate.app().users.load(id))?.exemptions?.['public']).toBeUndefined();
    expect((await cli.run(['mfa', 'exempt', id, '--until', 'soon', '--reason', 'x'])).stderr).toContain(
      '--until must be a date',
    );
    expect((await cli.run(['mfa', 'exempt', id, '--until', '2020-01-01', '--reason', 'x'])).code).toBe(1);
    expect((await cli.run(['mfa', 'exempt', id])).code).toBe(64);
  });

  it('resets every second factor of an owner who has lost them', async () => {
    const id = await stepgate.user('lost@example.com');
    await signedIn('lost@example.com');
    expect((await cli.run(['mfa', 'reset', id])).code).toBe(64);
    expect(await cli.json(['mfa', 'reset', 'lost@example.com', '--yes'])).toEqual({ userId: id, removed: [] });
    expect(await cli.json(['user', 'sessions', id])).toMatchObject({ sessions: [] });
  });

  it('counts who has what, and of whom the policy asks something', async () => {
    await stepgate.tenant('counted', {
      mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
    });
    await stepgate.user('a@counted.example', { tenantId: 'counted', roles: ['admin'] });
    const listed = await stepgate.user('b@counted.example', { tenantId: 'counted' });
    const out = await stepgate.user('c@counted.example', { tenantId: 'counted' });
    await cli.run(['mfa', 'require', listed, 'otp-email']);
    await cli.run(['user', 'disable', out, '--yes']);
    expect(await cli.json(['mfa', 'coverage', '--tenant', 'counted', '--rate', '0'])).toEqual({
      tenantId: 'counted',
      users: 3,
      disabled: 1,
      setUp: { 'otp-email': 0, 'otp-phone': 0 },
      withoutAny: 2,
      requiredByOwn: { 'otp-email': 1, 'otp-phone': 0 },
      asked: 1,
      mustEnrol: 1,
    });
    const { stdout } = await cli.run(['mfa', 'coverage', '--tenant', 'counted']);
    expect(stdout).toMatch(/are asked by the policy +1 {2}50\.0 %/);
    expect((await cli.run(['mfa', 'coverage', '--tenant', 'nowhere'])).code).toBe(1);
  });
});
