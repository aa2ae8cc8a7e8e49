// A code proves an address to the session that asked for it, and to no other: a session must not become complete, or
// gain an address, with a code that was sent for somebody else. @see CVE-2026-9087

import { beforeAll, describe, expect, it } from 'vitest';
import { EVERYBODY, halfway } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));

describe('SEC-24: A’s session with B’s device', () => {
  it('changes neither A nor B', async () => {
    const a = await halfway(stepgate, 'a@example.com');
    const b = await halfway(stepgate, 'b@example.com');
    const claim = a.page.claims()['st-mfa'];

    for (let i = 0; i < 6; i += 1) {
      const answer = await a.page.consume(b.device, b.code);
      expect(answer).toMatchObject({ status: 200, body: { status: 'RESTART_FLOW_ERROR' }, setCookies: [] });
    }
    expect((await a.page.mfaInfo()).body.factors).toMatchObject({
      next: ['otp-email'],
      alreadySetup: ['emailpassword'],
    });
    expect(a.page.claims()['st-mfa']).toEqual(claim);
    const user = await stepgate.app().users.load(a.userId);
    expect(user).toMatchObject({ isPrimary: false, version: 0, loginMethods: [{ recipeId: 'emailpassword' }] });
    expect(user?.loginMethods).toHaveLength(1);

    expect((await b.page.consume(b.device, b.code)).body.status).toBe('OK');
    expect((await a.page.consume(a.device, a.code)).body.status).toBe('OK');
  });

  it('is refused by B’s own second session, and by no session at all', async () => {
    const b = await halfway(stepgate, 'again@example.com');
    const nobody = stepgate.browser();
    expect((await nobody.consume(b.device, b.code)).status).toBe(401);
    const body = { ...b.device, userInputCode: b.code };
    const withoutSession = await nobody.post('/auth/signinup/code/consume', body);
    expect(withoutSession.body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect(withoutSession.setCookies).toEqual([]);
    expect((await b.page.consume(b.device, b.code)).body.status).toBe('OK');
  });
});
