import { Stack, Validations } from 'aws-cdk-lib';
import {
  CfnRoute,
  CfnStage,
  HttpApi,
  HttpIntegration,
  HttpIntegrationType,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import type { Settings } from './settings.ts';

/**
 * The HTTP API, not yet reachable: `openApi` adds the stage.
 *
 * No CORS here: the gateway knows one static list for all tenants, and with one it drops the functions' own headers.
 */
export const createApi = (scope: Construct): HttpApi =>
  new HttpApi(scope, 'Api', { apiName: Stack.of(scope).stackName, description: 'Stepgate', createDefaultStage: false });

/**
 * `https://<id>.execute-api.<region>.amazonaws.com`: an origin, as `PUBLIC_URL` has to be.
 *
 * Made from the API's id and not from its stage: functions need it, routes need the functions, the stage needs the routes.
 */
export function originOf(api: HttpApi): string {
  const { region, urlSuffix } = Stack.of(api);
  return `https://${api.apiId}.execute-api.${region}.${urlSuffix}`;
}

/** A route, and whether it sends codes, which may go by text message: not a mail now and then, such as a notice. */
interface ServedRoute {
  readonly resource: CfnRoute;
  readonly sendsCodes: boolean;
}

/**
 * Sends the endpoints' routes to their function.
 *
 * Routes belong to the API and not to the function: a route that moves to another function stays the same resource,
 * where a new one would meet the old one's name. One permission covers them all: a function's policy holds 20 KB.
 */
export function serve(
  api: HttpApi,
  { lambda }: EndpointFunction,
  endpoints: readonly Endpoint[],
): readonly ServedRoute[] {
  const integration = new HttpIntegration(lambda, 'Integration', {
    httpApi: api,
    integrationType: HttpIntegrationType.AWS_PROXY,
    integrationUri: lambda.functionArn,
    payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
  });
  lambda.addPermission('Api', {
    principal: new ServicePrincipal('apigateway.amazonaws.com'),
    sourceArn: api.arnForExecuteApi('*', '/*', '*'),
  });
  return endpoints.flatMap(({ routes, caller, access }) =>
    routes.map((route) => ({
      resource: createRoute(api, integration, route, caller),
      sendsCodes: (access.send ?? []).includes('sms'),
    })),
  );
}

function createRoute(
  api: HttpApi,
  { integrationId }: HttpIntegration,
  routeKey: string,
  caller: Endpoint['caller'],
): CfnRoute {
  const route = new CfnRoute(api, routeKey, {
    apiId: api.apiId,
    routeKey,
    target: `integrations/${integrationId}`,
    authorizationType: caller === 'iam' ? 'AWS_IAM' : 'NONE',
  });
  if (caller === 'public') {
    const reason = 'Signing in is what the route is for, or the function checks the session itself.';
    Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
  }
  return route;
}

/** One line per request. Neither path, query, header nor cookie: each may carry a code, a token or an address. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  latency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
};

/** Puts the API on the net, once all of its routes are there, with throttles as the outer wall before the code's limits. */
export function openApi(scope: Construct, api: HttpApi, routes: readonly ServedRoute[], settings: Settings): CfnStage {
  const { logRetention: retention, removalPolicy, throttle, sendThrottle } = settings;
  const logGroup = new LogGroup(scope, 'AccessLogs', { retention, removalPolicy });
  const sending = routes.filter(({ sendsCodes }) => sendsCodes);
  // CDK passes this map on as it is, hence the capitals.
  const sendSettings = { ThrottlingRateLimit: sendThrottle.rateLimit, ThrottlingBurstLimit: sendThrottle.burstLimit };
  const stage = new CfnStage(scope, 'Stage', {
    apiId: api.apiId,
    stageName: '$default',
    autoDeploy: true,
    defaultRouteSettings: { throttlingRateLimit: throttle.rateLimit, throttlingBurstLimit: throttle.burstLimit },
    routeSettings: Object.fromEntries(sending.map(({ resource }) => [resource.routeKey, sendSettings])),
    accessLogSettings: { destinationArn: logGroup.logGroupArn, format: JSON.stringify(ACCESS_LOG) },
  });
  // Settings for a route that is not there yet are refused.
  stage.node.addDependency(...routes.map(({ resource }) => resource));
  return stage;
}
