/** What SES and SNS say of the account: by default one that is ready for everybody. Tests change it. */
export interface LocalAccount {
  mailProduction: boolean;
  mailEnabled: boolean;
  mailEnforcement: 'HEALTHY' | 'PROBATION' | 'SHUTDOWN';
  mailsPerDay: number;
  mailsSent: number;
  /** By domain or address; absent: SES does not know it. Undefined as a whole: it knows every one. */
  identities: Readonly<Record<string, { readonly verified: boolean; readonly dkim: string }>> | undefined;
  suppressedReasons: readonly string[];
  suppressed: readonly string[];
  smsSandbox: boolean;
  /** US dollars; undefined: never set. */
  smsMonthlySpend: number | undefined;
  originationNumbers: readonly { readonly country: string; readonly status: string }[];
  keyState: string;
}

export const readyAccount = (): LocalAccount => ({
  mailProduction: true,
  mailEnabled: true,
  mailEnforcement: 'HEALTHY',
  mailsPerDay: 50_000,
  mailsSent: 0,
  identities: undefined,
  suppressedReasons: ['BOUNCE', 'COMPLAINT'],
  suppressed: [],
  smsSandbox: false,
  smsMonthlySpend: 10_000,
  originationNumbers: [],
  keyState: 'Enabled',
});
