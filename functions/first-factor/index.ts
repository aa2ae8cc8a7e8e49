import {
  accountLinks,
  accounts,
  enlistingConfiguration,
  limits,
  links,
  newSessions,
  openKeys,
  runtime,
} from '../../shared/parts.ts';
import { readConfig } from '../../shared/config.ts';
import { lazyMailer } from '../../shared/delivery/lazy-mailer.ts';
import { toLambda } from '../../shared/http/lambda.ts';
import { endpoints } from './endpoints.ts';

const base = runtime(readConfig(process.env));
const keyed = { ...base, ...openKeys(base) };

export const handler = toLambda(endpoints, {
  ...keyed,
  ...enlistingConfiguration(base),
  ...accounts(keyed),
  ...accountLinks(keyed),
  ...newSessions(base),
  ...limits(keyed),
  ...links(keyed),
  mailer: lazyMailer(base.config, base.log),
});
