import * as v from 'valibot';
import { DEFAULT_RATE } from '../shared/policies/simulate.ts';
import { whole } from './command.ts';

/** A walk over all users must not be felt by those who sign in meanwhile. */
export const rateOption = [
  '--rate <reads>',
  `reads a second; 0: as fast as it can (default: ${DEFAULT_RATE})`,
] as const;

export const rate = v.optional(whole(0, 100_000), String(DEFAULT_RATE));
