import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { REQUEST_BOUNDS } from '../../bench/counts.ts';
import { countRequests, type Flow, together } from '../../bench/requests.ts';
import { tenantKey } from '../../shared/dynamo/keys.ts';
import type { Device } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

/** What the service costs in DynamoDB requests, warm: bounds of design.md §8. Each request is latency and money. */

const stepgate = useStepgate({ config: { TENANT_CACHE_SECONDS: '60' } });
const admin = 'admin@example.com';
const user = 'user@example.com';

let during: ReturnType<typeof countRequests>['during'];

beforeAll(async () => {
  await stepgate.tenant('public', {
    mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] }] },
  });
  await stepgate.user(admin, { roles: ['admin'] });
  await stepgate.user(user);
  // Tenant, role and keys are cached from here on.
  const page = stepgate.browser('header');
  await page.signIn(admin, PASSWORD);
  await page.mfaInfo();
  ({ during } = countRequests(stepgate.app().table.db));
});

/** A quarter of an hour later, in a container that somebody else has called since. */
async function expire(somebody = admin, tenantId = 'public'): Promise<void> {
  stepgate.clock.advance(900_000);
  await stepgate.browser('header', tenantId).signIn(somebody, PASSWORD);
}

async function mfaLogin(): Promise<Flow> {
  const page = stepgate.browser('header');
  let device: Device = { deviceId: '', preAuthSessionId: '' };
  const flows = [
    await during(() => page.signIn(admin, PASSWORD)),
    await during(async () => ({ body: device } = await page.sendCode({ email: admin }))),
    await during(() => page.consume(device, stepgate.lastCode(admin))),
  ];
  expect(page.claims()['st-mfa'].v).toBe(true);
  return together(flows);
}

describe('DynamoDB requests, warm', () => {
  it.each(['the first time, when it enrols', 'when the factor is there'])('of an MFA login, %s', async () => {
    const flow = await mfaLogin();
    expect(flow.requests, flow.commands.join(' ')).toBeLessThanOrEqual(REQUEST_BOUNDS.requests);
    expect(flow.waves, flow.commands.join(' ')).toBeLessThanOrEqual(REQUEST_BOUNDS.waves);
  });

  it('of a refresh', async () => {
    const page = stepgate.browser('header');
    await page.signIn(user, PASSWORD);
    await expire();
    const flow = await during(() => page.refresh());
    expect(page.claims()['st-mfa'].v).toBe(true);
    expect(flow.requests, flow.commands.join(' ')).toBe(REQUEST_BOUNDS.refresh);
  });

  it('of a refresh before its time, which reads the tenant anew', async () => {
    const page = stepgate.browser('header');
    await page.signIn(user, PASSWORD);
    const flow = await during(() => page.refresh());
    expect(flow.requests, flow.commands.join(' ')).toBe(REQUEST_BOUNDS.refresh + 1);
  });

  it('of a session check', async () => {
    const page = stepgate.browser('header');
    await page.signIn(user, PASSWORD);
    const flow = await during(async () => expect((await page.me()).status).toBe(200));
    expect(flow.requests).toBe(REQUEST_BOUNDS.check);
  });
});

