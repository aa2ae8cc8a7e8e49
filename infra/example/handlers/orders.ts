import middy from '@middy/core';
import { type Issuer, requireSession } from '../../../shared/protect/require-session.ts';

/** `GET /example/orders`: for everybody who is signed in as far as the policy asks. */
export const orders = (issuer: Issuer) =>
  middy()
    .use(requireSession({}, issuer))
    .handler((_, { session }) => ({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId: session.userId, orders: [{ id: 'order-1', total: '12.50' }] }),
    }));
