import type { User } from '../account/user.ts';
import { CONTACT_NAMES, contactsOf } from './contacts.ts';
import { firstLines } from './first-lines.ts';

/** What a line repeats of an earlier line of the same file. */
export type Repeat =
  /** All of it. */
  | { readonly kind: 'whole'; readonly line: number }
  /** Its user, or something that only one user may be found by. */
  | { readonly kind: 'part'; readonly line: number; readonly reason: string };

/**
 * Holds the lines of one file against each other, whatever the table says of them, so that a dry run and a real one find
 * the same. To be asked in the order of the lines: the first of two is the one that is taken.
 */
export function repeats(most?: number) {
  const said = firstLines(most);
  let fullAt: number | undefined;
  return {
    /** @param says what the line says, as one text for one content. */
    of: (line: number, user: User, says: string): Repeat | undefined => {
      const whole = said.say(`line ${says}`, line);
      const things = [
        { name: 'id', thing: `id ${user.userId}` },
        ...contactsOf(user).map(({ kind, tenantId, value }) => ({
          name: `${CONTACT_NAMES[kind]} in tenant ${tenantId}`,
          thing: `contact ${tenantId} ${kind} ${value}`,
        })),
      ];
      const met = things.flatMap(({ name, thing }) => {
        const before = said.say(thing, line);
        return before === undefined ? [] : [{ name, before }];
      });
      if (said.isFull()) fullAt ??= line;
      if (whole !== undefined) return { kind: 'whole', line: whole };
      const first = Math.min(...met.map(({ before }) => before));
      if (met.length === 0) return undefined;
      const reason = met.map(({ name, before }) => `line ${before} has the same ${name.replace(/^(the|an|a) /, '')}`);
      return { kind: 'part', line: first, reason: `repeated: ${reason.join('; ')}` };
    },
    /** The line behind which no more is kept; undefined while there is room. */
    fullAt: (): number | undefined => fullAt,
  };
}
