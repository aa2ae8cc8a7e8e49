/** A policy that is to be at once, met by SDKs that know nothing of it: they refresh, show the challenge, and come back. */
import { describe, expect, it, vi } from 'vitest';
import { noChromium } from '../support/chromium.ts';
import {
  askForCode,
  events,
  hasSession,
  signUp as signUpBare,
  status,
  typeCode as typeCodeBare,
} from './bare-calls.ts';
import { MODES, type Mode, useFrontEnd } from './front-end.ts';
import { EVERYBODY } from './policies.ts';
import { atHome, codeField, me, signUp, typeCode } from './screens.ts';

/** Whole walks through a browser, on a machine that may be busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ASKED = EVERYBODY.mfaPolicy;
const NOT_ASKED = { rules: [] };
/** Tokens live a quarter of an hour here: what is refreshed is refreshed because of the policy. */
const front = useFrontEnd({
  // Lets the page in where a path names no tenant.
  public: { mfaPolicy: NOT_ASKED },
  'bare-cookie': { mfaPolicy: NOT_ASKED },
  'bare-header': { mfaPolicy: NOT_ASKED },
  'prebuilt-cookie': { mfaPolicy: NOT_ASKED },
  'prebuilt-header': { mfaPolicy: NOT_ASKED },
});
const save = (kind: 'bare' | 'prebuilt', mode: Mode, mfaPolicy: object) =>
  front.run().admin('PUT', `/tenants/${kind}-${mode}/policy`, {
    mfaPolicy: { ...mfaPolicy, immediate: true },
    reason: 'a test',
  });

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-web-js 0.16.0, %s mode', (mode) => {
  it('meets an immediate policy at the next call, in both directions, and stays signed in', () =>
    front.visit('at-once-bare', mode, async ({ open, address }) => {
      const page = await open('bare', `bare-${mode}`);
      expect(await signUpBare(page, address)).toBe('OK');
      expect(await status(page)).toBe(200);
      await save('bare', mode, ASKED);
      expect(await status(page)).toBe(403);
      const seen = await events(page);
      expect(seen.filter((event) => event === 'REFRESH_SESSION')).toHaveLength(1);
      expect(seen).toContain('API_INVALID_CLAIM');
      expect(seen).not.toContain('UNAUTHORISED');
      expect(await hasSession(page)).toBe(true);
      expect(await askForCode(page, { email: address })).toBe('OK');
      expect(await typeCodeBare(page, await front.run().code(address))).toMatchObject({ status: 'OK' });
      expect(await status(page)).toBe(200);
      await save('bare', mode, NOT_ASKED);
      expect(await status(page)).toBe(200);
      expect(await hasSession(page)).toBe(true);
      expect(await events(page)).not.toContain('UNAUTHORISED');
    }));
});

describe.skipIf(noChromium !== undefined).each(MODES)('supertokens-auth-react 0.51.3, %s mode', (mode) => {
  it('leads from the page to the challenge and back at the next call where the policy is immediate', () =>
    front.visit('at-once', mode, async ({ open, address }) => {
      const page = await open('prebuilt', `prebuilt-${mode}`);
      await signUp(page, address);
      await atHome(page);
      await save('prebuilt', mode, ASKED);
      await page.getByRole('button', { name: 'Who am I' }).click();
      await codeField(page).waitFor();
      await typeCode(page, await front.run().code(address));
      await atHome(page);
      expect(await me(page)).toMatchObject({ mfa: { satisfied: true } });
    }));
});
