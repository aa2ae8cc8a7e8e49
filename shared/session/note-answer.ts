import type { Decided } from '../policies/decision-record.ts';
import type { SessionStore } from '../ports.ts';
import type { SessionRecord } from './session.ts';

/**
 * Leaves a record where the policy's answer about a session is another than the last time it was asked: a stricter
 * policy, a role, a change of network, or the way back. Costs no request where it is the same.
 */
export async function noteAnswer(
  { session, ...decided }: Omit<Decided, 'handle'> & { readonly session: SessionRecord },
  { sessions }: { readonly sessions: Pick<SessionStore, 'noteAnswer'> },
): Promise<void> {
  const satisfied = decided.evaluation.claim.v;
  if (session.satisfied === satisfied) return;
  const { eventOf } = await import('../policies/decision-record.ts');
  await sessions.noteAnswer({ session, satisfied, decision: eventOf({ ...decided, handle: session.handle }) });
}
