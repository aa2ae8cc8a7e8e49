import { describe, expect, it } from 'vitest';
import { signUp } from '../../../shared/account/sign-up.ts';
import type { IssuedTokens } from '../../../shared/session/issue.ts';
import { PASSWORD, useStepgate } from '../../support/stepgate.ts';

const stepgate = useStepgate();

const client = { ip: '192.0.2.1', userAgent: 'test', country: '', authMode: 'header' };
const claimsOf = ({ frontToken }: IssuedTokens) => JSON.parse(Buffer.from(frontToken, 'base64').toString('utf8')).up;

/** A second passes each time somebody looks at it. */
const slowClock = () => {
  let now = Date.now();
  return { now: () => (now += 1_000) };
};

describe('signUp', () => {
  it('begins the session in the second the account was made, however long the making takes', async () => {
    const app = { ...stepgate.app(), clock: slowClock() };
    const outcome = await signUp(
      {
        tenant: (await app.tenants.get('public'))!,
        client,
        formFields: [
          { id: 'email', value: 'slow@example.com' },
          { id: 'password', value: PASSWORD },
        ],
      },
      app,
    );
    if (outcome.status !== 'OK') throw new Error(outcome.status);
    expect(claimsOf(outcome.tokens!)['st-mfa'].c).toEqual({
      emailpassword: Math.floor(outcome.user.timeJoined / 1000),
    });
  });
});
