import { issuerFrom } from '../../../../shared/protect/issuer.ts';
import { payouts } from '../payouts.ts';

export const handler = payouts(issuerFrom(process.env));
