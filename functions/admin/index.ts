import { accounts, administration, openKeys, runtime, sessions } from '../../shared/parts.ts';
import { readConfig } from '../../shared/config.ts';
import { toLambda } from '../../shared/http/lambda.ts';
import { endpoints } from './endpoints.ts';

const base = runtime(readConfig(process.env));
const keyed = { ...base, ...openKeys(base) };

export const handler = toLambda(endpoints, {
  ...keyed,
  ...accounts(keyed),
  ...sessions(base),
  ...administration(keyed),
});
