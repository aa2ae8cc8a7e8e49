import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyEventV2WithLambdaAuthorizer } from 'aws-lambda';
import type { AuthorizerContext } from '../../../../shared/protect/authorizer.ts';

type Event = APIGatewayProxyEventV2WithLambdaAuthorizer<AuthorizerContext> | APIGatewayProxyEventV2WithJWTAuthorizer;

/** Behind either authorizer: holds no code of Stepgate's, and could be in any language. */
export const handler = (event: Event) => {
  const { authorizer } = event.requestContext;
  const userId = 'jwt' in authorizer ? authorizer.jwt.claims['sub'] : authorizer.lambda.userId;
  return Promise.resolve({
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId }),
  });
};
