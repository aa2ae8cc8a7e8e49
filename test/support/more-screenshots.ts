import type { Page } from 'playwright-core';
import { SAMPLE_PASSWORD } from '../../infra/local/landing-page.ts';
import type { LocalRun } from './local-run.ts';
import { codeAt, STEP } from './totp.ts';

/** Links, apps, backup codes, passwordless. */
export const MORE_TENANTS = {
  links: { name: 'Acme', mfaPolicy: { rules: [] }, firstFactors: ['emailpassword', 'otp-email', 'link-email'] },
  proven: { name: 'Acme', mfaPolicy: { rules: [] }, emailVerification: 'REQUIRED' },
  apps: {
    name: 'Acme',
    mfaPolicy: { rules: [{ id: 'all', require: ['totp'] }] },
    backupCodeReplaces: ['totp'],
    rememberDevice: { days: 7 },
  },
};

export interface Taking {
  readonly local: LocalRun;
  readonly open: (path: string) => Promise<Page>;
  readonly shot: (page: Page, name: string) => Promise<void>;
  readonly email: string;
}

/** What the links of mails open, and asking for them. */
export async function takeLinks({ local, open, shot, email }: Taking): Promise<void> {
  const page = await open('/passwordless?tenantId=links');
  await shot(page, 'passwordless');
  await page.locator('input[name=contact]').fill(email);
  await page.keyboard.press('Enter');
  await page.locator('input[autocomplete=one-time-code]').waitFor();
  await page.goto(await linkIn(local, email));
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await shot(page, 'magic-link');

  const proven = await open('/sign-up?tenantId=proven');
  await enter(proven, email);
  await proven.getByRole('button', { name: 'I have opened it' }).waitFor();
  await shot(proven, 'verify-email');

  const reset = await open('/reset-password?tenantId=proven');
  await shot(reset, 'reset');
  await reset.goto(`${local.origin}/reset-password?tenantId=proven&token=of-a-picture`);
  await reset.locator('input[name=password]').waitFor();
  await shot(reset, 'new-password');
  await shot(await open('/revert?tenantId=proven&token=of-a-picture'), 'revert');
  await shot(await open('/not-me?tenantId=proven&token=of-a-picture'), 'not-me');
}

/** An app from its picture to its code, and what stands in for it. */
export async function takeApps({ open, shot, email }: Taking): Promise<void> {
  const page = await open('/sign-up?tenantId=apps');
  await enter(page, email);
  await page.getByRole('img').waitFor();
  await page.evaluate("document.querySelector('.qr').decode()");
  await shot(page, 'app');
  const key = (await page.locator('.key code').innerText()).replaceAll(' ', '');
  await page.locator('input[autocomplete=one-time-code]').fill(codeAt(key, Date.now()));
  await page.getByRole('button', { name: 'Make backup codes' }).click();
  await page.getByRole('button', { name: 'I have saved them' }).waitFor();
  await shot(page, 'backup-codes');
  await page.getByRole('button', { name: 'I have saved them' }).click();
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.locator('input[name=current]').waitFor();
  await shot(page, 'password');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Change your e-mail' }).click();
  await page.locator('input[name=contact]').waitFor();
  await shot(page, 'contact');

  const again = await open('/?tenantId=apps');
  await enter(again, email);
  await again.getByRole('button', { name: /Backup code/ }).click();
  await again.locator('input[name=backup-code]').waitFor();
  await shot(again, 'backup-code');
  await again.getByRole('button', { name: 'Use another method' }).click();
  await again.getByRole('button', { name: /Authenticator app/ }).click();
  await again.locator('input[autocomplete=one-time-code]').fill(codeAt(key, Date.now() + 40 * STEP));
  await again.getByRole('alert').getByText('Attempts left').waitFor();
  await shot(again, 'app-code');
}

async function linkIn({ inbox }: LocalRun, to: string): Promise<string> {
  for (let tries = 0; tries < 200; tries += 1) {
    const [link] = /https?:\/\/\S+#\S+/.exec((await inbox(to)).at(-1)?.text ?? '') ?? [];
    if (link !== undefined) return link;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('No link arrived.');
}

export async function enter(page: Page, email: string): Promise<void> {
  await page.locator('input[name=email]').fill(email);
  await page.locator('input[name=password]').fill(SAMPLE_PASSWORD);
  await page.keyboard.press('Enter');
}
