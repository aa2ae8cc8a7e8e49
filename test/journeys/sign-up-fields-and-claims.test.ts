import { beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

describe.each<Mode>(['cookie', 'header'])('signUpFields (%s mode)', (mode) => {
  const email = `fields-${mode}@example.com`;

  beforeAll(() =>
    stepgate.tenant('public', {
      signUpFields: [
        { id: 'company', maxLength: 10 },
        { id: 'team', optional: true },
      ],
      mfaPolicy: { rules: [] },
    }),
  );

  it('are asked for, each with its own fault', async () => {
    const page = stepgate.browser(mode);
    expect((await page.signUp(email, PASSWORD)).body).toEqual({
      status: 'FIELD_ERROR',
      formFields: [{ id: 'company', error: 'Field is not optional' }],
    });
    expect((await page.signUp(email, PASSWORD, { company: 'x'.repeat(11) })).body).toEqual({
      status: 'FIELD_ERROR',
      formFields: [{ id: 'company', error: 'At most 10 characters' }],
    });
    expect(page.claims()).toBeUndefined();
  });

  it('that nobody declared are refused', async () => {
    const page = stepgate.browser(mode);
    expect(await page.signUp(email, PASSWORD, { company: 'Acme', plan: 'paid' })).toMatchObject({
      status: 400,
      body: { message: 'formFields has a field nobody asked for' },
    });
    expect(await page.signUp(email, PASSWORD, { company: 'Acme', team: 'x', plan: 'paid' })).toMatchObject({
      status: 400,
      body: { message: 'Are you sending too many formFields?' },
    });
  });

  it('are kept in the user’s metadata, trimmed, the optional one where it was filled in', async () => {
    const page = stepgate.browser(mode);
    const { body } = await page.signUp(email, PASSWORD, { company: ' Acme ' });
    expect(body.status).toBe('OK');
    expect((await page.get(`/admin/users/${body.user.id}`)).body.user.metadata).toEqual({ company: 'Acme' });

    const second = await page.signUp(`two-${email}`, PASSWORD, { company: 'Acme', team: 'red' });
    expect((await page.get(`/admin/users/${second.body.user.id}`)).body.user.metadata).toEqual({
      company: 'Acme',
      team: 'red',
    });
  });
});

describe.each<Mode>(['cookie', 'header'])('claims (%s mode)', (mode) => {
  const email = `claims-${mode}@example.com`;
  let userId = '';

  beforeAll(async () => {
    await stepgate.tenant('public', {
      claims: {
        plan: 'user.metadata.plan',
        isAdmin: "'admin' in user.roles",
        seats: 'user.metadata.seats * 2',
        missing: 'user.metadata.nothing',
      },
    });
    userId = await stepgate.user(email, { metadata: { plan: 'paid', seats: 5 }, roles: ['admin'] });
  });

  it('are members of the token and of what the front end reads; one that fails is left out', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    expect(page.claims()).toMatchObject({ plan: 'paid', isAdmin: true, seats: 10 });
    expect(page.claims()).not.toHaveProperty('missing');
    const payload = JSON.parse(Buffer.from(page.tokens().access!.split('.')[1]!, 'base64url').toString('utf8'));
    expect(payload).toEqual(page.claims());
  });

  it('follow the facts at mfa/info and at refresh', async () => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    await page.send('PATCH', `/admin/users/${userId}`, { metadata: { seats: 7 } });
    await page.mfaInfo();
    expect(page.claims()).toMatchObject({ seats: 14, sub: userId });
    await page.send('PATCH', `/admin/users/${userId}`, { metadata: { seats: 5 } });
    await page.refresh();
    expect(page.claims()).toMatchObject({ seats: 10, sub: userId });
  });

  it.each(['sub', 'st-mfa', 'exp', 'tId', 'scope', 'epoch', 'pe', 'pt', 'firstFactor'])(
    'may not take the name of one of the token’s own: %s',
    async (name) => {
      const written = await stepgate.browser().put('/admin/tenants/public', { claims: { [name]: '"x"' } });
      expect(written).toMatchObject({ status: 400, body: { message: 'the tenant is not valid' } });
      expect(written.body.findings[0]).toMatchObject({ level: 'error', code: 'malformed' });
    },
  );

  it('that do not compile are refused when the tenant is saved', async () => {
    const written = await stepgate.browser().put('/admin/tenants/public', { claims: { plan: 'user.metadata.' } });
    expect(written.status).toBe(400);
    expect(written.body.findings[0].message).toMatch(/^claims\.plan: /);
  });
});
