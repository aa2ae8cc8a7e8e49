/**
 * What `node:timers` becomes in a bundle (see `infra/build.ts`): the same function, as everybody has it.
 *
 * middy imports that module for it, and an import makes all that the module exports, `timers/promises` among them: 0.4 ms
 * of every cold start.
 */
export const { setTimeout } = globalThis;
