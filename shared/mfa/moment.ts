const MOMENT = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Epoch milliseconds of `2027-01-31` (midnight UTC) or `2027-01-31T08:00:00+01:00`. A time without its offset from UTC
 * would mean another moment on another machine.
 *
 * @returns undefined when it is neither, or there is no such day.
 */
export function momentOf(text: string): number | undefined {
  const day = MOMENT.exec(text)?.[1];
  const midnight = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : moment;
}
