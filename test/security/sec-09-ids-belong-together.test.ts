// A code, a device id and a session only mean something together. Whoever mixes those of two people gets nowhere, and
// costs the other nothing. @see OWASP ASVS 5.0 V6.6.2

import { beforeAll, describe, expect, it } from 'vitest';
import { EVERYBODY, halfway, itemsUnder } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));

describe('SEC-09: ids of two devices', () => {
  it('refuses every mixture of two users’ devices, and spends no attempt of either', async () => {
    const a = await halfway(stepgate, 'a@example.com');
    const b = await halfway(stepgate, 'b@example.com');

    const codeAtOther = await a.page.consume(b.device, a.code);
    expect(codeAtOther.body).toEqual({ status: 'RESTART_FLOW_ERROR' });

    const mixed = { deviceId: a.device.deviceId, preAuthSessionId: b.device.preAuthSessionId };
    for (const code of [a.code, b.code]) {
      const answer = await a.page.consume(mixed, code);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ message: expect.any(String) });
    }
    expect((await a.page.resendCode(mixed)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });

    const devices = await itemsUnder(stepgate, 'OTP#');
    expect(devices.map(({ attempts }) => attempts)).toEqual([0, 0]);
    expect((await a.page.consume(a.device, a.code)).body.status).toBe('OK');
    expect((await b.page.consume(b.device, b.code)).body.status).toBe('OK');
  });

  it('refuses a body that brings a link code and a typed code at once', async () => {
    const { page, device, code } = await halfway(stepgate, 'both@example.com');
    const both = {
      ...device,
      userInputCode: code,
      linkCode: 'x'.repeat(43),
      shouldTryLinkingWithSessionUser: true,
    };
    expect((await page.post('/auth/signinup/code/consume', both)).status).toBe(400);
    expect((await page.me()).status).toBe(403);
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });

  it('refuses one’s own code in another session of one’s own', async () => {
    const { page, device, code } = await halfway(stepgate, 'sessions@example.com');
    const other = stepgate.browser();
    await other.signIn('sessions@example.com', 'correct horse battery staple');
    expect((await other.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.consume(device, code)).body.status).toBe('OK');
  });
});
