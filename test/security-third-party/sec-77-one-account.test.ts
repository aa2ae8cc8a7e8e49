/** One identity is one account, however many sign in with it at the same time for the first time. */
import { beforeAll, expect, it } from 'vitest';
import { useHostileIdp } from '../support/hostile-idp.ts';
import { useStepgate } from '../support/stepgate.ts';
import { begin, configure, corp, finish, goodClaims } from '../support/third-party.ts';

const stepgate = useStepgate();
const idp = useHostileIdp();

beforeAll(() => configure(stepgate, 'public', { mfaPolicy: { rules: [] }, providers: [corp(idp.issuer())] }));

it('SEC-77: twenty parallel first sign-ins of one identity make one account, and all get in', async () => {
  const flows = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const page = stepgate.browser('header');
      return { page, started: await begin(page) };
    }),
  );
  const tokens = new Map(
    await Promise.all(
      flows.map(async ({ started }, i) => {
        const claims = { sub: 'crowd', email: 'crowd@example.com', email_verified: true };
        return [String(i), await idp.token(goodClaims(started, idp.issuer(), claims))] as const;
      }),
    ),
  );
  idp.on('/token', (form) => ({
    body: { access_token: 'at', token_type: 'Bearer', id_token: tokens.get(form.get('code') ?? '') },
  }));
  const answers = await Promise.all(flows.map(({ page, started }, i) => finish(page, started, { code: String(i) })));
  expect(answers.map(({ body }) => body.status)).toEqual(answers.map(() => 'OK'));
  expect(new Set(answers.map(({ body }) => body.user.id)).size).toBe(1);
  expect(answers.filter(({ body }) => body.createdNewRecipeUser === true)).toHaveLength(1);
});
