/** One authenticator app of a user. */
export interface TotpDevice {
  /** Chosen by the user, or numbered; unique among the user's devices. */
  readonly name: string;
  /** The seed, sealed under the root secret and bound to user and name. */
  readonly sealedSeed: string;
  /** Which root secret sealed it. */
  readonly kid: string;
  /** Seconds of a time step, as the app was told when it was enrolled. */
  readonly period: number;
  /** It has shown a code; before that it counts for nothing. */
  readonly verified: boolean;
  /** The newest time step whose code was accepted; no code of it or of an earlier one is good any more. */
  readonly lastStep: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}
