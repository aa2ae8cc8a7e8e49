import { publicKeys, runtime } from '../../shared/parts.ts';
import { readConfig } from '../../shared/config.ts';
import { toLambda } from '../../shared/http/lambda.ts';
import { endpoints } from './endpoints.ts';

const base = runtime(readConfig(process.env));

export const handler = toLambda(endpoints, { ...base, ...publicKeys(base) });
