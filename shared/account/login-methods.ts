import type { Tenant } from './tenant.ts';

/** What a dynamic sign-in page may offer for a tenant. @see FDI /loginmethods */
export const loginMethods = ({ firstFactors, secondFactors }: Tenant) => ({
  status: 'OK' as const,
  emailPassword: { enabled: firstFactors.includes('emailpassword') },
  thirdParty: { enabled: firstFactors.includes('thirdparty'), providers: [] },
  passwordless: { enabled: secondFactors.length > 0 },
  webauthn: { enabled: false },
  firstFactors,
});
