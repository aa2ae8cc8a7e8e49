import { issuerFrom } from '../../../../shared/protect/issuer.ts';
import { orders } from '../orders.ts';

export const handler = orders(issuerFrom(process.env));
