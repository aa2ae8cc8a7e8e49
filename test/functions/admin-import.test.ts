import { beforeAll, describe, expect, it } from 'vitest';
import { hashSync } from 'bcryptjs';
import type { Answer } from '../support/browser.ts';
import { lines } from '../support/importing.ts';
import { signedIn } from '../support/otp.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const HASH = hashSync(PASSWORD, 4);
const records = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `${name}-${i}`,
    loginMethods: [{ recipeId: 'emailpassword', email: `${name}-${i}@example.com`, passwordHash: HASH }],
  }));

async function post(body: string, query = '', type = 'application/x-ndjson') {
  const reply = await fetch(`${stepgate.url()}/admin/import${query}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  const read: Answer['body'] = await reply.json();
  return { status: reply.status, body: read };
}

beforeAll(() => stepgate.tenant('acme', {}));

describe('POST /admin/import', () => {
  it('takes NDJSON, and tells what became of each line, in order', async () => {
    const body = `${lines(records('http', 2))}\n{"oops"\n`;
    const expected = {
      status: 'OK',
      dryRun: false,
      summary: { created: 2, updated: 0, unchanged: 0, refused: 1, weaker: 0 },
      lines: [
        { line: 1, id: 'http-0', status: 'created' },
        { line: 2, id: 'http-1', status: 'created' },
        { line: 3, status: 'refused', reason: 'the line is not valid JSON' },
      ],
    };
    expect(await post(body)).toEqual({ status: 200, body: expected });
    expect((await post(body)).body.summary).toMatchObject({ created: 0, unchanged: 2, refused: 1 });
    expect((await signedIn(stepgate, 'http-0@example.com')).claims().sub).toBe('http-0');
  });

  it('is of the tenant, the format and the earnest that the query tells', async () => {
    const users = [{ localId: 'fb', email: 'fb@example.com', emailVerified: true }];
    const query = '?tenantId=acme&format=firebase';
    const dry = await post(JSON.stringify({ users }), `${query}&dryRun=true`, 'application/json');
    expect(dry.body).toMatchObject({ dryRun: true, lines: [{ line: 1, id: 'fb', status: 'created' }] });
    expect(await stepgate.app().users.load('fb')).toBeUndefined();
    await post(JSON.stringify({ users }), query, 'application/json');
    expect((await stepgate.app().users.load('fb'))?.tenantIds).toEqual(['acme']);
  });

  it('goes on after a line', async () => {
    const { body } = await post(lines(records('after', 3)), '?resumeAfter=2');
    expect(body.lines).toEqual([{ line: 3, id: 'after-2', status: 'created' }]);
  });

  it('writes nothing of more lines than one request may bring', async () => {
    expect(await post(lines(records('many', 501)))).toEqual({
      status: 400,
      body: { message: 'at most 500 lines at a time' },
    });
    expect(await stepgate.app().users.load('many-0')).toBeUndefined();
  });

  it('takes 500 at a time', async () => {
    expect((await post(lines(records('full', 500)))).body.summary).toMatchObject({
      created: 500,
      unchanged: 0,
      refused: 0,
    });
  });

  it.each<[string, string, string, string, number]>([
    ['nothing', '', '', 'application/x-ndjson', 400],
    ['a format nobody knows', '{}', '?format=xml', 'application/x-ndjson', 400],
    ['what is no tenant id', '{}', '?tenantId=A%20B', 'application/x-ndjson', 400],
    // A page of another site could send it to a local run.
    ['a plain text', '{}', '', 'text/plain', 415],
    ['a form', 'a=b', '', 'application/x-www-form-urlencoded', 415],
  ])('refuses %s', async (_, body, query, type, status) => {
    expect((await post(body, query, type)).status).toBe(status);
  });
});

describe('GET /admin/users/{userId}/export', () => {
  const get = (id: string) => stepgate.browser().get(`/admin/users/${encodeURIComponent(id)}/export`);

  it('is everything about a person that a person can read, and no secret', async () => {
    const id = 'auth0|subject';
    await post(
      lines([
        {
          id,
          metadata: { plan: 'paid' },
          roles: ['admin'],
          requiredFactors: ['otp-email'],
          exemptions: { public: { until: 4_000_000_000_000, reason: 'lost phone' } },
          totpDevices: [{ name: 'phone', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }],
          loginMethods: [
            { recipeId: 'emailpassword', email: 'subject@example.com', passwordHash: HASH, verified: true },
          ],
        },
      ]),
    );
    const page = await signedIn(stepgate, 'subject@example.com');
    const { status, body } = await get(id);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'OK',
      user: {
        id,
        metadata: { plan: 'paid' },
        roles: { public: ['admin'] },
        requiredFactors: ['otp-email'],
        exemptions: { public: { reason: 'lost phone' } },
        totpDevices: [{ name: 'phone', period: 30, verified: true }],
        backupCodes: null,
        loginMethods: [{ recipeId: 'emailpassword', email: 'subject@example.com', hasPassword: true }],
      },
      devices: [],
      sessions: [{ handle: page.claims().sessionHandle, tenantId: 'public', firstFactor: 'emailpassword' }],
    });
    expect(body.history.map(({ event }: { event: string }) => event)).toContain('admin.imported');
    expect(JSON.stringify(body)).not.toMatch(/\$2b\$|argon2|sealedSeed|JBSWY3DP|[Tt]okenHash|fingerprint|macs|kid/);
  });

  it('knows nobody it does not know', async () => {
    expect(await get('nobody')).toMatchObject({ status: 404, body: { message: 'unknown user' } });
  });
});
