import { PutCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepgateApp } from '../../infra/stack.ts';
import { useAws } from '../support/aws.ts';
import { browser, type Mode } from '../support/browser.ts';
import { type DeployedGateway, deployedGateway } from '../support/deployed.ts';
import { useTable } from '../support/dynamodb.ts';
import { fence, tableRights } from '../support/fence.ts';
import { useHostileIdp } from '../support/hostile-idp.ts';
import {
  askChange,
  askReset,
  askVerification,
  confirmChange,
  redeemReset,
  redeemVerification,
  revert,
} from '../support/links.ts';
import { PASSWORD } from '../support/stepgate.ts';
import { calls, codeAt } from '../support/totp.ts';
import { begin, corp, finish, goodClaims } from '../support/third-party.ts';

/**
 * What is deployed is what was tested: the built bundles, with the environment and the routes of the synthesised
 * template, each function fenced in by the table rights of its role there.
 */
const table = useTable();
const aws = useAws();
const idp = useHostileIdp();
let gateway: DeployedGateway;
let fenced: Awaited<ReturnType<typeof fence>>;

const SIGNED = {
  authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/r/execute-api/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
};

beforeAll(async () => {
  const { app, stack } = stepgateApp({}, { builtinCloudFormationValidation: false });
  const { Resources } = app.synth().getStackByName(stack.stackName).template;
  fenced = await fence(table.endpoint(), tableRights(Resources));
  gateway = await deployedGateway({ tableName: table.tableName, dynamodb: fenced.endpoint, aws: aws.endpoint() });
  await DynamoDBDocumentClient.from(table.client()).send(
    new PutCommand({
      TableName: table.tableName,
      Item: {
        pk: 'TENANT#public',
        sk: 'CONFIG',
        smsCountries: ['HU'],
        secondFactors: ['otp-email', 'otp-phone', 'totp', 'backup-code'],
        backupCodeReplaces: ['otp-phone'],
        mfaPolicy: {
          rules: [
            { id: 'admins', when: "'admin' in user.roles", require: ['otp-email', 'otp-phone'] },
            { id: 'opted-in', requireFrom: 'user' },
          ],
        },
      },
    }),
  );
}, 60_000);
afterAll(async () => {
  await gateway?.stop();
  fenced?.stop();
});

