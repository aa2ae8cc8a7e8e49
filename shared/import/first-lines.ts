import { hash, randomBytes } from 'node:crypto';

/** Of things; a user has three or four: its id, what its line says, and each contact. */
export const MOST_KEPT = 5_800_000;
const FIRST_SLOTS = 2 ** 14;
const FULL = 0.7;

/**
 * Which line of a file was the first to say something.
 *
 * Keeps 64 bits of a hash and the number of the line, in tables that double: 12 bytes a slot, so 12 MB for 100,000 users
 * and never more than 100 MB (half as much again while it grows). After 5.8 million things, a million users and a half, it
 * takes in no more and says so; what is kept is still compared. That two things share a hash is to be expected of one in a
 * million files of that size; the hash is salted by chance, so that no file can be made to have such a pair.
 */
export function firstLines(most = MOST_KEPT) {
  const salt = randomBytes(16).toString('hex');
  let slots = newSlots(FIRST_SLOTS);
  let kept = 0;

  const grown = (): typeof slots => {
    const larger = newSlots(slots.lines.length * 2);
    for (let at = 0; at < slots.lines.length; at += 1) {
      if (slots.lines[at] === 0) continue;
      const to = placeOf(larger, slots.high[at]!, slots.low[at]!);
      larger.high[to] = slots.high[at]!;
      larger.low[to] = slots.low[at]!;
      larger.lines[to] = slots.lines[at]!;
    }
    return larger;
  };

  return {
    /** @returns the line that said it first; undefined when none did, or none that is kept. */
    say: (thing: string, line: number): number | undefined => {
      const digest = hash('sha256', salt + thing, 'hex');
      const [high, low] = [Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8, 16), 16)];
      const at = placeOf(slots, high, low);
      const before = slots.lines[at]!;
      if (before !== 0) return before;
      if (kept >= most) return undefined;
      slots.high[at] = high;
      slots.low[at] = low;
      slots.lines[at] = line;
      kept += 1;
      if (kept > slots.lines.length * FULL) slots = grown();
      return undefined;
    },
    isFull: (): boolean => kept >= most,
  };
}

const newSlots = (count: number) => ({
  high: new Uint32Array(count),
  low: new Uint32Array(count),
  /** 0: free. Lines are counted from 1. */
  lines: new Uint32Array(count),
});

/** The slot that holds this hash, or the free one where it belongs. */
function placeOf({ high, low, lines }: ReturnType<typeof newSlots>, ownHigh: number, ownLow: number): number {
  const mask = lines.length - 1;
  let at = ownLow & mask;
  while (lines[at] !== 0 && !(high[at] === ownHigh && low[at] === ownLow)) at = (at + 1) & mask;
  return at;
}
