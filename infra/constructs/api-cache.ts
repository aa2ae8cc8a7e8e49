import { Duration } from 'aws-cdk-lib';
import {
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
} from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { EDGE_VIEWER_HEADER } from '../../shared/http/edge.ts';

/** What CloudFront would keep for ten seconds, whatever the answer says of itself. */
export const KEPT_FAILURES = [404, 405, 414, 500, 501, 502, 503, 504];

/**
 * Keeps nothing that does not say it may be kept, and that for a second: the public keys alone say so. It is there to
 * name the country's header: CloudFront adds its own headers beside all of a browser's, without `Host`, only where they
 * are part of what an answer is kept by, and a policy that can keep nothing may name no such part.
 *
 * What identifies a caller is part of it too, so that no answer could reach anybody but who asked.
 */
export const apiCachePolicy = (scope: Construct): CachePolicy =>
  new CachePolicy(scope, 'ApiCache', {
    comment: 'Stepgate: nothing is kept; the country of the viewer is known',
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.seconds(0),
    maxTtl: Duration.seconds(1),
    cookieBehavior: CacheCookieBehavior.all(),
    queryStringBehavior: CacheQueryStringBehavior.all(),
    headerBehavior: CacheHeaderBehavior.allowList(
      'Authorization',
      'CloudFront-Viewer-Country',
      'Origin',
      EDGE_VIEWER_HEADER,
    ),
  });
