import type { APIGatewayProxyEventV2 as Event } from 'aws-lambda';
import { expect, it } from 'vitest';
import { functions } from '../../functions/index.ts';
import { toLambda } from '../../shared/http/lambda.ts';
import { useStepgate } from '../support/stepgate.ts';

const stepgate = useStepgate();

it('reads the headers of an event once, though the handler and CORS both need them', async () => {
  await stepgate.tenant('public', { allowedOrigins: ['https://app.example'] });
  let readings = 0;
  const event = {
    routeKey: 'POST /auth/signout',
    rawPath: '/auth/signout',
    get headers() {
      readings += 1;
      return { origin: 'https://app.example', rid: 'anti-csrf' };
    },
    isBase64Encoded: false,
    requestContext: { http: { method: 'POST', path: '/auth/signout', sourceIp: '192.0.2.1' }, requestId: 'r' },
  } as unknown as Event;
  const reply = await toLambda(Object.values(functions).flat(), stepgate.app())(event);
  expect(reply.headers?.['access-control-allow-origin']).toBe('https://app.example');
  expect(readings).toBe(1);
});
