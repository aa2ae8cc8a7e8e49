import { describe, expect, it } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import { codeField, enter, EVERYBODY, field, heading, press, somebody, useHostedPages } from './visits.ts';

describe.skipIf(noChromium !== undefined)('a remembered device', () => {
  const { run, visit } = useHostedPages({
    tenants: { week: { ...EVERYBODY, rememberDevice: { days: 7 } }, never: EVERYBODY },
  });

  it('is not asked again after the box was ticked, until it is forgotten', () =>
    visit('/sign-up?tenantId=week', async (page) => {
      const email = somebody();
      await enter(page, email);
      await page.getByLabel('Do not ask again on this device for 7 days').check();
      const first = await run().code(email);
      await codeField(page).fill(first);
      await heading(page, 'Account security');
      const again = async (): Promise<void> => {
        await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
        await field(page, 'password').waitFor();
        await enter(page, email);
      };
      await again();
      await heading(page, 'Account security');
      await page.getByRole('heading', { name: 'Remembered devices' }).waitFor();
      await press(page, 'Forget Chrome on Linux');
      await page.getByText('From now on you are asked there again.').waitFor();
      await again();
      await heading(page, 'Enter the code');
      expect(await page.getByRole('checkbox').isChecked()).toBe(false);
    }));

  it('is no offer where the tenant remembers none', () =>
    visit('/sign-up?tenantId=never', async (page) => {
      await enter(page, somebody());
      await codeField(page).waitFor();
      expect(await page.getByRole('checkbox').count()).toBe(0);
    }));
});
