import { Duration } from 'aws-cdk-lib';
import { HeadersFrameOption, HeadersReferrerPolicy, ResponseHeadersPolicy } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';

export type PagesHeaders = Readonly<Record<string, string>>;

/**
 * The headers that the local run serves the pages with, as a policy of CloudFront.
 *
 * CloudFront has a field of its own for each of the well-known ones, and refuses them elsewhere.
 *
 * @throws Error for a value that CloudFront has no way to say: it would be another header than the local run's.
 */
export function pagesHeadersPolicy(scope: Construct, headers: PagesHeaders): ResponseHeadersPolicy {
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const take = (name: string): string | undefined => {
    const value = given.get(name);
    given.delete(name);
    return value;
  };
  // Objects carry their own.
  take('cache-control');
  const security = {
    ...field(take('content-security-policy'), (contentSecurityPolicy) => ({
      contentSecurityPolicy: { contentSecurityPolicy, override: true },
    })),
    ...field(take('strict-transport-security'), (value) => ({
      strictTransportSecurity: { ...transportSecurity(value), override: true },
    })),
    ...field(take('x-content-type-options'), () => ({ contentTypeOptions: { override: true } })),
    ...field(take('referrer-policy'), (value) => ({
      referrerPolicy: { referrerPolicy: oneOf(HeadersReferrerPolicy, value), override: true },
    })),
    ...field(take('x-frame-options'), (value) => ({
      frameOptions: { frameOption: oneOf(HeadersFrameOption, value), override: true },
    })),
  };
  const customHeaders = [...given].map(([header, value]) => ({ header, value, override: true }));
  return new ResponseHeadersPolicy(scope, 'Headers', {
    comment: 'Stepgate: the hosted pages',
    securityHeadersBehavior: security,
    ...(customHeaders.length === 0 ? {} : { customHeadersBehavior: { customHeaders } }),
  });
}

const field = <Field>(value: string | undefined, make: (value: string) => Field): Field | undefined =>
  value === undefined ? undefined : make(value);

function transportSecurity(value: string) {
  const [, seconds, subdomains, preload] = /^max-age=(\d+)(; includeSubDomains)?(; preload)?$/i.exec(value) ?? [];
  if (seconds === undefined) throw new Error(`CloudFront cannot send strict-transport-security: ${value}`);
  return {
    accessControlMaxAge: Duration.seconds(Number(seconds)),
    includeSubdomains: subdomains !== undefined,
    preload: preload !== undefined,
  };
}

function oneOf<Value extends string>(values: Readonly<Record<string, Value>>, value: string): Value {
  const found = Object.values(values).find((each) => each.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw new Error(`CloudFront cannot send ${value}`);
  return found;
}
