import Passwordless from 'supertokens-web-js/recipe/passwordless';
import Session from 'supertokens-web-js/recipe/session';

/** A code on its way, as the SDK keeps it between pages and reloads. */
export interface Attempt {
  readonly sessionHandle: string;
  readonly factorId: string;
  /** Where the code went, as it may be shown. */
  readonly shownTo: string;
  /** The address itself where the person has just typed it: to be used again when a code has ended. */
  readonly given?: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  /** There is another method to go to. */
  readonly hasOthers: boolean;
  readonly attemptsLeft?: number;
}

/** No code lives as long; an older attempt is not gone back to. */
const LIFE_MS = 10 * 60_000;

const stored = () => Passwordless.getLoginAttemptInfo<Partial<Attempt>>();

export async function ownHandle(): Promise<string> {
  const payload: { readonly sessionHandle?: unknown } = await Session.getAccessTokenPayloadSecurely();
  return String(payload.sessionHandle);
}

/** The code that this session waits for; an attempt of another session, or one too old, is none. */
export async function openAttempt(): Promise<Attempt | undefined> {
  const info = await stored();
  if (info?.sessionHandle === undefined || info.sentAt === undefined) return undefined;
  if (info.sessionHandle !== (await ownHandle()) || Date.now() - info.sentAt > LIFE_MS) return undefined;
  const { sessionHandle, factorId = '', shownTo = '', sentAt, hasOthers = false, attemptsLeft, given } = info;
  const left = attemptsLeft === undefined ? {} : { attemptsLeft };
  return { sessionHandle, factorId, shownTo, sentAt, hasOthers, ...left, ...(given === undefined ? {} : { given }) };
}

/** Adds to what the SDK keeps, so that a reload neither sends again nor starts the countdown anew. */
export async function noteAttempt(attempt: Partial<Attempt>): Promise<void> {
  const info = await stored();
  if (info !== undefined) await Passwordless.setLoginAttemptInfo({ attemptInfo: { ...info, ...attempt } });
}
