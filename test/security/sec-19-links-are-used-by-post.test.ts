// Mail scanners, previews and prefetching open every link in a mail. Whoever opens one must use nothing up, and nothing
// on the way may see its secret. @see OWASP ASVS 5.0 V14.2.1

import { beforeAll, describe, expect, it } from 'vitest';
import { everyItem } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const email = 'reader@example.com';
beforeAll(() => stepgate.tenant('public', { flowType: 'MAGIC_LINK' }));

async function mailed() {
  const page = stepgate.browser();
  const { body: device } = await page.startCode({ email });
  const link = stepgate.lastLink(email);
  return { page, device, link, url: new URL(link), secret: new URL(link).hash.slice(1) };
}

describe('SEC-19: a link in a mail', () => {
  it('is used up by a POST of its secret, once, and by nothing before that', async () => {
    const { link, url } = await mailed();
    const scanner = stepgate.browser();
    const { pathname, search } = url;
    for (const path of [pathname + search, `/auth/signinup/code/consume${search}`, `/auth${pathname}${search}`]) {
      for (const method of ['GET', 'HEAD', 'GET', 'HEAD', 'GET', 'HEAD']) {
        expect((await scanner.send(method, path)).setCookies).toEqual([]);
      }
    }
    const preAuthSessionId = url.searchParams.get('preAuthSessionId');
    expect((await scanner.post('/auth/signinup/code/consume')).status).toBe(400);
    expect((await scanner.post('/auth/signinup/code/consume', { preAuthSessionId })).status).toBe(400);
    const reader = stepgate.browser();
    expect((await reader.enterLink(link)).body.status).toBe('OK');
    expect((await reader.enterLink(link)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });

  it('has its secret behind the #, and nobody else has it: no reply, no table, no log', async () => {
    const { device, url, secret } = await mailed();
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(url.href.split('#')[0]).not.toContain(secret);
    expect([...url.searchParams.keys()]).toEqual(['preAuthSessionId', 'tenantId']);
    expect(JSON.stringify([device, await everyItem(stepgate), stepgate.logged])).not.toContain(secret);
  });

  it('leads where the tenant says, whatever Origin asks for it', async () => {
    await stepgate.tenant('public', { flowType: 'MAGIC_LINK', allowedOrigins: ['https://app.example.com'] });
    for (const origin of ['https://app.example.com', 'http://localhost:3001']) {
      await stepgate.browser().startCode({ email }, { headers: { origin } });
      expect(new URL(stepgate.lastLink(email)).origin).toBe(origin);
    }
    for (const origin of [
      'https://evil.example',
      'https://app.example.com.evil.example',
      'null',
      'javascript:alert(1)',
    ]) {
      const before = stepgate.aws.inbox().messages(email).length;
      await stepgate.browser().startCode({ email }, { headers: { origin } });
      const sent = stepgate.aws.inbox().messages(email).slice(before);
      for (const { link } of sent) expect(new URL(link ?? '').origin).toBe('http://localhost:3001');
    }
  });

  it.each([
    ['no secret', ''],
    ['another secret', 'A'.repeat(43)],
    ['a long one', 'A'.repeat(128)],
  ])('is no way in with %s, and goes on working', async (_, linkCode) => {
    const { link, url } = await mailed();
    const page = stepgate.browser();
    const preAuthSessionId = url.searchParams.get('preAuthSessionId');
    const answer = await page.post('/auth/signinup/code/consume', { preAuthSessionId, linkCode });
    expect(answer.body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.enterLink(link)).body.status).toBe('OK');
  });

  it('has no code that could be guessed in its place', async () => {
    const { page, device, link } = await mailed();
    for (let i = 0; i < 3; i += 1) {
      expect((await page.enterCode(device, String(i).padStart(6, '0'))).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    }
    expect((await page.enterLink(link)).body.status).toBe('OK');
  });

  it('ends with its time, and with another one’s success', async () => {
    const first = await mailed();
    stepgate.clock.advance(1_000);
    const second = await mailed();
    expect((await second.page.enterLink(second.link)).body.status).toBe('OK');
    expect((await first.page.enterLink(first.link)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    stepgate.clock.advance(1_000);
    const late = await mailed();
    stepgate.clock.advance(600_000);
    expect((await late.page.enterLink(late.link)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });
});
