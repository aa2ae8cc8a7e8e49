/**
 * Where Stepgate is stricter than the reference by choice, and what `compat` gives back.
 *
 * The one place that knows it; each line is also a switch of its own on the tenant. @see security.md §1.10 D7
 */
export const PROFILES = {
  strict: { firstEnrolment: 'proof', endSessionsOnFactorChange: true, distinctChannels: true },
  compat: { firstEnrolment: 'open', endSessionsOnFactorChange: false, distinctChannels: false },
} as const satisfies Record<
  string,
  { firstEnrolment: 'proof' | 'open'; endSessionsOnFactorChange: boolean; distinctChannels: boolean }
>;
