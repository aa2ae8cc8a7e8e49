// `exists` is an oracle by the FDI's design: it is throttled for a client whatever it is called, and says the same of
// everybody where a tenant wants so. `loginmethods` says nothing of anybody.
import { beforeAll, describe, expect, it } from 'vitest';
import { counting } from '../support/counting.ts';
import { gateway } from '../support/gateway.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate({ config: { LIMIT_SCALE: '1' } });
const KNOWN = 'known@example.com';
beforeAll(async () => {
  stepgate.clock.freeze();
  await stepgate.tenant('public', {});
  await stepgate.tenant('silent', { strictEnumeration: true });
  await stepgate.user(KNOWN);
  await stepgate.user(KNOWN, { tenantId: 'silent' });
});

const PATHS = [
  ['emailpassword/email/exists', { email: KNOWN }],
  ['passwordless/email/exists', { email: KNOWN }],
  ['passwordless/phonenumber/exists', { phoneNumber: '+36301234567' }],
  ['signup/email/exists', { email: KNOWN }],
  ['signup/phonenumber/exists', { phoneNumber: '+36301234567' }],
] as const;
const ask = (path: string, query: Readonly<Record<string, string>>, ip: string) =>
  gateway(stepgate.app())('GET', `/auth/${path}`, { query, ip });

describe('SEC-63', () => {
  it('100 questions in a minute: ten are answered, by whatever name they are asked', async () => {
    const statuses = [];
    for (let i = 0; i < 100; i += 1) {
      const [path, query] = PATHS[i % PATHS.length]!;
      statuses.push((await ask(path, query, '203.0.113.63')).status);
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(200));
    expect(statuses.slice(10)).toEqual(Array(90).fill(429));
    stepgate.clock.advance(60_000);
    expect((await ask(...PATHS[0], '203.0.113.63')).body).toEqual({ status: 'OK', exists: true });
  });

  it('a strict tenant says the same of everybody, for the same requests', async () => {
    const of = (email: string, ip: string) =>
      counting(stepgate, () => ask('silent/emailpassword/email/exists', { email }, ip));
    // The first request of a tenant that was written by hand records it.
    await ask('silent/loginmethods', {}, '203.0.113.3');
    const [known, unknown] = [await of(KNOWN, '203.0.113.1'), await of('nobody@example.com', '203.0.113.2')];
    expect(known).toEqual(unknown);
    expect(known.reply.body).toEqual({ status: 'OK', exists: false });
  });

  it('loginmethods asks for nothing but the tenant, however often, and its answer knows nobody', async () => {
    const call = () => counting(stepgate, () => ask('loginmethods', {}, '203.0.113.63'));
    const first = await call();
    expect(first.requests).toEqual(['GetItemCommand TENANT']);
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('loginmethods', {}, '203.0.113.63')));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body)))).toEqual(
      new Set([JSON.stringify(first.reply.body)]),
    );
  });
});
