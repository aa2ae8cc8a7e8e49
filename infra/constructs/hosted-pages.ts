import { join } from 'node:path';
import { Duration, Fn, Validations } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginRequestPolicy,
  PriceClass,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { EDGE_TOKEN_HEADER } from '../../shared/http/edge.ts';
import { originOf } from './api.ts';
import { apiCachePolicy, KEPT_FAILURES } from './api-cache.ts';
import { EdgeToken } from './edge-token.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { output } from './output.ts';
import { deployPages } from './pages-deployment.ts';
import { type PagesHeaders, pagesHeadersPolicy } from './pages-headers.ts';
import type { Settings } from './settings.ts';

export interface HostedPagesProps {
  /** What `buildPages` has written: `index.html`, and `assets/` whose names change with what is in them. */
  readonly directory: string;
  /** What the local run serves them with, the content security policy first. */
  readonly headers: PagesHeaders;
  /** Default: the distribution's own, `d….cloudfront.net`. */
  readonly domain?: PagesDomain | undefined;
  /** A web ACL of WAF, of scope CLOUDFRONT. An HTTP API can have none itself. */
  readonly webAclArn?: string | undefined;
  /** Refuses, with 403, public requests to the API's own address. `/admin` stays there, with IAM. */
  readonly onlyThroughCloudFront?: boolean | undefined;
  /** One more, and the distribution has another token at the next deployment. Default: 1. */
  readonly edgeTokenGeneration?: number | undefined;
}

export interface PagesDomain {
  readonly name: string;
  /** In us-east-1, wherever the stack is: CloudFront looks nowhere else. */
  readonly certificateArn: string;
}

/**
 * The pages and the API under one address: files from a bucket that nobody else reads, `/auth` and `/me` from the API.
 *
 * The API's admin routes are not behind it: their callers sign for the API's own address.
 */
export class HostedPages extends Construct {
  /** `https://…`: what browsers see, so what `PUBLIC_URL` has to be. */
  readonly url: string;
  /** What the functions have to know of the distribution. */
  readonly environment: {
    readonly EDGE_TOKEN_SHA256: string;
    readonly EDGE_ONLY: 'true' | 'false';
    readonly EDGE_COUNTRY: 'true';
  };

  constructor(scope: Construct, id: string, props: HostedPagesProps, at: { api: HttpApi; settings: Settings }) {
    super(scope, id);
    const bucket = this.#bucket(at.settings);
    const token = new EdgeToken(this, 'EdgeToken', props.edgeTokenGeneration ?? 1, at.settings);
    const api = this.#api(at.api, token);
    const distribution = this.#distribution(props, {
      defaultBehavior: this.#pages(bucket, props.headers),
      additionalBehaviors: { '/auth/*': api, '/me': api },
    });
    this.url = `https://${props.domain?.name ?? distribution.distributionDomainName}`;
    this.environment = {
      EDGE_TOKEN_SHA256: token.hashes,
      EDGE_ONLY: props.onlyThroughCloudFront === true ? 'true' : 'false',
      EDGE_COUNTRY: 'true',
    };
    deployPages(this, { directory: props.directory, bucket, settings: at.settings });
    output(this, 'PagesUrl', this.url, 'Where people sign in');
    output(this, 'DistributionDomain', distribution.distributionDomainName, 'Where a domain of yours has to point');
  }

  /** Not versioned: every file can be built again from its commit, and none but `index.html` is ever overwritten. */
  #bucket({ removalPolicy }: Settings): IBucket {
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy,
    });
    const reason = 'Only the distribution reads it, and what it holds is public: a log would say nothing.';
    Validations.of(bucket).acknowledge({ id: 'AwsSolutions-S1', reason });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- they differ only in how they spell an absent member
    return bucket as IBucket;
  }

  #pages(bucket: IBucket, headers: PagesHeaders): BehaviorOptions {
    return {
      origin: S3BucketOrigin.withOriginAccessControl(bucket),
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      // Goes by the cache-control of each file.
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      compress: true,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      responseHeadersPolicy: pagesHeadersPolicy(this, headers),
      functionAssociations: [this.#atViewerRequest('PagesFunction', 'pages')],
    };
  }

  /** Everything is passed on but `Host`, by which API Gateway would look for another API. */
  #api(api: HttpApi, token: EdgeToken): BehaviorOptions {
    return {
      // From the API's id alone: the functions get this distribution's address, so it may wait for none of them.
      origin: new HttpOrigin(Fn.select(2, Fn.split('/', originOf(api))), {
        customHeaders: { [EDGE_TOKEN_HEADER]: token.value.unsafeUnwrap() },
        readTimeout: Duration.seconds(30),
      }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: apiCachePolicy(this),
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      // A redirected POST has lost its body, and a password has been sent in the clear: better an error.
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      functionAssociations: [this.#atViewerRequest('ViewerFunction', 'viewer')],
    };
  }

  #atViewerRequest(id: string, file: string) {
    const code = FunctionCode.fromFile({ filePath: join(PACKAGE_ROOT, 'infra/edge', `${file}.js`) });
    const edgeFunction = new EdgeFunction(this, id, {
      code,
      runtime: FunctionRuntime.JS_2_0,
      comment: `Stepgate: infra/edge/${file}.js`,
    });
    return { function: edgeFunction, eventType: FunctionEventType.VIEWER_REQUEST };
  }

  #distribution(
    { domain, webAclArn }: HostedPagesProps,
    behaviors: { defaultBehavior: BehaviorOptions; additionalBehaviors: Record<string, BehaviorOptions> },
  ): Distribution {
    const distribution = new Distribution(this, 'Distribution', {
      ...behaviors,
      comment: 'Stepgate: hosted pages and the API',
      // A failure of the API is not kept either. It stays what it is: there is no page in its place.
      errorResponses: KEPT_FAILURES.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_ALL,
      ...(domain === undefined
        ? {}
        : {
            domainNames: [domain.name],
            minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
            certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
          }),
      ...(webAclArn === undefined ? {} : { webAclId: webAclArn }),
    });
    Validations.of(distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'Where people may sign in from is not for a library to say.' },
      { id: 'AwsSolutions-CFR3', reason: 'The API logs each of its requests; the rest are the same public files.' },
      ...(webAclArn === undefined
        ? [{ id: 'AwsSolutions-CFR2', reason: 'A web ACL costs from 5 dollars a month: the prop webAclArn takes one.' }]
        : []),
      ...(domain === undefined
        ? [{ id: 'AwsSolutions-CFR4', reason: "CloudFront's own certificate allows no choice; the prop domain does." }]
        : []),
    );
    return distribution;
  }
}
