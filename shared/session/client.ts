/** Where a request came from, as far as policy and fingerprints may know. */
export interface Client {
  readonly ip: string;
  readonly userAgent: string;
  readonly country: string;
  readonly authMode: string;
  /** What it shows to be recognised by, unchecked. */
  readonly devices?: readonly string[];
  /** Its user asks not to be asked again on it. */
  readonly rememberDevice?: boolean;
  /** As the browser sent it. */
  readonly acceptLanguage?: string | undefined;
}
