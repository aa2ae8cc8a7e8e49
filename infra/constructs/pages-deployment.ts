import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import { type IRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

export interface PagesDeployment {
  readonly directory: string;
  readonly bucket: IBucket;
  readonly settings: Settings;
}

/**
 * Puts the built pages into the bucket: the assets first, then the document that names them.
 *
 * Nothing is deleted, so that a tab of yesterday still finds its assets. Nothing is invalidated: an asset's name changes
 * with what is in it, and the document is asked for each time.
 */
export function deployPages(scope: Construct, { directory, bucket, settings }: PagesDeployment): void {
  const { logRetention: retention, removalPolicy } = settings;
  const logGroup = new LogGroup(scope, 'DeploymentLogs', { retention, removalPolicy });
  const files = new Asset(scope, 'Pages', { path: directory });
  const common = {
    sources: [Source.asset(directory)],
    destinationBucket: bucket,
    prune: false,
    memoryLimit: 256,
    logGroup,
    role: copyingRole(scope, files, bucket, logGroup),
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
  acknowledgeRuntime(Stack.of(scope));
}

/** CDK's function copies with these rights and none of the wide ones that CDK would give it. */
function copyingRole(scope: Construct, files: Asset, bucket: IBucket, logGroup: LogGroup): IRole {
  const grant = (actions: string[], resource: string) => new PolicyStatement({ actions, resources: [resource] });
  const statements = [
    grant(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
    grant(['s3:GetObject'], files.bucket.arnForObjects(files.s3ObjectKey)),
    grant(['s3:ListBucket'], bucket.bucketArn),
    grant(['s3:PutObject'], bucket.arnForObjects('*')),
  ];
  const role = new Role(scope, 'DeploymentRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { Declared: new PolicyDocument({ statements }) },
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a bucket's default child is its resource
  const name = Stack.of(scope).getLogicalId(bucket.node.defaultChild as CfnElement);
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${name}.Arn>/*]`,
    reason: 'It writes every file of this one bucket, whose names change with what is in them.',
  });
  return role.withoutPolicyUpdates();
}

/** One function for all such deployments of a stack, which CDK keeps beside what they are declared in. */
function acknowledgeRuntime({ node }: Stack): void {
  const reason = 'CDK says which Python its function runs on; it runs at deployments only.';
  for (const child of node.children) {
    if (!child.node.id.startsWith('Custom::CDKBucketDeployment')) continue;
    Validations.of(child).acknowledge({ id: 'AwsSolutions-L1', reason });
  }
}