/** A call as an operator's SigV4 client makes it. */
const admin = async (method: string, path: string, body?: object) => {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { ...SIGNED, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // oxlint-disable-next-line typescript/no-explicit-any -- replies are read by name
  return { status: response.status, body: (await response.json()) as any };
};

const lastCode = (to: string): string => aws.inbox().messages(to).at(-1)?.code ?? 'none was sent';

describe.each<Mode>(['cookie', 'header'])('the deployed service (%s mode)', (mode) => {
  const email = `deployed-${mode}@example.com`;
  const phone = mode === 'cookie' ? '+36301234567' : '+36301234568';

  it('lets people in by code, the first time and the next, and tells who is there', async () => {
    const mailbox = `mailbox-${mode}@example.com`;
    const enter = async (contact: { email: string } | { phoneNumber: string }, to: string) => {
      const page = browser(gateway.url, mode, undefined, { origin: gateway.url });
      const { body: device } = await page.startCode(contact);
      expect((await page.restartCode(device)).body).toMatchObject({ status: 'GENERAL_ERROR' });
      const { body } = await page.enterCode(device, lastCode(to));
      expect((await page.me()).status).toBe(200);
      return body;
    };
    const first = await enter({ email: mailbox }, mailbox);
    expect(first).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
    expect(await enter({ email: mailbox }, mailbox)).toMatchObject({
      createdNewRecipeUser: false,
      user: { id: first.user.id },
    });
    const number = mode === 'cookie' ? '+36301234577' : '+36301234578';
    expect(await enter({ phoneNumber: number }, number)).toMatchObject({ status: 'OK', createdNewRecipeUser: true });
    const page = browser(gateway.url, mode, undefined, { origin: gateway.url });
    for (const query of [
      `email/exists?email=${mailbox}`,
      `phonenumber/exists?phoneNumber=${encodeURIComponent(number)}`,
    ]) {
      expect((await page.get(`/auth/passwordless/${query}`)).body).toEqual({ status: 'OK', exists: true });
    }

    // Its owner joins with a password, and shows the mailbox: one account is left.
    await page.signUp(mailbox, PASSWORD);
    const { body: device } = await page.sendCode({ email: mailbox });
    expect((await page.consume(device, lastCode(mailbox))).body).toMatchObject({
      status: 'OK',
      user: { isPrimaryUser: true, loginMethods: [{}, {}] },
    });
  });

  it('takes an admin from sign-up through both codes to a session that refreshes and ends', async () => {
    const page = browser(gateway.url, mode, undefined, { origin: gateway.url });
    const joined = await page.signUp(email, PASSWORD);
    expect(joined.body).toMatchObject({ status: 'OK' });
    expect((await page.me()).status).toBe(200);

    const userId: string = joined.body.user.id;
    expect(await admin('PUT', `/admin/users/${userId}/roles/public/admin`)).toMatchObject({ status: 200 });
    expect((await page.refresh()).status).toBe(200);
    expect((await page.me()).status).toBe(403);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);

    const mailed = await page.sendCode({ email });
    expect(mailed.body.status).toBe('OK');
    expect((await page.consume(mailed.body, lastCode(email))).body.status).toBe('OK');
    const texted = await page.sendCode({ phoneNumber: phone });
    expect(texted.body.status).toBe('OK');
    expect((await page.resendCode(texted.body)).body).toMatchObject({ status: 'GENERAL_ERROR' });
    expect((await page.consume(texted.body, lastCode(phone))).body.status).toBe('OK');

    expect(await page.me()).toMatchObject({ status: 200, body: { userId, roles: ['admin'] } });
    expect((await page.get('/auth/mfa/factors')).body.status).toBe('OK');
    expect((await page.put('/auth/mfa/factors/otp-email')).body).toEqual({ status: 'OK' });
    expect((await page.get('/auth/sessions')).body.sessions).toHaveLength(1);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.signOut()).body).toEqual({ status: 'OK' });
  });

  it('lets the admin add an app, and get in with a backup code in place of the phone', async () => {
    const page = browser(gateway.url, mode, undefined, { origin: gateway.url });
    const { create, list, enrol, remove, verify, makeCodes, countCodes, useCode } = calls(page);
    const mail = async () => {
      await page.signIn(email, PASSWORD);
      const sent = (await page.sendCode({ email })).body;
      return (await page.consume(sent, lastCode(email))).body.status;
    };
    expect(await mail()).toBe('OK');
    const texted = (await page.sendCode({ phoneNumber: phone })).body;
    expect((await page.consume(texted, lastCode(phone))).body.status).toBe('OK');

    const { deviceName, secret } = (await create()).body;
    expect((await enrol(deviceName, codeAt(secret, Date.now()))).body.status).toBe('OK');
    expect((await verify(codeAt(secret, Date.now() + 30_000))).body).toEqual({ status: 'OK' });
    expect(await list()).toMatchObject([{ name: deviceName, verified: true }]);
    const { codes } = (await makeCodes()).body;
    expect((await countCodes()).body.codesLeft).toBe(10);
    expect((await remove(deviceName)).body).toEqual({ status: 'OK', didDeviceExist: true });

    expect(await mail()).toBe('OK');
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-phone', 'backup-code']);
    expect((await useCode(codes[0])).body).toEqual({ status: 'OK', codesLeft: 9 });
    expect((await page.me()).status).toBe(200);
  });

  it('signs the admin in again, and notices a stolen refresh token', async () => {
    const page = browser(gateway.url, mode, undefined, { origin: gateway.url });
    expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
    expect(page.claims()['st-mfa'].v).toBe(false);
    const first = page.tokens();
    await page.refresh();
    await page.refresh();
    page.present(first);
    expect((await page.refresh()).body).toEqual({ message: 'token theft detected' });
    expect(aws.inbox().messages(email).at(-1)?.purpose).toBe('notice');
  });

  it('takes somebody in by a provider, whose secret an operator wrote', async () => {
    const tenantId = `social-${mode}`;
    const document = { mfaPolicy: { rules: [] }, providers: [corp(idp.issuer())] };
    expect((await admin('PUT', `/admin/tenants/${tenantId}`, document)).body).toMatchObject({ status: 'OK' });
    for (const created of [true, false]) {
      const page = browser(gateway.url, mode, tenantId, { origin: gateway.url });
      const started = await begin(page, { tenantId, redirectUri: `${gateway.url}/auth/callback/corp` });
      idp.says(await idp.token(goodClaims(started, idp.issuer(), { email: `social-${mode}@example.com` })));
      expect((await finish(page, started, { code: 'c' })).body).toMatchObject({
        status: 'OK',
        createdNewRecipeUser: created,
      });
      expect((await page.me()).status).toBe(200);
    }
    const callback = await fetch(`${gateway.url}/auth/callback/apple`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: 'https://appleid.apple.com' },
      body: new URLSearchParams({
        code: 'c',
        state: btoa(JSON.stringify({ frontendRedirectURI: `${gateway.url}/auth/callback/apple` })),
      }),
    });
    expect(callback.status).toBe(303);
  });

  it('links what one proven address signs in with, and unlinks it', async () => {
    const tenantId = `linked-${mode}`;
    const address = `linked-${mode}@example.com`;
    const document = {
      mfaPolicy: { rules: [] },
      providers: [corp(idp.issuer())],
      accountLinking: { automatic: true },
    };
    expect((await admin('PUT', `/admin/tenants/${tenantId}`, document)).body).toMatchObject({ status: 'OK' });
    const social = browser(gateway.url, mode, tenantId, { origin: gateway.url });
    const started = await begin(social, { tenantId, redirectUri: `${gateway.url}/auth/callback/corp` });
    const claims = { sub: address, email: address, email_verified: true };
    idp.says(await idp.token(goodClaims(started, idp.issuer(), claims)));
    const { user } = (await finish(social, started, { code: 'c' })).body;
    const page = browser(gateway.url, mode, tenantId, { origin: gateway.url });
    const sent = (await page.startCode({ email: address })).body;
    expect((await page.enterCode(sent, lastCode(address))).body).toMatchObject({ status: 'OK', user: { id: user.id } });
    const { loginMethods } = (await page.get('/auth/account/login-methods')).body;
    expect(loginMethods).toHaveLength(2);
    const other = loginMethods.find(({ current }: { current: boolean }) => !current);
    const gone = await page.delete(`/auth/account/login-methods/${other.recipeUserId}`);
    expect(gone.body).toEqual({ status: 'OK' });
    expect((await social.refresh()).status).toBe(401);
    expect((await page.me()).status).toBe(200);
  });

  it('remembers a device until its owner or an operator forgets it', async () => {
    const tenantId = `remember-${mode}`;
    const mailbox = `remember-${mode}@example.com`;
    const mfaPolicy = { rules: [{ id: 'all', require: ['otp-email'] }] };
    const written = await admin('PUT', `/admin/tenants/${tenantId}`, { mfaPolicy, rememberDevice: { days: 7 } });
    expect(written.body.status).toBe('OK');
    const page = browser(gateway.url, mode, tenantId, { origin: gateway.url });
    const userId: string = (await page.signUp(mailbox, PASSWORD)).body.user.id;
    const remember = async () => {
      const sent = (await page.sendCode({ email: mailbox })).body;
      return (await page.consume(sent, lastCode(mailbox), { rememberDevice: true })).body.status;
    };
    const isLetIn = async () => {
      await page.signIn(mailbox, PASSWORD);
      return page.claims()['st-mfa'].v;
    };
    expect(await remember()).toBe('OK');
    expect([await isLetIn(), await isLetIn()]).toEqual([true, true]);
    const { devices } = (await page.get('/auth/devices')).body;
    expect(devices).toMatchObject([{ kind: 'trusted', current: true }]);
    expect((await page.delete(`/auth/devices/${devices[0].id}`)).body).toEqual({ status: 'OK' });
    expect(await isLetIn()).toBe(false);
    expect(await remember()).toBe('OK');
    expect((await admin('DELETE', `/admin/users/${userId}/devices`)).body).toEqual({ status: 'OK', forgotten: 1 });
    expect(await isLetIn()).toBe(false);
  });

  it('proves an address, changes it, takes that back, and sets and changes passwords', async () => {
    const [mine, next] = [`recover-${mode}@example.com`, `recovered-${mode}@example.com`];
    const page = browser(gateway.url, mode, undefined, { origin: gateway.url });
    const token = () => new URL(aws.inbox().messages(mine).at(-1)?.link ?? '').searchParams.get('token') ?? '';
    expect((await page.signUp(mine, PASSWORD)).body.status).toBe('OK');
    expect((await askVerification(page)).body.status).toBe('OK');
    expect((await redeemVerification(page, token())).body.status).toBe('OK');
    expect((await page.get('/auth/user/email/verify')).body).toEqual({ status: 'OK', isVerified: true });

    const changed = await askChange(page, { email: next });
    expect((await confirmChange(page, 'email', changed.body, lastCode(next))).body).toEqual({ status: 'OK' });
    expect((await revert(page, token())).body).toEqual({ status: 'OK' });
    expect((await askReset(page, mine)).body).toEqual({ status: 'OK' });
    expect((await redeemReset(page, token(), `${PASSWORD} again`)).body).toEqual({ status: 'OK' });
    expect((await page.signIn(mine, `${PASSWORD} again`)).body.status).toBe('OK');
    const passwords = { currentPassword: `${PASSWORD} again`, newPassword: PASSWORD };
    expect((await page.post('/auth/user/password/change', passwords)).body).toEqual({ status: 'OK' });
    expect((await page.post('/auth/account/not-me', { token: token() })).body).toEqual({ status: 'OK' });
    expect((await page.refresh()).status).toBe(401);
    expect((await askReset(page, mine)).body).toEqual({ status: 'OK' });
    expect((await redeemReset(page, token(), PASSWORD)).body).toEqual({ status: 'OK' });
  });

  it('makes an account by mail where a tenant tells nothing of addresses', async () => {
    const [tenantId, mine] = [`strict-${mode}`, `strict-${mode}@example.com`];
    expect((await admin('PUT', `/admin/tenants/${tenantId}`, { strictEnumeration: true })).status).toBe(200);
    const page = browser(gateway.url, mode, tenantId, { origin: gateway.url });
    expect((await page.signUp(mine, PASSWORD)).body.status).toBe('GENERAL_ERROR');
    const token = new URL(aws.inbox().messages(mine).at(-1)?.link ?? '').searchParams.get('token') ?? '';
    expect((await redeemVerification(page, token, tenantId)).body).toEqual({ status: 'OK' });
    expect((await page.signIn(mine, PASSWORD)).body.status).toBe('OK');
  });

  it('takes somebody from one of their tenants to another', async () => {
    const page = browser(gateway.url, mode, undefined, { origin: gateway.url });
    const { body } = await page.signIn(`mailbox-${mode}@example.com`, PASSWORD);
    expect(body).toMatchObject({ status: 'OK' });
    const userId: string = body.user.id;
    const tenantId = `second-${mode}`;
    expect((await admin('PUT', `/admin/tenants/${tenantId}`, { mfaPolicy: { rules: [] } })).status).toBe(200);
    expect((await admin('PUT', `/admin/users/${userId}/tenants/${tenantId}`)).status).toBe(200);
    expect((await page.post('/auth/session/tenant', { tenantId })).body).toEqual({ status: 'OK', tenantId });
    expect((await page.get('/auth/tenants')).body.tenants).toHaveLength(2);
    expect((await page.me()).body).toMatchObject({ userId, tenantId });
    expect((await admin('DELETE', `/admin/users/${userId}/tenants/${tenantId}`)).status).toBe(200);
    expect((await page.refresh()).status).toBe(401);
  });

  it('answers operators, once they are signed', async () => {
    const found = await admin('GET', `/admin/users?email=${email}`);
    expect(found.body.users).toHaveLength(1);
    const { id } = found.body.users[0];
    expect((await admin('GET', '/admin/users')).body.users.length).toBeGreaterThan(0);
    expect((await admin('PATCH', `/admin/users/${id}`, { metadata: { plan: 'paid' } })).body.user.metadata).toEqual({
      plan: 'paid',
    });
    expect((await admin('PUT', `/admin/users/${id}/factors/otp-email`)).status).toBe(200);
    expect((await admin('DELETE', `/admin/users/${id}/factors/otp-email`)).status).toBe(200);
    expect((await admin('POST', `/admin/users/${id}/factors/reset`)).body.status).toBe('OK');
    expect((await admin('PUT', `/admin/tenants/acme-${mode}`, { name: 'Acme' })).status).toBe(200);
    expect((await admin('GET', '/admin/tenants')).body.tenants).toContain(`acme-${mode}`);
    expect((await admin('DELETE', `/admin/tenants/acme-${mode}`)).status).toBe(200);
    expect((await admin('DELETE', `/admin/users/${id}/roles/public/admin`)).status).toBe(200);
    expect((await admin('DELETE', `/admin/users/${id}`)).status).toBe(200);
  });
});

