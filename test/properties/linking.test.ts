/** Whatever is linked and unlinked, in whatever order: every lookup points to one living method, and everybody gets in. */
import { beforeAll, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { codeSignIn, danglingIn, LINKED, passwordFor, useSocial } from '../support/linking.ts';
import { PASSWORD, useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();
const social = useSocial(stepgate);
beforeAll(() => stepgate.browser().put('/admin/tenants/public', { ...LINKED, providers: [social.provider()] }));

let runs = 0;

it('keeps the table whole', async () => {
  const mailbox = fc.constantFrom('a', 'b');
  const step = fc.oneof(
    fc.record({ do: fc.constant('social' as const), mailbox, sub: fc.constantFrom('1', '2'), link: fc.boolean() }),
    fc.record({ do: fc.constant('code' as const), mailbox }),
    fc.record({ do: fc.constantFrom('signup' as const, 'signin' as const, 'password' as const), mailbox }),
    fc.record({ do: fc.constant('unlink' as const), at: fc.nat(3) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
      const run = (runs += 1);
      const page = stepgate.browser();
      for (const one of steps) {
        const email = 'mailbox' in one ? `${one.mailbox}-${run}@example.com` : '';
        const isIn = page.claims() !== undefined;
        if (one.do === 'social') {
          const claims = { sub: `${one.sub}-${run}`, email, email_verified: true };
          await social.signIn(page, claims, one.link && isIn);
        } else if (one.do === 'code') await codeSignIn(stepgate, page, { email });
        else if (one.do === 'password') await page.signIn(email, PASSWORD);
        else if (one.do === 'unlink') {
          const { body } = await page.get('/auth/account/login-methods');
          const id = body?.loginMethods?.[one.at]?.recipeUserId;
          if (id !== undefined) await page.delete(`/auth/account/login-methods/${id}`);
        } else if (isIn) await passwordFor(page, one.do, email);
        else await page.signUp(email, PASSWORD);
      }
      expect(await danglingIn(stepgate)).toEqual([]);
      for (const name of ['a', 'b']) {
        const answer = await codeSignIn(stepgate, stepgate.browser(), { email: `${name}-${run}@example.com` });
        expect(answer.body.status).toBe('OK');
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);
