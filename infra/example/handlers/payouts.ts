import middy from '@middy/core';
import { type Issuer, requireSession } from '../../../shared/protect/require-session.ts';

/** Seconds: a code typed in longer ago does not open a payout. */
const FRESH = 300;

/** `POST /example/payouts`: sensitive. Who signed in earlier types a code again. */
export const payouts = (issuer: Issuer) =>
  middy()
    .use(requireSession({ maxAge: FRESH }, issuer))
    .handler((_, { session }) => ({
      statusCode: 201,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId: session.userId, payout: 'accepted' }),
    }));
