import { Passwordless, Session } from '../sdk.ts';

/** A code on its way, as the SDK keeps it between pages and reloads. */
export interface Attempt {
  /** Empty where it begins the session. */
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
  /** What was sent: `MAGIC_LINK` has no code to type. */
  readonly flowType: 'USER_INPUT_CODE' | 'MAGIC_LINK' | 'USER_INPUT_CODE_AND_MAGIC_LINK';
}

/** No code lives as long; an older attempt is not gone back to. */
const LIFE_MS = 10 * 60_000;

const stored = () => Passwordless.getLoginAttemptInfo<Partial<Attempt>>();

export async function ownHandle(): Promise<string> {
  const payload: { readonly sessionHandle?: unknown } = await Session.getAccessTokenPayloadSecurely();
  return String(payload.sessionHandle);
}

/** The code that this session waits for, or this browser while it has none; an attempt of another session, or one too old, is none. */
export async function openAttempt(): Promise<Attempt | undefined> {
  const info = await stored();
  if (info?.sessionHandle === undefined || info.sentAt === undefined) return undefined;
  const handle = (await Session.doesSessionExist()) ? await ownHandle() : '';
  if (info.sessionHandle !== handle || Date.now() - info.sentAt > LIFE_MS) return undefined;
  const { sessionHandle, factorId = '', shownTo = '', sentAt, hasOthers = false, attemptsLeft, given, flowType } = info;
  const left = attemptsLeft === undefined ? {} : { attemptsLeft };
  return {
    sessionHandle,
    factorId,
    shownTo,
    sentAt,
    hasOthers,
    flowType,
    ...left,
    ...(given === undefined ? {} : { given }),
  };
}

/** Adds to what the SDK keeps, so that a reload neither sends again nor starts the countdown anew. */
export async function noteAttempt(attempt: Partial<Attempt>): Promise<void> {
  const info = await stored();
  if (info !== undefined) await Passwordless.setLoginAttemptInfo({ attemptInfo: { ...info, ...attempt } });
}
