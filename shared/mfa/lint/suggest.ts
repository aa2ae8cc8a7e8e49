import { distance } from 'fastest-levenshtein';

/**
 * The candidate that was probably meant: at most a third of it, and never more than three letters, is written otherwise.
 *
 * Case and the marks between words do not count, so that `OTP_Email` is `otp-email`.
 */
export function closest(written: string, candidates: readonly string[]): string | undefined {
  const plain = bare(written);
  const ranked = candidates
    .map((candidate) => ({ candidate, apart: distance(plain, bare(candidate)) }))
    .filter(({ candidate, apart }) => apart <= Math.min(3, Math.ceil(bare(candidate).length / 3)))
    .toSorted((one, other) => one.apart - other.apart);
  return ranked[0]?.candidate;
}

const bare = (text: string): string => text.toLowerCase().replace(/[\s_-]+/g, '');
