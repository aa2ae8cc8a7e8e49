import { describe, expect, it } from 'vitest';
import { isReached } from '../../shared/mfa/rollout.ts';
import type { Browser, Mode } from '../support/browser.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

let users = 0;

describe.each<Mode>(['cookie', 'header'])('a rule’s own terms (%s mode)', (mode) => {
  const rule = (fields: object) => stepgate.tenant('public', { mfaPolicy: { rules: [{ ...ALL, ...fields }] } });
  const ALL = { id: 'all', require: ['otp-email'] };

  const someone = async (about: Parameters<typeof stepgate.user>[1] = {}) => {
    users += 1;
    const email = `person-${users}@example.com`;
    return { email, userId: await stepgate.user(email, about) };
  };
  const signedIn = async (email: string): Promise<Browser> => {
    const page = stepgate.browser(mode);
    await page.signIn(email, PASSWORD);
    return page;
  };
  /** What a sign-in owes after its password. */
  const owed = async (email: string): Promise<readonly string[]> => {
    const page = await signedIn(email);
    const { factors } = (await page.mfaInfo()).body;
    expect(page.claims()['st-mfa'].v).toBe(factors.next.length === 0);
    expect((await page.me()).status).toBe(factors.next.length === 0 ? 200 : 403);
    return factors.next;
  };

  it('unless: spares whom it means', async () => {
    await rule({ unless: "'robot' in user.roles" });
    expect(await owed((await someone({ roles: ['robot'] })).email)).toEqual([]);
    expect(await owed((await someone()).email)).toEqual(['otp-email']);
  });

  it('unless: spares nobody where it cannot be evaluated', async () => {
    await rule({ unless: "user.metadata.plan == 'free'" });
    expect(await owed((await someone({ metadata: { plan: 'free' } })).email)).toEqual([]);
    expect(await owed((await someone()).email)).toEqual(['otp-email']);
  });

  it('from: reaches people, and live sessions at their next refresh, on that day', async () => {
    await rule({ from: new Date(stepgate.clock.now() + 3_600_000).toISOString() });
    const { email } = await someone();
    const page = await signedIn(email);
    expect((await page.me()).status).toBe(200);
    stepgate.clock.advance(3_600_000);
    await page.refresh();
    expect((await page.me()).status).toBe(403);
    expect(await owed(email)).toEqual(['otp-email']);
  });

  it('rollout: asks those it reaches, the same ones at every sign-in, and more when it is raised', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => someone()));
    const asked = async (rollout: number): Promise<readonly string[]> => {
      await rule({ rollout });
      const answers = await Promise.all(people.map(async ({ email, userId }) => ({ userId, next: await owed(email) })));
      return answers.filter(({ next }) => next.length > 0).map(({ userId }) => userId);
    };
    const half = people.filter(({ userId }) => isReached(userId, 'all', 50)).map(({ userId }) => userId);
    expect(await asked(50)).toEqual(half);
    expect(await asked(50)).toEqual(half);
    expect(await asked(0)).toEqual([]);
    expect(await asked(100)).toEqual(people.map(({ userId }) => userId));
  });

  it('mode observe: asks nobody', async () => {
    await rule({ mode: 'observe' });
    expect(await owed((await someone()).email)).toEqual([]);
  });
});
