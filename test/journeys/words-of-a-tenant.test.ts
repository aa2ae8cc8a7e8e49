/** A mail speaks the reader's language, in the tenant's words; the tenant's faults are found before anybody waits for it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { browser, type Mode } from '../support/browser.ts';
import { OPEN } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const subjects = (to: string) =>
  stepgate.aws
    .inbox()
    .messages(to)
    .map(({ subject }) => subject);

const speaking = (language: string) => ({
  request: (input: Parameters<typeof fetch>[0], init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set('accept-language', language);
    return fetch(input, { ...init, headers });
  },
});

beforeEach(() => stepgate.tenant('public', OPEN));

describe.each<Mode>(['cookie', 'header'])('a code by mail (%s mode)', (mode) => {
  let count = 0;
  async function asked(language: string, metadata: object = {}): Promise<string> {
    const email = `reader-${mode}-${(count += 1)}@example.com`;
    await stepgate.user(email, { metadata });
    const page = browser(stepgate.url(), mode, undefined, speaking(language));
    await page.signIn(email, PASSWORD);
    expect((await page.sendCode({ email })).body.status).toBe('OK');
    return email;
  }

  it('is in the language of the browser', async () => {
    expect(subjects(await asked('hu-HU,hu;q=0.9,en;q=0.8'))).toEqual(['Belépési kód – Stepgate']);
    expect(subjects(await asked('de'))).toEqual(['Your sign-in code for Stepgate']);
  });

  it('is in the user’s own language before that', async () => {
    expect(subjects(await asked('en', { language: 'hu' }))).toEqual(['Belépési kód – Stepgate']);
  });

  it('is in the tenant’s words, its name and its colour, and signs in all the same', async () => {
    const body = 'Here you are:\n\n{{code}}';
    await stepgate.tenant('public', {
      ...OPEN,
      branding: { name: 'North', color: '#0b6b53' },
      templates: { en: { 'otp-sign-in': { subject: 'Hello from {{app}}', body } } },
    });
    const email = `own-${mode}@example.com`;
    await stepgate.user(email);
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    const { body: device } = await page.sendCode({ email });
    expect(subjects(email)).toEqual(['Hello from North']);
    expect(stepgate.lastMessage(email)?.text).toMatch(/\n\nHere you are:\n\n\d{6}\n$/);
    expect((await page.consume(device, stepgate.lastCode(email))).body.status).toBe('OK');
  });
});

describe('a notice', () => {
  it('does not speak the language of a request, which may be an intruder’s', async () => {
    const email = 'told@example.com';
    await stepgate.user(email);
    const page = browser(stepgate.url(), 'cookie', undefined, speaking('hu'));
    await page.signIn(email, PASSWORD);
    const { body: device } = await page.sendCode({ phoneNumber: '+36301119999' });
    await page.consume(device, stepgate.lastCode('+36301119999'));
    expect(subjects(email)).toEqual(['Security notice: a way to sign in was added at Stepgate']);
  });
});

describe('a tenant whose words are wrong', () => {
  it('is refused by name, and not used', async () => {
    await stepgate.tenant('lost', { templates: { en: { 'otp-sign-in': { body: 'No code here' } } } });
    expect((await stepgate.browser('cookie', 'lost').signIn('a@example.com', PASSWORD)).status).toBe(503);
    expect(JSON.stringify(stepgate.logged)).toContain('templates.en.otp-sign-in.body: must hold {{code}}');
  });
});

describe('words for a mail that is sent no more', () => {
  const templates = { en: { change: { subject: 'Confirm', body: '{{link}}' } } };
  const tenant = { allowedOrigins: [], templates };
  const WARNED = [
    {
      level: 'warning',
      code: 'template-retired',
      message: 'templates.en.change: is a mail we send no more; its words are left out',
      path: 'templates.en.change',
      doc: 'docs/policy-lint.md#template-retired',
    },
  ];

  it('keep nobody out whose tenant an earlier version saved, and are told whoever reads or saves it', async () => {
    await stepgate.tenant('earlier', { ...OPEN, ...tenant });
    const email = 'still-here@example.com';
    await stepgate.user(email, { tenantId: 'earlier' });
    expect((await stepgate.browser('header', 'earlier').signIn(email, PASSWORD)).body.status).toBe('OK');
    const operator = stepgate.browser();
    const read = await operator.get('/admin/tenants/earlier');
    expect(read.body).toMatchObject({ tenant: { templates }, findings: WARNED });
    expect((await operator.send('PUT', '/admin/tenants/earlier', read.body.tenant)).body).toMatchObject({
      status: 'OK',
      findings: WARNED,
    });
    expect((await stepgate.browser('header', 'earlier').signIn(email, PASSWORD)).body.status).toBe('OK');
  });
});
