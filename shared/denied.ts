/**
 * For what is done on the way and can be done by somebody else as well. The functions have every right that they use; an
 * operator's credentials need not.
 *
 * @returns undefined where they may not do it.
 */
export async function unlessDenied<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDeniedException') return undefined;
    throw error;
  }
}
