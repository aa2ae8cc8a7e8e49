// What is not there is not right: an empty or half-empty request must not pass for a proven factor.
// @see CVE-2026-49443, GHSA-xp7f

import { beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Device, SendOptions } from '../support/browser.ts';
import { EVERYBODY, halfway } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
let page: Browser;
let device: Device;
let code: string;

beforeAll(async () => {
  await stepgate.tenant('public', EVERYBODY);
  ({ page, device, code } = await halfway(stepgate, 'missing@example.com'));
});

const flag = { shouldTryLinkingWithSessionUser: true };
const right = () => ({ ...device, userInputCode: code, ...flag });
const without = (...names: readonly string[]) =>
  Object.fromEntries(Object.entries(right()).filter(([name]) => !names.includes(name)));

const as = (type: string): SendOptions => ({ headers: { 'content-type': type } });
const consume = (body: unknown, options?: SendOptions) => page.post('/auth/signinup/code/consume', body, options);
const raw = (text: string, type = 'application/json') =>
  page.post('/auth/signinup/code/consume', undefined, { raw: text, headers: { 'content-type': type } });

describe('SEC-31b: consuming with something missing', () => {
  it.each<[string, number, () => ReturnType<typeof consume>]>([
    ['no body', 400, () => consume(undefined)],
    ['an empty body', 400, () => raw('')],
    ['{}', 400, () => consume({})],
    ['the flag alone', 400, () => consume(flag)],
    ['no code', 400, () => consume(without('userInputCode'))],
    ['no device', 400, () => consume(without('deviceId'))],
    ['no public name', 400, () => consume(without('preAuthSessionId'))],
    ['neither device nor code', 400, () => consume(without('deviceId', 'userInputCode'))],
    ['null for a code', 400, () => consume({ ...right(), userInputCode: null })],
    ['true for a code', 400, () => consume({ ...right(), userInputCode: true })],
    ['a number for a code', 400, () => consume({ ...right(), userInputCode: 123_456 })],
    ['a list of codes', 400, () => consume({ ...right(), userInputCode: [code] })],
    ['an object for a code', 400, () => consume({ ...right(), userInputCode: { $ne: '' } })],
    ['a code as long as a book', 400, () => consume({ ...right(), userInputCode: '1'.repeat(10_000) })],
    ['a list', 400, () => consume([right()])],
    ['null', 400, () => raw('null')],
    ['what is no JSON', 400, () => raw(`deviceId=${device.deviceId}`)],
    ['a byte order mark', 400, () => raw(`\uFEFF${JSON.stringify(right())}`)],
    ['text/plain', 415, () => consume(right(), as('text/plain'))],
    ['a form', 415, () => consume(right(), as('application/x-www-form-urlencoded'))],
    ['multipart', 415, () => consume(right(), as('multipart/form-data; boundary=x'))],
    ['more than 16 KB', 413, () => consume({ ...right(), padding: 'x'.repeat(20_000) })],
  ])('answers %s with %i', async (_, status, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ message: expect.any(String) });
    expect(answer.setCookies).toEqual([]);
    expect((await page.me()).status).toBe(403);
  });

  it('does not complete a session it was not told to link with', async () => {
    for (const said of [{}, { shouldTryLinkingWithSessionUser: false }]) {
      const answer = await consume({ ...without('shouldTryLinkingWithSessionUser'), ...said });
      expect(answer.body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    }
    expect((await consume({ ...right(), shouldTryLinkingWithSessionUser: 'true' })).status).toBe(400);
    expect(page.claims()['st-mfa'].v).toBe(false);
  });

  it('spent nothing of the device by all this', async () => {
    expect((await consume(right())).body.status).toBe('OK');
    expect((await page.me()).status).toBe(200);
  });
});
