import { hashPassword } from '../../shared/account/password.ts';
import { newAccount } from '../../shared/account/sign-up.ts';
import type { App } from '../../shared/app.ts';
import { ensureKeys } from '../../shared/dynamo/keyring.ts';
import { writeTenant } from '../../shared/admin/tenants.ts';
import { kmsEnvelope } from '../../shared/keys/kms-envelope.ts';
import type { TenantDocument } from '../../shared/account/tenant-schema.ts';

import { SAMPLE_PASSWORD } from './landing-page.ts';

const ORIGINS = ['http://localhost:3000', 'http://localhost:3001', 'http://localhost:5173'];

/** The public tenant asks admins for a code, and others when they opt in. */
const PUBLIC: TenantDocument = {
  name: 'Stepgate sample',
  allowedOrigins: ORIGINS,
  mfaPolicy: {
    rules: [
      { id: 'admins', when: "'admin' in user.roles", require: ['otp-email'] },
      { id: 'opted-in', requireFrom: 'user' },
    ],
  },
};

/** Everybody at acme is asked for a code, by mail or by text message. */
const ACME: TenantDocument = {
  name: 'Acme',
  allowedOrigins: ORIGINS,
  firstFactors: ['emailpassword', 'thirdparty'],
  requiredSecondaryFactors: ['otp-email', 'otp-phone'],
};

/** Signing keys and root secret, as the stack's `keys` function makes them. */
export const seedKeys = (app: App): Promise<unknown> =>
  ensureKeys(app.table, kmsEnvelope(app.config.KMS_KEY_ID), app.clock);

/** Keys always; sample tenants and accounts where they are not yet. Nothing that exists is changed. */
export async function seedSample(app: App): Promise<void> {
  await seedKeys(app);
  for (const [tenantId, document] of Object.entries({ public: PUBLIC, acme: ACME })) {
    if ((await app.tenantAdmin.read(tenantId)) === undefined) await writeTenant(tenantId, document, app);
  }
  const passwordHash = await hashPassword(SAMPLE_PASSWORD);
  for (const [email, roles] of [
    ['admin@example.com', ['admin']],
    ['user@example.com', []],
  ] as const) {
    const { user, method } = newAccount({
      tenant: { tenantId: 'public' },
      email,
      passwordHash,
      now: app.clock.now(),
    });
    if (!(await app.users.create(user, method))) continue;
    for (const role of roles) await app.userAdmin.setRole(user.userId, 'public', role, true);
  }
}
