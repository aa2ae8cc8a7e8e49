import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { afterAll, beforeAll } from 'vitest';
import { buildFunctions } from '../../infra/build.ts';
import { stepgateApp } from '../../infra/stack.ts';
import { type Deployment, readDeployment } from './deployed/template.ts';

type Context = Readonly<Record<string, unknown>>;

export interface SynthesisedStack {
  /** From `beforeAll` on, as everything here. */
  readonly template: () => Template;
  readonly properties: (type: string) => Record<string, unknown>[];
  /** Routes and functions, with references resolved to logical ids. */
  readonly deployment: () => Deployment;
  /** The same app with another context. `Template` refuses dependency cycles, so it can be deployed in some order. */
  readonly synthesise: (context: Context) => Template;
}

const Resources = v.object({
  Resources: v.record(v.string(), v.object({ Type: v.string(), Properties: v.unknown() })),
});

/** The stack of this app, synthesised once for the file and without CloudFormation's rules, which the gate asks. */
export function useStack(context: Context): SynthesisedStack {
  let outdir: string;
  let template: Template;

  const synthesise = (given: Context): Template =>
    Template.fromStack(stepgateApp(given, { outdir, builtinCloudFormationValidation: false }).stack);
  beforeAll(async () => {
    await buildFunctions();
    outdir = await mkdtemp(join(tmpdir(), 'stepgate-stack-'));
    template = synthesise(context);
  }, 60_000);
  afterAll(() => rm(outdir, { recursive: true, force: true }));

  return {
    template: () => template,
    properties: (type) => Object.values(template.findResources(type)).map(({ Properties }) => Properties),
    deployment: () => readDeployment(v.parse(Resources, template.toJSON()), outdir, {}),
    synthesise,
  };
}
