import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What `cdk deploy` prints at its end, for people and scripts. */
export const output = (scope: Construct, id: string, value: string, description: string): CfnOutput =>
  new CfnOutput(scope, id, { value, description });
