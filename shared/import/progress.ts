/** How far a run has come whose lines are done out of order. Holds what is on its way, and no more. */
export function progressOf(from: number) {
  const under = new Set<number>();
  let last = from;
  return {
    begun: (line: number): void => {
      under.add(line);
      last = Math.max(last, line);
    },
    done: (line: number): void => void under.delete(line),
    /** Every line up to this one is done. */
    upTo: (): number => (under.size === 0 ? last : Math.min(...under) - 1),
  };
}
