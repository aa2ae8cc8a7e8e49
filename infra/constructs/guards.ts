import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnAuthorizer, CfnRoute, type HttpRoute, type IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { checkWants, type Wants } from '../../shared/protect/wants.ts';
import type { EndpointFunction } from './endpoint-function.ts';

/** How a route of one's own is protected in front of its function. */
export type Protection = Wants & {
  /**
   * `authorizer` (default): a Lambda authorizer, for cookies and headers and everything a route can want.
   * `jwt`: API Gateway's own, without a function or a cost, for `mfa` alone and for tokens in the header alone.
   */
  readonly by?: 'authorizer' | 'jwt';
};

/** What a customer's handler, or the authorizer's function, has to know of the service. */
export interface HandlerEnvironment {
  readonly STEPGATE_URL: string;
  readonly STEPGATE_ANTI_CSRF: string;
  /** Separated by commas; empty: none beside `STEPGATE_URL`. */
  readonly STEPGATE_ALLOWED_ORIGINS: string;
}

interface GuardsProps {
  readonly environment: HandlerEnvironment;
  /** Makes the authorizer's function. */
  readonly createFunction: (
    scope: Construct,
    id: string,
    environment: HandlerEnvironment & { readonly STEPGATE_ROUTES: string },
  ) => EndpointFunction;
  /** API Gateway asks the issuer for its configuration when a JWT authorizer is made: it has to answer by then. */
  readonly reachable: Construct;
}

/** Lambda's bound for all variables is 4 KB. */
const MAX_ROUTES_BYTES = 3_500;

/** The authorizers of one Stepgate: per API at most one of each kind, made when the first route asks for it. */
export class Guards extends Construct {
  readonly #props: GuardsProps;
  readonly #sessions = new Map<IHttpApi, { readonly id: string; readonly routes: Record<string, Wants> }>();
  readonly #jwts = new Map<IHttpApi, string>();

  constructor(scope: Construct, id: string, props: GuardsProps) {
    super(scope, id);
    this.#props = props;
  }

  /** @throws Error when the gateway's own authorizer cannot see what is wanted. */
  protect(route: HttpRoute, { by = 'authorizer', ...wants }: Protection): void {
    checkWants(wants);
    const resource = route.node.defaultChild;
    if (!(resource instanceof CfnRoute)) throw new Error(`${route.node.path} is not a route of an HTTP API.`);
    if (by === 'jwt') this.#byJwt(route.httpApi, resource, wants);
    else this.#byFunction(route.httpApi, resource, wants);
  }

  #byFunction(api: IHttpApi, route: CfnRoute, wants: Wants): void {
    const guard = this.#sessions.get(api) ?? this.#createSession(api);
    this.#sessions.set(api, guard);
    guard.routes[route.routeKey] = wants;
    route.authorizationType = 'CUSTOM';
    route.authorizerId = guard.id;
  }

  #byJwt(api: IHttpApi, route: CfnRoute, { mfa = true, ...others }: Wants): void {
    const unseen = Object.keys(others);
    if (unseen.length > 0) {
      throw new Error(`API Gateway's JWT authorizer cannot see ${unseen.join(', ')}: use by: 'authorizer'.`);
    }
    const id = this.#jwts.get(api) ?? this.#createJwt(api);
    this.#jwts.set(api, id);
    route.authorizationType = 'JWT';
    route.authorizerId = id;
    if (mfa) route.authorizationScopes = ['mfa'];
  }

  /** Results are not kept: the gateway would key them by one header that must be there, and age by minutes. */
  #createSession(api: IHttpApi): { readonly id: string; readonly routes: Record<string, Wants> } {
    const name = `Session${this.#sessions.size}`;
    const routes: Record<string, Wants> = {};
    const { lambda } = this.#props.createFunction(this, name, {
      ...this.#props.environment,
      STEPGATE_ROUTES: Lazy.string({ produce: () => written(routes) }),
    });
    const { partition, region } = Stack.of(this);
    const authorizer = new CfnAuthorizer(this, `${name}Authorizer`, {
      apiId: api.apiId,
      name: `${this.node.id}-${name}`,
      authorizerType: 'REQUEST',
      authorizerPayloadFormatVersion: '2.0',
      enableSimpleResponses: true,
      authorizerResultTtlInSeconds: 0,
      authorizerUri: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${lambda.functionArn}/invocations`,
    });
    const sourceArn = Stack.of(this).formatArn({
      service: 'execute-api',
      resource: api.apiId,
      resourceName: `authorizers/${authorizer.ref}`,
    });
    lambda.addPermission('Authorizer', { principal: new ServicePrincipal('apigateway.amazonaws.com'), sourceArn });
    return { id: authorizer.ref, routes };
  }

  /** Pending tokens are known here as well and fail for their scope: 403, on which no front end refreshes in vain. */
  #createJwt(api: IHttpApi): string {
    const url = this.#props.environment.STEPGATE_URL;
    const name = `Jwt${this.#jwts.size}`;
    const authorizer = new CfnAuthorizer(this, name, {
      apiId: api.apiId,
      name: `${this.node.id}-${name}`,
      authorizerType: 'JWT',
      identitySource: ['$request.header.Authorization'],
      jwtConfiguration: { issuer: `${url}/auth`, audience: [url, `${url}/mfa-pending`] },
    });
    authorizer.node.addDependency(this.#props.reachable);
    return authorizer.ref;
  }
}

function written(routes: Readonly<Record<string, Wants>>): string {
  const text = JSON.stringify(routes);
  if (text.length > MAX_ROUTES_BYTES) {
    throw new Error('More routes than an authorizer can know: check the session in the handlers with requireSession.');
  }
  return text;
}
