import { type DoctorFinding, type FindingId, unknown } from './finding.ts';

const DENIED = /AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized/;

/** @returns what stands for a question that got no answer; the right that is missing is named where AWS names it. */
export function unanswered(id: FindingId, error: unknown): DoctorFinding {
  const name = error instanceof Error ? error.name : 'an unknown error';
  const message = error instanceof Error ? error.message : '';
  if (!DENIED.test(name)) return unknown(id, `could not be asked: ${name}`, 'Try again; see STEPGATE_DEBUG=1 where it stays.');
  const right = /perform:? ([\w-]+:\w+)/.exec(message)?.[1];
  return unknown(
    'access',
    `${id}: these credentials may not ask${right === undefined ? '' : ` (${right})`}`,
    'Use credentials with the rights of docs/cli.md, or look it up in the console.',
  );
}
