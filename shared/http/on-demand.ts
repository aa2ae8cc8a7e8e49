/**
 * A function that is read when it is first called, and kept by the module loader.
 *
 * For what one of several endpoints does: a cold start reads what all of a function's endpoints share, and its first
 * request what that endpoint alone needs.
 */
export const onDemand =
  <Args extends readonly unknown[], Result>(load: () => Promise<(...args: Args) => Result>) =>
  async (...args: Args): Promise<Awaited<Result>> =>
    await (
      await load()
    )(...args);
