/** A user's unused backup codes, as they are kept. */
export interface BackupCodes {
  /** MACs of the codes; the codes themselves are stored nowhere. */
  readonly macs: readonly string[];
  /** Which root secret made them. */
  readonly kid: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}
