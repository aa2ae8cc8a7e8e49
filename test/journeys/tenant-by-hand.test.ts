import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { INVALID_CLAIM, passCode } from './steps.ts';

const stepgate = useStepgate();

const EMAIL = 'person@example.com';

/** What design.md §3 calls complete. */
const COMPLETE = {
  pk: 'TENANT#acme',
  sk: 'CONFIG',
  firstFactors: ['emailpassword', 'thirdparty'],
  requiredSecondaryFactors: ['otp-email'],
};

const malformedOf = (tenantId: string) =>
  stepgate.logged.filter(({ event, fields }) => event === 'tenant.malformed' && fields['tenantId'] === tenantId).at(-1);

describe.each<Mode>(['cookie', 'header'])('a tenant written by hand (%s mode)', (mode) => {
  const email = `${mode}-${EMAIL}`;

  beforeAll(() => stepgate.user(email, { tenantId: 'acme' }));

  it.each([
    ['with lists', COMPLETE],
    [
      'with string sets',
      {
        ...COMPLETE,
        firstFactors: new Set(['emailpassword', 'thirdparty']),
        requiredSecondaryFactors: new Set(['otp-email']),
      },
    ],
  ])('works at once, %s', async (_, item) => {
    await stepgate.put(item);
    const page = stepgate.browser(mode, 'acme');
    expect((await page.get('/auth/acme/loginmethods')).body).toMatchObject({
      status: 'OK',
      emailPassword: { enabled: true },
      firstFactors: ['emailpassword'],
    });
    expect((await page.signIn(email, PASSWORD)).body.status).toBe('OK');
    expect((await page.me()).body).toEqual(INVALID_CLAIM);
    expect((await page.mfaInfo()).body.factors.next).toEqual(['otp-email']);
    await passCode(stepgate, page, { email });
    expect((await page.me()).body).toMatchObject({ tenantId: 'acme', mfa: { satisfied: true } });
  });

  it('lets people sign up', async () => {
    await stepgate.put(COMPLETE);
    const page = stepgate.browser(mode, 'acme');
    const fresh = `fresh-${email}`;
    expect((await page.signUp(fresh, PASSWORD)).body).toMatchObject({ status: 'OK', user: { tenantIds: ['acme'] } });
    expect((await page.me()).status).toBe(403);
  });

  it.each([{ firstFactors: [] }, { firstFactors: ['thirdparty'] }])(
    'with $firstFactors for first factors lets nobody sign in or up',
    async ({ firstFactors }) => {
      await stepgate.put({ ...COMPLETE, firstFactors });
      const page = stepgate.browser(mode, 'acme');
      for (const answer of [await page.signIn(email, PASSWORD), await page.signUp(`no-${email}`, PASSWORD)]) {
        expect(answer).toMatchObject({ status: 401, body: { message: 'unauthorised' } });
      }
      expect((await page.get('/auth/acme/loginmethods')).body).toMatchObject({
        emailPassword: { enabled: false },
        firstFactors: [],
      });
    },
  );

  it('with an empty policy asks nobody, whatever the lists say', async () => {
    await stepgate.put({ ...COMPLETE, mfaPolicy: { rules: [] } });
    const page = stepgate.browser(mode, 'acme');
    await page.signIn(email, PASSWORD);
    expect((await page.me()).status).toBe(200);
  });
});

