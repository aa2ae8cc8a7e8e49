/** What answers with promises alone can be there before it has been read. */
type Asynchronous<Store> = { readonly [Name in keyof Store]: (...args: never[]) => Promise<unknown> };

/**
 * A store that is read and made when a request first asks it for something.
 *
 * For stores that few requests need: a cold start does without them. What fails while one is read fails that call, and
 * the next call tries again.
 */
export function onFirstUse<Store extends object & Asynchronous<Store>>(make: () => Promise<Store>): Store {
  let made: Store | undefined;
  const call =
    (name: string) =>
    async (...args: readonly unknown[]): Promise<unknown> => {
      made ??= await make();
      const method: unknown = Reflect.get(made, name);
      if (typeof method !== 'function') throw new TypeError(`the store has no ${name}`);
      const answer: unknown = await Reflect.apply(method, made, args);
      return answer;
    };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever it is asked for comes from the store
  return new Proxy({} as Store, {
    // A promise is what has a `then`: a store that is awaited by the way is none.
    get: (_, name) => (typeof name === 'symbol' || name === 'then' ? undefined : call(name)),
    // What it can do is not known before it is read, so that a copy would be able to do nothing.
    ownKeys: () => {
      throw new TypeError('a store that is read on first use cannot be spread: see overriding');
    },
  });
}

/** The same store, but for some of its methods: also of one that has not been read yet. */
export const overriding = <Store extends object>(store: Store, changed: Partial<Store>): Store =>
  new Proxy(store, {
    get: (own, name): unknown => Reflect.get(Object.hasOwn(changed, name) ? changed : own, name),
  });
