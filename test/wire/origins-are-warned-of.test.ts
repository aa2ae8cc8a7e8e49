/**
 * Whoever gives a tenant a front end of its own is told that `public` must list it as well.
 *
 * Seen with auth-react 0.51.3 in Chromium: without it the first call of the page, a refresh that names no tenant, is a
 * CORS error, and the page stays blank.
 */
import { beforeAll, expect, it } from 'vitest';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const SHARED = 'https://shared.example';
const OWN = 'https://own.example';

beforeAll(() => stepgate.tenant('public', { allowedOrigins: [SHARED] }));

it('warns when the tenant is saved and when it is read', async () => {
  const saved = await stepgate.browser().put('/admin/tenants/later', { allowedOrigins: [OWN, SHARED] });
  const warning = {
    level: 'warning',
    code: 'origin-not-public',
    message: `allowedOrigins: ${OWN} must be listed at the tenant public too, for the calls that name no tenant`,
    path: 'allowedOrigins',
    doc: 'docs/policy-lint.md#origin-not-public',
  };
  expect(saved.body).toEqual({ status: 'OK', tenantId: 'later', findings: [warning] });
  expect((await stepgate.browser().get('/admin/tenants/later')).body.findings).toEqual([warning]);
});

it('has nothing to say about public, nor about a tenant without origins', async () => {
  expect((await stepgate.browser().get('/admin/tenants/public')).body.findings).toEqual([]);
  expect((await stepgate.browser().put('/admin/tenants/plain', {})).body.findings).toEqual([]);
});

it('warns of what was written by hand, as a set or as anything else', async () => {
  await stepgate.tenant('by-hand', { allowedOrigins: new Set([OWN]) });
  const findings = async () => (await stepgate.browser().get('/admin/tenants/by-hand')).body.findings;
  expect(await findings()).toMatchObject([{ code: 'origin-not-public' }]);
  await stepgate.tenant('by-hand', { allowedOrigins: 7 });
  expect(await findings()).toMatchObject([{ level: 'error', code: 'malformed' }]);
});