it('keeps every policy of a tenant, and by whom it was saved', async () => {
  const policy = '/admin/tenants/versions/policy';
  await admin('PUT', '/admin/tenants/versions', { name: 'Versions' });
  const asks = { rules: [{ id: 'all', require: ['otp-email'] }] };
  expect((await admin('PUT', policy, { mfaPolicy: asks, reason: 'audit' })).body).toMatchObject({ version: 1 });
  expect((await admin('PUT', policy, { mfaPolicy: { rules: [] }, reason: 'pause' })).body).toMatchObject({
    version: 2,
  });
  expect((await admin('POST', `${policy}/diff`, { before: 1 })).body.changes).toMatchObject([{ kind: 'removed' }]);
  await DynamoDBDocumentClient.from(table.client()).send(
    new PutCommand({
      TableName: table.tableName,
      Item: { pk: 'TENANT#versions', sk: 'CONFIG', mfaPolicy: { ...asks, merge: 'any' } },
    }),
  );
  expect((await admin('POST', `${policy}/rollback`, { version: 1, reason: 'over' })).body).toMatchObject({
    version: 4,
  });
  const { body } = await admin('GET', `${policy}/versions`);
  const by = 'arn:aws:sts::123456789012:assumed-role/operator/ops';
  expect(body.versions).toMatchObject([
    { version: 4, via: 'rollback', from: 1, by },
    { version: 3, via: 'hand', by: 'unknown' },
    { version: 2, via: 'api', by },
    { version: 1, via: 'api', by },
  ]);
  expect((await admin('GET', `${policy}/versions/3`)).body.mfaPolicy).toEqual({ ...asks, merge: 'any' });
  expect((await admin('GET', policy)).body.mfaPolicy).toEqual(asks);
  expect((await admin('DELETE', '/admin/tenants/versions')).status).toBe(200);
});

describe('rights', () => {
  it('were wide enough for all of it', () => {
    expect(fenced.denials).toEqual([]);
  });

  it('keep a function from what it did not declare', async () => {
    const { GetItemCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    const { app, stack } = stepgateApp({}, { builtinCloudFormationValidation: false });
    const { Resources } = app.synth().getStackByName(stack.stackName).template;
    const jwks = Object.keys(Resources).find(
      (id) => /jwks/i.test(id) && Resources[id].Type === 'AWS::Lambda::Function',
    )!;
    const as = (accessKeyId: string) =>
      new DynamoDBClient({
        endpoint: fenced.endpoint,
        region: 'eu-central-1',
        credentials: { accessKeyId, secretAccessKey: 'x' },
        maxAttempts: 1,
      });
    const read = (pk: string) =>
      as(jwks).send(new GetItemCommand({ TableName: table.tableName, Key: { pk: { S: pk }, sk: { S: 'KEYS' } } }));
    await expect(read('KEYS')).resolves.toBeDefined();
    await expect(read('USER#somebody')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
