/** A clock that moves only while somebody sleeps. Of those that sleep beside each other the first to wake is woken first. */
export function sleepingClock(start = 1_000_000) {
  let now = start;
  let back = 0;
  let total = 0;
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  const wakeNext = () => {
    const first = sleepers.toSorted((a, b) => a.until - b.until)[0];
    if (first === undefined) return;
    sleepers.splice(sleepers.indexOf(first), 1);
    if (first.until > now) {
      total += first.until - now;
      now = first.until;
    }
    first.wake();
  };

  return {
    clock: { now: () => now - back },
    sleep: (ms: number): Promise<void> =>
      new Promise((wake) => {
        sleepers.push({ until: now + ms, wake });
        setImmediate(wakeNext);
      }),
    /** Since it was made, whatever it was set to. */
    elapsed: () => now - start,
    slept: () => total,
    setBack: (ms: number) => {
      back += ms;
    },
  };
}
