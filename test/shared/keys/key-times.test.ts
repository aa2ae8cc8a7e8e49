/** The order of events that a rotation rests on holds for every period, down to one second. */
import { assert, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { keyTimes } from '../../../shared/keys/key-times.ts';

const DAY = 86_400;
const HOUR_MS = 3_600_000;

it('has the real numbers from three days on', () => {
  expect(keyTimes({ KEY_ROTATION_SECONDS: 3 * DAY, ACCESS_TOKEN_SECONDS: 900 })).toMatchObject({
    publishMs: 24 * HOUR_MS,
    freshMs: 300_000,
    jwksMs: 300_000,
    staleMs: HOUR_MS,
    retainMs: HOUR_MS + 900_000 + 2 * HOUR_MS + 300_000,
  });
});

it('keeps the order of events at any period', () => {
  assert(
    property(
      integer({ min: 1, max: 90 * DAY }),
      integer({ min: 1, max: 900 }),
      (KEY_ROTATION_SECONDS, ACCESS_TOKEN_SECONDS) => {
        const times = keyTimes({ KEY_ROTATION_SECONDS, ACCESS_TOKEN_SECONDS });
        expect(times.freshMs + times.jwksMs).toBeLessThan(times.publishMs);
        expect(times.staleMs).toBeLessThan(times.publishMs);
        expect(times.publishMs).toBeLessThan(times.rotationMs);
        expect(times.retainMs).toBeGreaterThan(times.staleMs + ACCESS_TOKEN_SECONDS * 1_000);
        expect(times.overdueMs).toBeGreaterThan(Math.max(times.rotationMs, times.retainMs));
      },
    ),
  );
});
