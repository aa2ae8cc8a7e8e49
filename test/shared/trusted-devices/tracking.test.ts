import { describe, expect, it } from 'vitest';
import { parseTenant } from '../../../shared/account/parse-tenant.ts';

const rule = (when: string) => ({ mfaPolicy: { rules: [{ id: 'a', when, require: ['otp-email'] }] } });
const unless = (condition: string) => ({
  mfaPolicy: { rules: [{ id: 'a', unless: condition, require: ['otp-email'] }] },
});
const trackingOf = async (attributes: object) => (await parseTenant('acme', attributes)).devices;

describe('a tenant remembers devices', () => {
  it.each([
    ['nowhere by default', {}, undefined],
    ['not for a policy that asks other things', rule("'admin' in user.roles"), undefined],
    ['to trust them for the days it says', { rememberDevice: { days: 30 } }, { days: 30, max: 10 }],
    ['so many as it says', { rememberDevice: { days: 1, max: 2 } }, { days: 1, max: 2 }],
    ['to know them, where a rule asks whether they are new', rule('session.isNewDevice'), { days: undefined, max: 10 }],
    ['and where a rule spares by it', unless('!session.isNewDevice'), { days: undefined, max: 10 }],
    ['not for a rule that spares by other things', unless("'service' in user.roles"), undefined],
    [
      'and where only the last of several rules does',
      {
        mfaPolicy: {
          rules: [
            { id: 'a', when: "'admin' in user.roles", require: ['otp-email'] },
            { id: 'b', when: 'true', unless: '!session.isNewDevice', require: ['otp-email'] },
          ],
        },
      },
      { days: undefined, max: 10 },
    ],
    ['and where a claim does', { claims: { fresh: 'session.isNewDevice' } }, { days: undefined, max: 10 }],
  ])('%s', async (_, attributes, expected) => {
    expect(await trackingOf(attributes)).toEqual(expected);
  });

  it.each([
    [{ days: 0 }],
    [{ days: 91 }],
    [{ days: 1.5 }],
    [{ days: '30' }],
    [{}],
    [{ days: 30, max: 0 }],
    [{ days: 30, max: 21 }],
    [{ days: 30, maximum: 5 }],
    [true],
  ])('and is malformed with %j', async (rememberDevice) => {
    await expect(parseTenant('acme', { rememberDevice })).rejects.toThrow(/rememberDevice/);
  });

  it('and is malformed with a rule that is half rememberable', async () => {
    const mfaPolicy = { rules: [{ id: 'a', require: ['totp'], rememberable: 'no' }] };
    await expect(parseTenant('acme', { mfaPolicy })).rejects.toThrow(/rememberable/);
  });
});