describe.each<Mode>(['cookie', 'header'])('a tenant written by hand and wrong (%s mode)', (mode) => {
  const email = `wrong-${mode}-${EMAIL}`;

  beforeAll(async () => {
    await stepgate.user(email, { tenantId: 'acme' });
    await stepgate.user(email);
  });

  it.each([
    ['a misspelt attribute', { requiredSecondaryFactor: ['otp-email'] }, 'requiredSecondaryFactor:'],
    ['a wrong type', { requiredSecondaryFactors: 'otp-email' }, 'requiredSecondaryFactors:'],
    ['a factor id with a capital', { requiredSecondaryFactors: ['OTP-email'] }, 'requiredSecondaryFactors.0:'],
    ['a wrong word', { contactMethod: 'SMS' }, 'contactMethod:'],
    ['null where a list should be', { firstFactors: null }, 'firstFactors:'],
    [
      'a condition that does not compile',
      { mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in", require: ['otp-email'] }] } },
      'mfaPolicy rule admins:',
    ],
    [
      'a condition on something there is not',
      { mfaPolicy: { rules: [{ id: 'admins', when: "'admin' in user.role", require: ['otp-email'] }] } },
      'mfaPolicy rule admins:',
    ],
    [
      'a condition that is no condition',
      { mfaPolicy: { rules: [{ id: 'admins', when: 'user.id', require: ['otp-email'] }] } },
      'mfaPolicy rule admins:',
    ],
    [
      'a roll-out over everybody',
      { mfaPolicy: { rules: [{ id: 'some', rollout: 110, require: ['otp-email'] }] } },
      'mfaPolicy.rules.0.rollout',
    ],
    [
      'a time of nowhere',
      { mfaPolicy: { rules: [{ id: 'some', from: '2027-01-31T08:00:00', require: ['otp-email'] }] } },
      'mfaPolicy.rules.0.from',
    ],
    [
      'an exception that does not compile',
      { mfaPolicy: { rules: [{ id: 'some', unless: 'user.', require: ['otp-email'] }] } },
      'mfaPolicy rule some: "unless":',
    ],
    ['a misspelt rule field', { mfaPolicy: { rules: [{ id: 'all', requires: ['otp-email'] }] } }, 'mfaPolicy.rules.0'],
    ['a claim that does not compile', { claims: { plan: 'user.' } }, 'claims.plan:'],
  ])('is closed, and no other is: %s', async (_, attributes, named) => {
    await stepgate.tenant('acme', attributes);
    const page = stepgate.browser(mode, 'acme');
    const refused = await page.signIn(email, PASSWORD);
    expect(refused).toMatchObject({ status: 503, body: { message: 'this tenant is misconfigured' } });
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect(page.claims()).toBeUndefined();
    expect(malformedOf('acme')?.fields['faults']).toEqual([expect.stringContaining(named)]);
    expect(JSON.stringify(refused.body)).not.toContain(named.replace(':', ''));

    const elsewhere = stepgate.browser(mode);
    expect((await elsewhere.signIn(email, PASSWORD)).body.status).toBe('OK');
    expect((await elsewhere.me()).status).toBe(200);
  });

  it('names every attribute at fault at once', async () => {
    await stepgate.tenant('acme', { contactMethod: 'SMS', optInOnConsum: true });
    await stepgate.browser(mode, 'acme').signIn(email, PASSWORD);
    const faults = malformedOf('acme')?.fields['faults'];
    expect(faults).toEqual([expect.stringMatching(/^contactMethod: /), expect.stringMatching(/^optInOnConsum: /)]);
    expect(JSON.stringify(faults)).not.toContain('SMS"');
  });

  it('works again as soon as it is mended, sessions from before included', async () => {
    await stepgate.tenant('acme', { mfaPolicy: { rules: [] } });
    const page = stepgate.browser(mode, 'acme');
    await page.signIn(email, PASSWORD);
    await stepgate.tenant('acme', { mfaPolicys: { rules: [] } });
    expect((await page.refresh()).status).toBe(503);
    expect((await page.mfaInfo()).status).toBe(503);
    await stepgate.tenant('acme', { mfaPolicy: { rules: [] } });
    expect((await page.refresh()).status).toBe(200);
    expect((await page.me()).status).toBe(200);
  });
});

describe.each<Mode>(['cookie', 'header'])('a tenant that is not there (%s mode)', (mode) => {
  it.each(['nobody', 'ACME', 'a_b'])('is unknown: %s', async (tenantId) => {
    const page = stepgate.browser(mode, tenantId);
    const unknown = { status: 404, body: { message: 'unknown tenant' } };
    expect(await page.signIn(EMAIL, PASSWORD)).toMatchObject(unknown);
    expect(await page.signUp(EMAIL, PASSWORD)).toMatchObject(unknown);
    expect(await page.get(`/auth/${tenantId}/loginmethods`)).toMatchObject(unknown);
  });

  it('is there all the same when it is public', async () => {
    const { table } = stepgate.app();
    await table.db.send(new DeleteCommand({ TableName: table.name, Key: { pk: 'TENANT#public', sk: 'CONFIG' } }));
    const email = `public-${mode}@example.com`;
    const page = stepgate.browser(mode);
    expect((await page.signUp(email, PASSWORD)).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
    expect((await stepgate.browser(mode, 'public').signIn(email, PASSWORD)).body.status).toBe('OK');
  });
});
