import type * as Jose from './jose.ts';

let loading: Promise<typeof Jose> | undefined;

/**
 * jose, read with the first token or key and kept.
 *
 * A cold start does without it: the first request reads it while it waits for the keys themselves.
 */
export const jose = (): Promise<typeof Jose> => (loading ??= import('./jose.ts'));
