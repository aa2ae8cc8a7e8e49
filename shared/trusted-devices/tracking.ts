import * as v from 'valibot';
import { MAX_DEVICES } from '../limits.ts';

const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** "Do not ask again on this device": for how many days, and on how many devices of one user. Absent: never. */
export const RememberDeviceSchema = v.strictObject({ days: whole(1, 90), max: v.optional(whole(1, 20)) });

/** How a tenant remembers devices. */
export interface DeviceTracking {
  /** How long a trusted device waives what it showed; undefined where devices are known and never trusted. */
  readonly days: number | undefined;
  /** At most so many of one user; the one that was not used for longest goes. */
  readonly max: number;
}

/**
 * Devices are remembered where they may be trusted, or where a condition or a claim reads whether they are new; nobody
 * else's sign-ins write a record or set a cookie.
 */
export function trackingOf(document: {
  readonly rememberDevice?: v.InferOutput<typeof RememberDeviceSchema> | undefined;
  readonly mfaPolicy?:
    | { readonly rules: readonly { readonly when?: string | undefined; readonly unless?: string | undefined }[] }
    | undefined;
  readonly claims?: Readonly<Record<string, string>> | undefined;
}): DeviceTracking | undefined {
  const { rememberDevice, mfaPolicy, claims } = document;
  const conditions = (mfaPolicy?.rules ?? []).flatMap(({ when = '', unless = '' }) => [when, unless]);
  const expressions = [...conditions, ...Object.values(claims ?? {})];
  const reads = expressions.some((expression) => expression.includes('isNewDevice'));
  if (rememberDevice === undefined && !reads) return undefined;
  return { days: rememberDevice?.days, max: rememberDevice?.max ?? MAX_DEVICES };
}
