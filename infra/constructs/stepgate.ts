import { Duration, Stack } from 'aws-cdk-lib';
import type { HttpApi, HttpRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { functions } from '../../functions/index.ts';
import { access as keysAccess } from '../../functions/keys/access.ts';
import { access as policiesAccess } from '../../functions/policies/access.ts';
import type { ConfigInput } from '../../shared/config.ts';
import type { Access, Endpoint } from '../../shared/http/endpoint.ts';
import type { Reach } from './access.ts';
import { createAlarms, type Watcher } from './alarms.ts';
import { createApi, openApi, originOf, serve } from './api.ts';
import { createDashboard } from './dashboard.ts';
import { EndpointFunction } from './endpoint-function.ts';
import { Guards, type HandlerEnvironment, type Protection } from './guards.ts';
import { HostedPages } from './hosted-pages.ts';
import { createMail } from './mail.ts';
import { output } from './output.ts';
import { type Settings, type StepgateProps, antiCsrfOf, environmentOf, settingsOf } from './settings.ts';
import { createKey, createTable } from './storage.ts';
import { tellOfTenants } from './tenant-changes.ts';

/**
 * The whole service: API, functions, table, key, mail, alarms and a dashboard.
 *
 * The functions come from `functions/index.ts` as they are declared there, routes and rights included; nothing here
 * names one. The bundles have to be in `dist/` (`buildFunctions`).
 */
export class Stepgate extends Construct {
  readonly api: HttpApi;
  readonly table: TableV2;
  readonly key: Key;
  /** The distribution in front, where there is one. */
  readonly hostedPages: HostedPages | undefined;
  /** What browsers see: the pages' address, `publicUrl`, or the API's own address. */
  readonly publicUrl: string;
  readonly #settings: Settings;
  readonly #reach: Reach;
  readonly #environment: ConfigInput;
  readonly #guards: Guards;

  constructor(scope: Construct, id: string, props: StepgateProps) {
    super(scope, id);
    this.#settings = settingsOf(props);
    this.api = createApi(this);
    this.table = createTable(this, this.#settings);
    this.key = createKey(this, this.#settings);
    const mail = createMail(this, this.#settings);
    this.hostedPages = this.#hostPages();
    this.publicUrl = this.hostedPages?.url ?? this.#settings.publicUrl ?? originOf(this.api);
    const { emailSender: email, smsSender: sms } = this.#settings;
    this.#reach = { table: this.table, key: this.key, mail, senders: { email, sms } };
    const deployed = {
      TABLE_NAME: this.table.tableName,
      KMS_KEY_ID: this.key.keyArn,
      PUBLIC_URL: this.publicUrl,
      SES_CONFIGURATION_SET: mail.configurationSetName,
    };
    this.#environment = environmentOf(this.#settings, deployed, this.hostedPages?.environment);
    const { stage, watchers } = this.#build();
    this.#guards = this.#createGuards(stage, watchers);
    this.#outputs();
  }

  /** What a function with `requireSession` in it has to be given. */
  get handlerEnvironment(): HandlerEnvironment {
    return {
      STEPGATE_URL: this.publicUrl,
      STEPGATE_ANTI_CSRF: antiCsrfOf(this.#settings),
      STEPGATE_ALLOWED_ORIGINS: (this.#settings.allowedOrigins ?? []).join(','),
    };
  }

  /**
   * Lets through to routes of one's own, of this API or another, only sessions that have what is wanted. Default: those
   * that satisfy the policy.
   *
   * @example auth.protect(api.addRoutes({ path: '/orders', integration }), { roles: ['clerk'] });
   */
  protect(routes: HttpRoute | readonly HttpRoute[], protection: Protection = {}): void {
    for (const route of [routes].flat()) this.#guards.protect(route, protection);
  }

  #hostPages(): HostedPages | undefined {
    const { hostedPages } = this.#settings;
    if (hostedPages === undefined) return undefined;
    return new HostedPages(this, 'HostedPages', hostedPages, { api: this.api, settings: this.#settings });
  }

  /** @returns the stage, which is there once the service answers, and what watches functions. */
  #build(): { readonly stage: Construct; readonly watchers: readonly Watcher[] } {
    const served = Object.entries<readonly Endpoint[]>(functions).map(([name, endpoints]) => {
      const access = endpoints.map((endpoint) => endpoint.access);
      const built = this.#function(name, access);
      return { name, built, routes: serve(this.api, built, endpoints) };
    });
    const keys = this.#function('keys', [keysAccess]);
    // Every tenant in one run.
    const policies = this.#function('policies', [policiesAccess], Duration.minutes(5));
    const routes = served.flatMap((each) => each.routes);
    const others = served.map((each) => each.built);
    const stage = openApi(this, this.api, routes, this.#settings);
    this.#createKeys(keys, others, stage);
    this.#rotateKeys(keys);
    this.#adoptPolicies(policies);
    tellOfTenants(this.table, policies);
    output(this, 'KeysFunction', keys.lambda.functionName, 'Rotates the signing keys: docs/operations.md, Keys');

    const scheduled = [['keys', keys] as const, ['policies', policies] as const];
    const all = new Map([...served.map(({ name, built }) => [name, built] as const), ...scheduled]);
    const watched = { api: this.api, table: this.table, functions: all };
    const watchers = [createAlarms(this, watched, this.#settings), createDashboard(this, watched)];
    return { stage, watchers };
  }

  #function(name: string, access: readonly Access[], timeout?: Duration): EndpointFunction {
    const { logRetention, removalPolicy } = this.#settings;
    const reservations: Readonly<Record<string, number | undefined>> = this.#settings.reservedConcurrency;
    return new EndpointFunction(this, name, {
      name,
      access,
      reach: this.#reach,
      environment: this.#environment,
      logRetention,
      removalPolicy,
      reservedConcurrency: reservations[name],
      timeout,
    });
  }

  #createGuards(reachable: Construct, watchers: readonly Watcher[]): Guards {
    const { logRetention, removalPolicy } = this.#settings;
    const shared = { name: 'authorizer', access: [], reach: this.#reach, logRetention, removalPolicy };
    return new Guards(this, 'Guards', {
      environment: this.handlerEnvironment,
      createFunction: (scope, id, environment) => {
        const built = new EndpointFunction(scope, id, { ...shared, environment });
        for (const watch of watchers) watch(`authorizer-${id}`, built);
        return built;
      },
      reachable,
    });
  }

  /**
   * Runs `functions/keys` while the stack is deployed: after everything else, so that its new role has got round by
   * then, and before the stage, so that no request meets a service without keys. It runs again whenever it changes,
   * and leaves keys that are there alone. If it fails, so does the deployment.
   */
  #createKeys(keys: EndpointFunction, others: readonly EndpointFunction[], stage: Construct): void {
    const trigger = new Trigger(this, 'CreateKeys', {
      handler: keys.lambda,
      executeAfter: [this.table, this.key, ...others],
    });
    trigger.executeBefore(stage);
  }

  /** Daily, and idempotent: most days nothing is due. Tried again twice by Lambda; what fails then rings `function-keys`. */
  #rotateKeys({ lambda }: EndpointFunction): void {
    const rule = new Rule(this, 'RotateKeys', {
      description: 'Stepgate: rotates signing keys that are due',
      schedule: Schedule.rate(Duration.days(1)),
    });
    rule.addTarget(new LambdaFunction(lambda, { event: RuleTargetInput.fromObject({ run: 'rotate' }) }));
  }

  /** Daily: what the stream told of and could not be looked at then, and tenants that are malformed still. */
  #adoptPolicies({ lambda }: EndpointFunction): void {
    const rule = new Rule(this, 'AdoptPolicies', {
      description: 'Stepgate: looks at every tenant',
      schedule: Schedule.rate(Duration.days(1)),
    });
    rule.addTarget(new LambdaFunction(lambda));
  }

  #outputs(): void {
    output(this, 'ApiUrl', originOf(this.api), 'Where the API answers');
    output(this, 'TableName', this.table.tableName, 'The one table');
    output(this, 'KmsKeyArn', this.key.keyArn, 'Envelopes the signing keys and the root secret');
    output(this, 'PublicUrl', this.publicUrl, 'What browsers see');
    const { EDGE_TOKEN_SHA256: _, EDGE_ONLY: __, ...settings } = this.#environment;
    output(
      this,
      'Settings',
      Stack.of(this).toJsonString(settings),
      'Of every function; the command stepgate reads them',
    );
  }
}
