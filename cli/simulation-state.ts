import * as v from 'valibot';
import { NOBODY, type Summary } from '../shared/policies/simulation-summary.ts';
import type { Session } from './command.ts';
import { usage } from './failure.ts';

/** What a run is about: the sums of one go on in no other. */
interface About {
  readonly tenantId: string;
  /** Hash of the policy that is tried. */
  readonly policy: string;
  /** Hash of when and where from. */
  readonly circumstances: string;
}

const Messages = v.object({ email: v.number(), sms: v.number(), smsSegments: v.number() });
const SummarySchema = v.object({
  ...v.entriesFromList(
    [
      'users',
      'disabled',
      'unreadable',
      'challengedNow',
      'challengedAfter',
      'newlyChallenged',
      'lockedOutNow',
      'lockedOut',
      'newlyLockedOut',
      'mustEnrol',
      'mustVerify',
      'mustReset',
      'linked',
      'exempt',
      'inGrace',
      'observed',
    ],
    v.number(),
  ),
  otpMessagesNow: Messages,
  otpMessages: Messages,
  otpMessagesRemembered: Messages,
});
const State = v.object({
  tenantId: v.string(),
  policy: v.string(),
  circumstances: v.string(),
  cursor: v.string(),
  summary: SummarySchema,
});

/** A summary that has members we do not keep would be counted wrongly after a break. */
const isWhole = (summary: Summary): boolean => Object.keys(summary).every((name) => name in SummarySchema.entries);
if (!isWhole(NOBODY)) throw new Error('simulation-state.ts does not keep every sum');

/**
 * Keeps in a file how far a simulation came; the file goes when it ends. Without a path it keeps nothing.
 *
 * @throws CommandFailure for the file of another run.
 */
export async function keepState(path: string | undefined, about: About, { files, terminal }: Session) {
  if (path === undefined) return { start: {}, save: async () => {}, done: async () => {} };
  const kept = await files.readIfThere(path);
  const start: Beginning = kept === undefined ? {} : beginning(path, kept, about);
  if (start.summary !== undefined) terminal.note(`Going on after ${start.summary.users} users.`);
  return {
    start,
    save: async ({ summary, cursor }: { readonly summary: Summary; readonly cursor?: string }): Promise<void> => {
      if (cursor !== undefined) await files.save(path, JSON.stringify({ ...about, cursor, summary }));
    },
    done: () => files.remove(path),
  };
}

interface Beginning {
  readonly cursor?: string;
  readonly summary?: Summary;
}

function beginning(path: string, kept: string, about: About): Beginning {
  const state = v.safeParse(v.pipe(v.string(), v.parseJson(), State), kept);
  if (!state.success) throw usage(`${path} does not hold how far a simulation came.`, 'Give another file to --state.');
  const { cursor, summary, ...of } = state.output;
  const other = of.tenantId !== about.tenantId ? 'tenant' : of.policy !== about.policy ? 'policy' : 'time or place';
  if (other === 'time or place' && of.circumstances === about.circumstances) return { cursor, summary };
  throw usage(`${path} is of a simulation of another ${other}.`, 'Give another file to --state, or remove it.');
}
