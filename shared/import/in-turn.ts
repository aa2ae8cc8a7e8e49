/**
 * Lets what is begun in an order and done out of it have its say in the order in which it was begun.
 */
export function inTurn() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    /** A place behind all that were taken before. Whoever takes one must use it. */
    take: () => {
      const before = last;
      const mine = Promise.withResolvers<void>();
      last = mine.promise;
      return async <T>(say: () => T): Promise<T> => {
        await before;
        try {
          return say();
        } finally {
          mine.resolve();
        }
      };
    },
  };
}
