/**
 * A provider's clock and ours may be a minute apart, and no more: a token's times are compared with the service's clock.
 *
 * Why: RFC 8725.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { begin, configure, corp, finish, goodClaims } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();

beforeAll(() => configure(stepgate, 'public', { mfaPolicy: { rules: [] }, providers: [corp(idp.issuer())] }));

async function withTimes(times: { readonly iat: number; readonly exp: number; readonly nbf?: number }) {
  const page = stepgate.browser('header');
  const started = await begin(page);
  const now = Math.floor(stepgate.clock.now() / 1000);
  const shifted = Object.fromEntries(Object.entries(times).map(([name, seconds]) => [name, now + seconds]));
  const claims = { sub: 'clock', email: 'clock@example.com', ...shifted };
  idp.says(await idp.token(goodClaims(started, idp.issuer(), claims)));
  return (await finish(page, started, { code: 'c' })).body.status;
}

describe.each([
  ['as it is', 0],
  ['a minute ahead', 60_000],
  ['a minute behind', -60_000],
  ['a day ahead', 86_400_000],
])('SEC-89: with our clock %s, a token', (_, ahead) => {
  it.each([
    ['made 45 seconds from now', { iat: 45, exp: 345 }, 'OK'],
    ['made 90 seconds from now', { iat: 90, exp: 390 }, 'GENERAL_ERROR'],
    ['over for 45 seconds', { iat: -345, exp: -45 }, 'OK'],
    ['over for 90 seconds', { iat: -390, exp: -90 }, 'GENERAL_ERROR'],
    ['valid in 45 seconds', { iat: 0, nbf: 45, exp: 300 }, 'OK'],
    ['valid in 90 seconds', { iat: 0, nbf: 90, exp: 300 }, 'GENERAL_ERROR'],
  ])('%s', async (__, times, expected) => {
    stepgate.clock.advance(ahead);
    try {
      expect(await withTimes(times)).toBe(expected);
    } finally {
      stepgate.clock.advance(-ahead);
    }
  });
});
