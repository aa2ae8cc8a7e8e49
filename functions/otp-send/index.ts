import { accounts, codes, configuration, limits, openKeys, runtime } from '../../shared/parts.ts';
import { readConfig } from '../../shared/config.ts';
import { lazyTexter } from '../../shared/delivery/lazy-texter.ts';
import { lazyMailer } from '../../shared/delivery/lazy-mailer.ts';
import { sesMailer } from '../../shared/delivery/ses.ts';
import { toLambda } from '../../shared/http/lambda.ts';
import { endpoints } from './endpoints.ts';

const base = runtime(readConfig(process.env));
const keyed = { ...base, ...openKeys(base) };

export const handler = toLambda(endpoints, {
  ...keyed,
  ...configuration(base),
  ...accounts(keyed),
  ...codes(keyed),
  ...limits(keyed),
  // Nearly every call sends a mail: SES's client is there from the start, unless somebody else sends.
  mailer: (base.config.EMAIL_SENDER_ARN === '' ? sesMailer : lazyMailer)(base.config, base.log),
  texter: lazyTexter(base.config, base.log),
});