describe('DynamoDB requests, warm, in a tenant that remembers devices', () => {
  const asked = 'asked@remembering.example';
  const plain = 'plain@remembering.example';
  const attributes = {
    mfaPolicy: { rules: [{ id: 'asked', when: "'admin' in user.roles", require: ['otp-email'] }] },
  };

  beforeAll(async () => {
    await stepgate.tenant('plain', attributes);
    await stepgate.tenant('remembering', { ...attributes, rememberDevice: { days: 7 } });
    for (const tenantId of ['plain', 'remembering']) {
      await stepgate.user(asked, { tenantId, roles: ['admin'] });
      await stepgate.user(plain, { tenantId });
      await stepgate.browser('header', tenantId).signIn(plain, PASSWORD);
      await login(tenantId);
    }
  });

  async function login(
    tenantId: string,
    email = asked,
    page = stepgate.browser('header', tenantId),
    extra = {},
  ): Promise<Flow> {
    let device: Device = { deviceId: '', preAuthSessionId: '' };
    return together([
      await during(() => page.signIn(email, PASSWORD)),
      await during(async () => ({ body: device } = await page.sendCode({ email }))),
      await during(() => page.consume(device, stepgate.lastCode(email), extra)),
    ]);
  }

  it('are those of any tenant where nothing is shown, whether or not a device is remembered then', async () => {
    const [without, within] = [
      await login('plain'),
      await login('remembering', asked, undefined, { rememberDevice: true }),
    ];
    expect({ requests: within.requests, waves: within.waves }).toEqual({
      requests: without.requests,
      waves: without.waves,
    });
    const signIn = async (tenantId: string) => {
      const page = stepgate.browser('header', tenantId);
      const flow = await during(() => page.signIn(plain, PASSWORD));
      return { requests: flow.requests, knows: page.device() !== undefined };
    };
    const { requests } = await signIn('plain');
    expect(await signIn('remembering')).toEqual({ requests, knows: true });
  });

  it('are no more where a device is recognised and asked all the same, nor at its refresh', async () => {
    const email = 'again@remembering.example';
    await stepgate.user(email, { tenantId: 'remembering', roles: ['admin'] });
    await login('remembering', email);
    const page = stepgate.browser('header', 'remembering');
    const first = await login('remembering', email, page);
    const again = await login('remembering', email, page);
    expect({ requests: again.requests, waves: again.waves }).toEqual({ requests: first.requests, waves: first.waves });
    expect(again.requests).toBeLessThanOrEqual(REQUEST_BOUNDS.requests);
    expect(again.waves).toBeLessThanOrEqual(REQUEST_BOUNDS.waves);
    await expire(asked, 'remembering');
    const refreshed = await during(() => page.refresh());
    expect(refreshed.requests).toBe(REQUEST_BOUNDS.refresh);
  });
});

describe('DynamoDB requests, warm, under a rule with a grace', () => {
  const email = 'waiting@grace.example';

  it('are one more for the sign-in that begins it, and none for those after it', async () => {
    const rule = { id: 'all', require: ['otp-email'] };
    await stepgate.tenant('plain-rule', { mfaPolicy: { rules: [{ ...rule, when: 'false' }] } });
    await stepgate.tenant('grace', { mfaPolicy: { rules: [{ ...rule, graceDays: 7 }] } });
    for (const tenantId of ['plain-rule', 'grace']) {
      await stepgate.user(email, { tenantId });
      await stepgate.user(`first-${email}`, { tenantId });
    }
    const signIn = async (tenantId: string) => {
      const page = stepgate.browser('header', tenantId);
      await expire(`first-${email}`, tenantId);
      const flow = await during(() => page.signIn(email, PASSWORD));
      await expire(`first-${email}`, tenantId);
      const refreshed = await during(() => page.refresh());
      expect(page.claims()['st-mfa'].v).toBe(true);
      return { signIn: flow.requests, refresh: refreshed.requests };
    };
    const usual = await signIn('plain-rule');
    expect(await signIn('grace')).toEqual({ ...usual, signIn: usual.signIn + 1 });
    expect(await signIn('grace')).toEqual(usual);
  });
});

describe('countRequests', () => {
  const get = () => {
    const { db, name } = stepgate.app().table;
    return db.send(new GetCommand({ TableName: name, Key: tenantKey('public'), ConsistentRead: true }));
  };

  it('counts what is in flight together as one wave, and what waits for another as the next', async () => {
    expect(await during(() => Promise.all([get(), get(), get()]))).toMatchObject({ requests: 3, waves: 1 });
    expect(await during(async () => [await get(), await get()])).toMatchObject({ requests: 2, waves: 2 });
    expect(await during(() => Promise.all([get(), get().then(get)]))).toMatchObject({ requests: 3, waves: 2 });
  });

  it('reports what DynamoDB charges', async () => {
    expect(await during(get)).toMatchObject({ reads: 1, writes: 0 });
  });
});
