/**
 * A route that wants a code no older than five minutes sends a signed-in person through the challenge and back, as
 * often as it takes, with what the front-end SDKs have: `mfa/info`, a code, and the request again.
 */
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functions } from '../../functions/index.ts';
import { exampleEndpoints } from '../../infra/local/example.ts';
import { boundPort } from '../../infra/local/ports.ts';
import { toNode } from '../../shared/http/node.ts';
import { browser, type Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';
import { passCode } from './steps.ts';

const stepgate = useStepgate();
const MINUTE = 60_000;
const ORIGIN = 'https://app.example.com';
let server: Server;
let url = '';

beforeAll(async () => {
  await stepgate.tenant('public', {
    contactMethod: 'EMAIL',
    allowedOrigins: [ORIGIN],
    mfaPolicy: { rules: [{ id: 'all', require: ['otp-email'] }] },
  });
  const app = stepgate.app();
  server = createServer(toNode([...Object.values(functions).flat(), ...exampleEndpoints(app)], app));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${boundPort(server)}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const tooOld = (ageInSeconds: unknown) => ({
  message: 'invalid claim',
  claimValidationErrors: [
    {
      id: 'st-mfa',
      reason: { message: 'MFA factor is not fresh enough for this operation', ageInSeconds, maxAgeInSeconds: 300 },
    },
  ],
});

describe.each<Mode>(['cookie', 'header'])('a payout wants a code of the last five minutes (%s mode)', (mode) => {
  const email = `payer-${mode}@example.com`;

  it('is refused after six minutes, open after another code, and refused again five minutes later', async () => {
    await stepgate.user(email);
    const page = browser(url, mode);
    await page.signIn(email, PASSWORD);
    expect((await page.get('/example/orders')).body.claimValidationErrors).toEqual([
      { id: 'st-mfa', reason: { message: 'MFA requirement for auth is not satisfied' } },
    ]);
    expect((await passCode(stepgate, page, { email })).body.status).toBe('OK');
    expect((await page.post('/example/payouts', {})).status).toBe(201);

    stepgate.clock.advance(6 * MINUTE);
    const refused = await page.post('/example/payouts', {});
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual(tooOld(expect.any(Number)));
    expect(refused.headers.get('www-authenticate')).toBeNull();
    expect((await page.get('/example/orders')).status).toBe(200);

    expect((await page.mfaInfo()).body).toMatchObject({
      factors: { next: [], alreadySetup: expect.arrayContaining(['otp-email']) },
      emails: { 'otp-email': [email] },
    });
    const completedBefore = page.claims()['st-mfa'].c['otp-email'];
    expect((await passCode(stepgate, page, { email })).body.status).toBe('OK');
    expect(page.claims()['st-mfa'].c['otp-email']).toBeGreaterThanOrEqual(completedBefore + 360);
    expect((await page.post('/example/payouts', {})).status).toBe(201);

    // Refreshing makes no factor younger.
    stepgate.clock.advance(4 * MINUTE);
    expect((await page.refresh()).status).toBe(200);
    expect((await page.post('/example/payouts', {})).status).toBe(201);
    stepgate.clock.advance(MINUTE + 1_000);
    expect((await page.post('/example/payouts', {})).body).toEqual(tooOld(expect.any(Number)));
  });

  it('is readable for the tenant’s own front ends, refused or not, and for nobody else', async () => {
    const page = browser(url, mode);
    const read = (origin: string) => page.get('/example/orders', { headers: { origin } });
    const reply = await read(ORIGIN);
    expect(reply.status).toBe(401);
    expect(reply.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect((await read('https://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await page.send('OPTIONS', '/example/payouts', undefined, { headers: { origin: ORIGIN } });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });
});
