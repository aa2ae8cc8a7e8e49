// Two requests with one right code must not both succeed: a code read over a shoulder is worth nothing once it was
// used, and a session gains its factor once. @see OWASP ASVS 5.0 V6.5.1, V15.4.2; GHSA-44jh-23m7-hpcf

import { beforeAll, describe, expect, it } from 'vitest';
import { EVERYBODY, halfway, itemsUnder, storedSession } from '../support/otp.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
beforeAll(() => stepgate.tenant('public', EVERYBODY));

describe('SEC-03: one success per code', () => {
  it('lets one of 20 parallel requests with the right code through, and changes everything once', async () => {
    const { userId, page, device, code } = await halfway(stepgate, 'race@example.com');
    const answers = await Promise.all(Array.from({ length: 20 }, () => page.consume(device, code)));

    const statuses = answers.map(({ body }) => body.status).toSorted();
    expect(statuses).toEqual(['OK', ...Array.from({ length: 19 }, () => 'RESTART_FLOW_ERROR')]);
    expect(answers.filter(({ setCookies }) => setCookies.length > 0)).toHaveLength(1);

    const session = await storedSession(stepgate, page);
    expect(session.generation).toBe(1);
    expect(Object.keys(session.completed).toSorted()).toEqual(['emailpassword', 'otp-email']);
    expect(page.claims()['st-mfa'].c).toEqual(session.completed);

    const methods = (await itemsUnder(stepgate, `USER#${userId}`)).filter(({ recipeId }) => recipeId !== undefined);
    expect(methods.map(({ recipeId }) => recipeId).toSorted()).toEqual(['emailpassword', 'passwordless']);
    expect((await page.me()).status).toBe(200);
  });

  it('refuses a code that was used, to the browser that used it as well', async () => {
    const { page, device, code } = await halfway(stepgate, 'again@example.com');
    expect((await page.consume(device, code)).body.status).toBe('OK');
    expect((await page.consume(device, code)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
    expect((await page.resendCode(device)).body).toEqual({ status: 'RESTART_FLOW_ERROR' });
  });
});
