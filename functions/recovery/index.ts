import {
  accountLinks,
  accounts,
  codes,
  configuration,
  limits,
  newSessions,
  openKeys,
  recovery,
  runtime,
} from '../../shared/parts.ts';
import { readConfig } from '../../shared/config.ts';
import { lazyMailer } from '../../shared/delivery/lazy-mailer.ts';
import { lazyTexter } from '../../shared/delivery/lazy-texter.ts';
import { toLambda } from '../../shared/http/lambda.ts';
import { endpoints } from './endpoints.ts';

const base = runtime(readConfig(process.env));
const keyed = { ...base, ...openKeys(base) };

export const handler = toLambda(endpoints, {
  ...keyed,
  ...configuration(base),
  ...accounts(keyed),
  ...accountLinks(keyed),
  ...newSessions(base),
  ...codes(keyed),
  ...limits(keyed),
  ...recovery(keyed),
  mailer: lazyMailer(base.config, base.log),
  texter: lazyTexter(base.config, base.log),
});
