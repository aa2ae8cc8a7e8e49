import { Stack, Validations } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/**
 * Puts the built pages into the bucket: the assets first, then the document that names them.
 *
 * Nothing is deleted, so that a tab of yesterday still finds its assets. Nothing is invalidated: an asset's name changes
 * with what is in it, and the document is asked for each time.
 */
export function deployPages(
  scope: Construct,
  { directory, bucket, settings }: { directory: string; bucket: IBucket; settings: Settings },
): void {
  const { logRetention: retention, removalPolicy } = settings;
  const common = {
    sources: [Source.asset(directory)],
    destinationBucket: bucket,
    prune: false,
    memoryLimit: 256,
    logGroup: new LogGroup(scope, 'DeploymentLogs', { retention, removalPolicy }),
  };
  const assets = new BucketDeployment(scope, 'Assets', {
    ...common,
    exclude: ['*'],
    include: ['assets/*'],
    cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
  });
  const document = new BucketDeployment(scope, 'Document', {
    ...common,
    exclude: ['assets/*'],
    cacheControl: [CacheControl.fromString('no-cache')],
  });
  document.node.addDependency(assets);
  acknowledge(scope, assets);
}

/** CDK makes one function per stack for all such deployments, with rights of its own choice. */
function acknowledge(scope: Construct, deployment: BucketDeployment): void {
  const handler = Stack.of(scope).node.children.find((child) =>
    child.node.id.startsWith('Custom::CDKBucketDeployment'),
  );
  for (const of of [handler, deployment.handlerRole]) {
    if (of === undefined) continue;
    Validations.of(of).acknowledge(
      {
        id: 'AwsSolutions-IAM4',
        reason: "CDK's function, run at deployments only; the managed policy is for its logs.",
      },
      { id: 'AwsSolutions-IAM5', reason: "CDK's function: it copies from the bootstrap bucket into this one bucket." },
      { id: 'AwsSolutions-L1', reason: 'CDK says which Python its function runs on.' },
    );
  }
}
