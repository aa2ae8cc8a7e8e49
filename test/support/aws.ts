import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { pointAwsAt } from '../../shared/aws-env.ts';
import { startAws, type RunningAws } from '../../infra/local/aws.ts';
import type { Inbox } from '../../infra/local/inbox.ts';

export type TestAws = {
  /** From `beforeAll` on, as everything here. */
  readonly endpoint: () => string;
  readonly inbox: () => Inbox;
  readonly failNext: RunningAws['failNext'];
  readonly functions: () => RunningAws['functions'];
  readonly account: () => RunningAws['account'];
};

/**
 * SES, SNS, KMS and Lambda of this file's own, from `beforeAll` to `afterAll`. Points `AWS_*` at them as well, so that clients
 * made with `{}` reach them. The inbox fills up over the file: `inbox().clear()` where a test counts.
 */
export function useAws(options: { readonly masterKey?: Buffer } = {}): TestAws {
  let running: RunningAws | undefined;

  beforeAll(async () => {
    running = await startAws({ masterKey: options.masterKey ?? randomBytes(32) });
    pointAwsAt({ aws: running.endpoint }, process.env);
  });
  afterAll(() => running?.stop());

  const aws = (): RunningAws => {
    if (running === undefined) throw new Error('AWS is there from beforeAll on, not while tests are collected.');
    return running;
  };
  return {
    endpoint: () => aws().endpoint,
    inbox: () => aws().inbox,
    functions: () => aws().functions,
    account: () => aws().account,
    failNext: (service, errorName, count) => aws().failNext(service, errorName, count),
  };
}
