import { join } from 'node:path';
import * as v from 'valibot';

/** The parts of a synthesised template that a gateway needs, with every intrinsic resolved. */

export interface DeployedFunction {
  /** Logical id. */
  readonly name: string;
  /** Where the bundle lies that would be uploaded. */
  readonly directory: string;
  readonly handler: string;
  readonly memory: number;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface DeployedRoute {
  readonly routeKey: string;
  readonly iam: boolean;
  /** Logical id of the function. */
  readonly target: string;
}

export interface Deployment {
  readonly functions: Readonly<Record<string, DeployedFunction>>;
  readonly routes: readonly DeployedRoute[];
  /** Functions that the deployment itself runs, in order. */
  readonly triggers: readonly string[];
}

export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: unknown }>>;
}

/** What a resource is called once it is there: by type, and `Type.Attribute` for `Fn::GetAtt`. Its logical id otherwise. */
export type Values = Readonly<Record<string, string>>;

const Function = v.object({
  Code: v.object({ S3Key: v.string() }),
  Handler: v.string(),
  MemorySize: v.number(),
  Timeout: v.number(),
  Environment: v.optional(v.object({ Variables: v.record(v.string(), v.string()) }), { Variables: {} }),
});
const Route = v.object({ RouteKey: v.string(), AuthorizationType: v.string(), Target: v.string() });
const Integration = v.object({ IntegrationUri: v.string() });
const Version = v.object({ FunctionName: v.string() });
const Trigger = v.object({ HandlerArn: v.string() });

/** @param assembly directory that the app was synthesised into. */
export function readDeployment(template: Template, assembly: string, values: Values): Deployment {
  const resolve = resolver(template, values);
  const properties = (id: string) => resolve(template.Resources[id]?.Properties);
  const all = <const Schema extends v.GenericSchema>(type: string, schema: Schema) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id]) => [id, v.parse(schema, properties(id))] as const);
  return {
    functions: Object.fromEntries(
      all('AWS::Lambda::Function', Function).map(([id, found]) => [id, describe(id, found, assembly)]),
    ),
    routes: all('AWS::ApiGatewayV2::Route', Route).map(([, { RouteKey, AuthorizationType, Target }]) => ({
      routeKey: RouteKey,
      iam: AuthorizationType === 'AWS_IAM',
      target: idOf(v.parse(Integration, properties(Target.replace('integrations/', ''))).IntegrationUri),
    })),
    triggers: all('Custom::Trigger', Trigger).map(
      ([, { HandlerArn }]) => v.parse(Version, properties(HandlerArn)).FunctionName,
    ),
  };
}

const describe = (name: string, found: v.InferOutput<typeof Function>, assembly: string): DeployedFunction => ({
  name,
  directory: join(assembly, `asset.${found.Code.S3Key.replace('.zip', '')}`),
  handler: found.Handler,
  memory: found.MemorySize,
  timeoutMs: found.Timeout * 1000,
  env: found.Environment.Variables,
});

const arnOf = (id: string, attribute: string): string => `arn:local:${id}:${attribute}`;
const idOf = (arn: string): string => arn.split(':')[2]!;

/** `Ref`, `Fn::GetAtt`, `Fn::Join` and `Fn::Sub` of this template; anything else is an error, not a guess. */
function resolver({ Resources }: Template, values: Values): (node: unknown) => unknown {
  const reference = (name: string): string => {
    const [id = '', attribute] = name.split('.');
    const type = Resources[id]?.Type ?? id;
    const value = values[attribute === undefined ? type : `${type}.${attribute}`];
    return value ?? (attribute === undefined ? id : arnOf(id, attribute));
  };
  const resolve = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(resolve);
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node);
    const [name = '', argument] = entries[0] ?? [];
    if (entries.length === 1 && /^(Ref|Fn::.*)$/.test(name)) return call(name, resolve(argument));
    return Object.fromEntries(entries.map(([key, value]) => [key, resolve(value)]));
  };
  const call = (name: string, argument: unknown): string => {
    switch (name) {
      case 'Ref':
        return reference(v.parse(v.string(), argument));
      case 'Fn::GetAtt':
        return reference(v.parse(v.array(v.string()), argument).join('.'));
      case 'Fn::Join': {
        const [separator, parts] = v.parse(v.tuple([v.string(), v.array(v.string())]), argument);
        return parts.join(separator);
      }
      case 'Fn::Sub':
        return v.parse(v.string(), argument).replaceAll(/\$\{([^}]+)\}/g, (_, variable) => reference(variable));
      default:
        throw new Error(`the local gateway does not know ${name}`);
    }
  };
  return resolve;
}
